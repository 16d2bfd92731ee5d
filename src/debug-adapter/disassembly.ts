import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Decoder, Formatter } from "iced-x86";
import { boolean, integer, object, optional, string } from "./check.ts";
import type { Handlers } from "./requests.ts";
import type { SessionState } from "./session-state.ts";

/** No instruction of x86 is longer. */
const LONGEST = 15;
const MOST = 4096;

const disassembleArguments = object({
  memoryReference: string,
  offset: optional(integer()),
  instructionOffset: optional(integer(-MOST, MOST)),
  instructionCount: integer(0, MOST),
  resolveSymbols: optional(boolean),
});

type Instruction = DebugProtocol.DisassembledInstruction;

export const disassembly: Handlers = {
  async disassemble(args, { session }) {
    const given = disassembleArguments(args, "disassemble");
    session.stopped("disassemble");
    const { memoryReference, offset = 0, instructionOffset = 0, instructionCount } = given;
    const before = Math.max(0, -instructionOffset);
    const first = Math.max(0, instructionOffset);
    const code = await read(session, memoryReference, offset, 0, (first + instructionCount) * LONGEST);
    const earlier =
      before === 0 ? undefined : await read(session, memoryReference, offset, -before * LONGEST, before * LONGEST);
    const x86 = await import("iced-x86");
    const formatter = new x86.Formatter(x86.FormatterSyntax.Gas);
    try {
      const decode = (bytes: Uint8Array, address: number) => decodeAll(x86.Decoder, formatter, bytes, address);
      const behind = decode(code.bytes, code.address).slice(first, first + instructionCount);
      const ahead = earlier === undefined ? [] : backwards(decode, earlier, code.address).slice(-before);
      const missing = before - ahead.length;
      const all = [
        ...invalid(missing, (ahead[0] === undefined ? code.address : Number(ahead[0].address)) - missing),
        ...ahead,
        ...behind,
      ].slice(0, instructionCount);
      const end = code.address + code.bytes.length;
      return { instructions: [...all, ...invalid(instructionCount - all.length, end)] };
    } finally {
      formatter.free();
    }
  },
};

interface Code {
  readonly address: number;
  readonly bytes: Uint8Array;
}

async function read(
  session: SessionState,
  memoryReference: string,
  base: number,
  from: number,
  count: number,
): Promise<Code> {
  const { address, bytes } = await session.ask("readMemory", { memoryReference, offset: base + from, count });
  return { address, bytes };
}

type Decode = (bytes: Uint8Array, address: number) => Instruction[];

/**
 * The instructions in front of an address. Where they begin cannot be told from the bytes; decoding from a wrong place
 * falls into step after a few instructions, so the start is taken whose instructions end at the address.
 */
function backwards(decode: Decode, { address, bytes }: Code, end: number): Instruction[] {
  if (address + bytes.length !== end) return [];
  let best: Instruction[] = [];
  for (let skip = 0; skip < Math.min(LONGEST, bytes.length); skip++) {
    const found = decode(bytes.subarray(skip), address + skip);
    const last = found.at(-1);
    const hits = last !== undefined && Number(last.address) + (last.instructionBytes?.split(" ").length ?? 0) === end;
    if (hits && last.presentationHint === undefined && found.length > best.length) best = found;
  }
  return best;
}

function decodeAll(Type: typeof Decoder, formatter: Formatter, bytes: Uint8Array, address: number): Instruction[] {
  const decoder = new Type(32, bytes, 0);
  decoder.ip = BigInt(address);
  const found: Instruction[] = [];
  while (decoder.canDecode) {
    const at = decoder.position;
    const instruction = decoder.decode();
    const text = formatter.format(instruction);
    const isInvalid = instruction.code === 0;
    instruction.free();
    found.push({
      address: hex(address + at),
      instructionBytes: [...bytes.subarray(at, decoder.position)]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join(" "),
      instruction: text,
      ...(isInvalid ? { presentationHint: "invalid" as const } : {}),
    });
  }
  decoder.free();
  return found;
}

/** A client needs as many instructions as it has asked for. */
function invalid(count: number, address: number): Instruction[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({
    address: hex(Math.max(0, address + index)),
    instruction: "(no memory)",
    presentationHint: "invalid" as const,
  }));
}

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;
