import { translate } from "../guest/stack/page-tables.ts";
import type { ReadMemoryAnswer, ReadMemoryRequest, WriteMemoryRequest } from "../protocol/looking.ts";
import { MAX_MEMORY_BYTES } from "../protocol/looking.ts";
import { DebugError, type DebugTarget } from "./target.ts";

const SPACES = ["guest", "linear", "service"] as const;
export type MemorySpace = (typeof SPACES)[number];

export interface MemoryAddress {
  readonly space: MemorySpace;
  readonly address: number;
}

const PAGE = 4096;
const LINEAR_END = 2 ** 32;

/** Parses `guest:0x1000` and a plain number, which means guest-physical. */
export function parseMemoryReference(reference: string): MemoryAddress {
  const match = /^(?:(guest|linear|service):)?(0x[0-9a-f]{1,13}|\d{1,15})$/i.exec(reference.trim());
  if (match === null) {
    throw new DebugError(
      `"${reference}" is no memory reference; expected guest:0x…, linear:0x…, service:0x… or a number`,
    );
  }
  return { space: (match[1]?.toLowerCase() ?? "guest") as MemorySpace, address: Number(match[2]) };
}

function placed(reference: string, offset = 0): MemoryAddress {
  const { space, address } = parseMemoryReference(reference);
  if (!Number.isSafeInteger(offset)) throw new DebugError(`an offset of ${offset}`);
  return { space, address: address + offset };
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 0 || count > MAX_MEMORY_BYTES) {
    throw new DebugError(`${count} bytes asked; 0 to ${MAX_MEMORY_BYTES} at a time are possible`);
  }
}

/** Reads up to the first byte that is not there. */
export function readMemory(target: DebugTarget, request: ReadMemoryRequest): ReadMemoryAnswer {
  const { space, address } = placed(request.memoryReference, request.offset);
  checkCount(request.count);
  const bytes = new Uint8Array(request.count);
  let done = 0;
  for (const piece of pieces(target, space, address, request.count)) {
    bytes.set(piece, done);
    done += piece.length;
  }
  return { address, bytes: bytes.subarray(0, done), unreadable: request.count - done };
}

/** Writes everything or, when a byte of it is not there, nothing. */
export function writeMemory(target: DebugTarget, request: WriteMemoryRequest): number {
  const { space, address } = placed(request.memoryReference, request.offset);
  if (!(request.bytes instanceof Uint8Array)) throw new DebugError("the bytes to write are missing");
  const { length } = request.bytes;
  checkCount(length);
  const places = pieces(target, space, address, length);
  const room = places.reduce((sum, piece) => sum + piece.length, 0);
  if (room < length)
    throw new DebugError(`${space}:0x${address.toString(16)}: ${length} bytes do not fit, ${room} are there`);
  let done = 0;
  for (const piece of places) {
    piece.set(request.bytes.subarray(done, done + piece.length));
    done += piece.length;
  }
  return length;
}

/** The bytes themselves, as far as they are there. */
export function pieces(target: DebugTarget, space: MemorySpace, address: number, count: number): Uint8Array[] {
  if (address < 0) return [];
  if (space === "linear") return linearPieces(target, address, count);
  const bytes = space === "guest" ? target.memory.bytes : target.hypervisor.serviceVmMemory.bytes;
  return address >= bytes.length || count === 0
    ? []
    : [bytes.subarray(address, Math.min(address + count, bytes.length))];
}

/** By the page tables of the first CPU: the kernel's part of them is the same in all. */
function linearPieces({ cpus: [cpu], memory }: DebugTarget, address: number, count: number): Uint8Array[] {
  if (cpu === undefined) throw new DebugError("this guest has no CPU whose page tables could be read");
  const found: Uint8Array[] = [];
  const paging = cpu.cpuState;
  for (let at = address; at < address + count; ) {
    const length = Math.min(PAGE - (at % PAGE), address + count - at);
    const physical = at >= LINEAR_END ? undefined : translate(memory, paging, at);
    if (physical === undefined || physical + length > memory.size) break;
    found.push(memory.bytes.subarray(physical, physical + length));
    at += length;
  }
  return found;
}
