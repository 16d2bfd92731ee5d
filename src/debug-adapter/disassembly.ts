import type { DebugProtocol } from "@vscode/debugprotocol";
import { hex, hexBytes } from "../shared/hex.ts";
import { boolean, integer, object, optional, string } from "./check.ts";
import { LONGEST, startsBefore } from "./instruction-starts.ts";
import type { Handlers } from "./requests.ts";

/** Instructions that are looked for on either side of the address, and that are answered at a time. */
const MOST = 4096;
const PAGE = 4096;

const disassembleArguments = object({
  memoryReference: string,
  offset: optional(integer()),
  instructionOffset: optional(integer()),
  instructionCount: integer(0, MOST),
  resolveSymbols: optional(boolean),
});

type Instruction = DebugProtocol.DisassembledInstruction;
type Iced = typeof import("iced-x86");

export const disassembly = {
  async disassemble(args, { session }) {
    const given = disassembleArguments(args, "disassemble");
    session.stopped("disassemble");
    const { memoryReference, offset = 0, instructionOffset: from = 0, instructionCount } = given;
    const memory: Memory = (at, count) => session.ask("readMemory", { memoryReference, offset: offset + at, count });
    // Instructions are counted from the address on: 0 is the one there, -1 the one in front of it.
    const to = from + instructionCount;
    const skipped = Math.max(0, from);
    const forwards = skipped > MOST ? 0 : Math.max(0, to - skipped);
    const backwards = to <= -MOST ? 0 : Math.min(Math.max(0, -from), MOST);
    const code = await memory(0, forwards === 0 ? 0 : (skipped + forwards) * LONGEST);
    const earlier = await inFront(memory, code.address, backwards * LONGEST);
    const x86 = await import("iced-x86");
    const base = code.address - earlier.length;
    const starts = backwards === 0 ? [] : findStarts(x86, earlier).slice(-backwards);
    const { length } = starts;
    const known = starts.slice(Math.max(0, length + from), Math.max(0, length + to));
    const first = known[0] ?? 0;
    const all = [
      ...invalid(Math.min(instructionCount, -length - from), base + (starts[0] ?? earlier.length) + length + from),
      ...decode(x86, earlier.subarray(first), base + first, 0, known.length),
      ...decode(x86, code.bytes, code.address, skipped, forwards),
    ];
    const end = code.address + Math.max(code.bytes.length, skipped);
    return { instructions: [...all, ...invalid(instructionCount - all.length, end)] };
  },
} satisfies Handlers;

/** Reads from there on, counted from the address. */
type Memory = (from: number, count: number) => Promise<{ readonly address: number; readonly bytes: Uint8Array }>;

/** Up to `count` bytes that end at the address, as far as there are any without a hole; holes are of whole pages. */
async function inFront(memory: Memory, address: number, count: number): Promise<Uint8Array> {
  const pages: Uint8Array[] = [];
  const low = Math.max(0, address - count);
  for (let end = address; end > low; ) {
    const start = Math.max(low, end - 1 - ((end - 1) % PAGE));
    const { bytes } = await memory(start - address, end - start);
    if (bytes.length < end - start) break;
    pages.unshift(bytes);
    end = start;
  }
  return Buffer.concat(pages);
}

function findStarts(x86: Iced, bytes: Uint8Array): number[] {
  const decoder = new x86.Decoder(32, bytes, 0);
  const instruction = new x86.Instruction();
  const lengthAt = (place: number): number => {
    decoder.position = place;
    decoder.decodeOut(instruction);
    const length = decoder.position - place;
    return instruction.code === x86.Code.INVALID ? -length : length;
  };
  try {
    return startsBefore(bytes.length, lengthAt);
  } finally {
    instruction.free();
    decoder.free();
  }
}

/** At most `count` instructions, after `skipped` others that begin with the bytes. */
function decode(x86: Iced, bytes: Uint8Array, address: number, skipped: number, count: number): Instruction[] {
  if (count === 0) return [];
  const decoder = new x86.Decoder(32, bytes, 0);
  const formatter = new x86.Formatter(x86.FormatterSyntax.Gas);
  const instruction = new x86.Instruction();
  const found: Instruction[] = [];
  decoder.ip = BigInt(address);
  try {
    for (let i = 0; i < skipped + count && decoder.canDecode; i++) {
      const at = decoder.position;
      decoder.decodeOut(instruction);
      if (i < skipped) continue;
      found.push({
        address: hex(address + at, 8),
        instructionBytes: hexBytes(bytes.subarray(at, decoder.position)),
        instruction: formatter.format(instruction),
        ...(instruction.code === x86.Code.INVALID ? { presentationHint: "invalid" as const } : {}),
      });
    }
    return found;
  } finally {
    instruction.free();
    formatter.free();
    decoder.free();
  }
}

/** A client needs as many instructions as it has asked for. */
function invalid(count: number, address: number): Instruction[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({
    address: hex(Math.max(0, address + index), 8),
    instruction: "(no memory)",
    presentationHint: "invalid" as const,
  }));
}
