import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ReadMemoryAnswer, ReadMemoryRequest } from "../model/protocol/debug.ts";
import { disassembly } from "./disassembly.ts";
import type { Call } from "./requests.ts";
import type { SessionState } from "./session-state.ts";

/** nop; mov %eax,%ebx; add $1,%eax; lea 0(%esi,%eiz,1),%esi */
const CODE = [0x90, 0x89, 0xc3, 0x83, 0xc0, 0x01, 0x8d, 0xb4, 0x26, 0, 0, 0, 0];
const IN_A_ROUND = 4;

/** Memory from `start` on, full of that code; `read` counts the bytes that were asked for. */
function memory(start: number, size: number) {
  const bytes = Uint8Array.from({ length: size }, (_, i) => CODE[i % CODE.length]);
  const seen = { read: 0 };
  const readMemory = ({ memoryReference, offset = 0, count }: ReadMemoryRequest): ReadMemoryAnswer => {
    const address = Number(memoryReference) + offset;
    const found = address < start ? bytes.subarray(0, 0) : bytes.subarray(address - start, address - start + count);
    seen.read += count;
    return { address, bytes: found, unreadable: count - found.length };
  };
  const session = { stopped: () => {}, ask: async (_: string, request: ReadMemoryRequest) => readMemory(request) };
  const disassemble = async (args: object): Promise<DebugProtocol.DisassembledInstruction[]> => {
    const call = { session: session as unknown as SessionState } as Call;
    const body = await disassembly.disassemble({ ...args }, call);
    return (body as { instructions: DebugProtocol.DisassembledInstruction[] }).instructions;
  };
  return { seen, disassemble };
}

const address = ({ address: text }: { address: string }): number => Number(text);
const isInvalid = ({ presentationHint }: DebugProtocol.DisassembledInstruction): boolean =>
  presentationHint === "invalid";

test("instructions around an address, in their order", async () => {
  const { disassemble } = memory(0x1000, 0x1000);
  const at = 0x1000 + 20 * CODE.length;
  const found = await disassemble({ memoryReference: `${at}`, instructionOffset: -2, instructionCount: 4 });
  assert.deepEqual(
    found.map((item) => [address(item) - at, item.instructionBytes]),
    [
      [-10, "83 c0 01"],
      [-7, "8d b4 26 00 00 00 00"],
      [0, "90"],
      [1, "89 c3"],
    ],
  );
});

test("as many as were asked for, however far away: what is not there is invalid, addresses rise", async () => {
  const { disassemble, seen } = memory(0, 0x1_0000);
  const at = 1000 * CODE.length;
  for (const instructionOffset of [-4096, -4000, -3999, -50, 0, 4096, -100_000, 1_000_000]) {
    for (const instructionCount of [0, 1, 50, 4096]) {
      seen.read = 0;
      const found = await disassemble({ memoryReference: `${at}`, instructionOffset, instructionCount });
      assert.equal(found.length, instructionCount);
      assert.ok(seen.read <= 3 * 4096 * 15, `${seen.read} bytes read`);
      const valid = found.filter((item) => !isInvalid(item));
      for (const [index, item] of valid.entries()) {
        if (index > 0) assert.ok(address(item) > address(valid[index - 1]));
        assert.ok(address(item) % CODE.length <= 6);
      }
      if (instructionOffset === -4000 && instructionCount === 50) assert.equal(valid.length, 50);
      if (Math.abs(instructionOffset) >= 100_000) assert.equal(valid.length, 0);
    }
  }
});

test("code close behind the beginning of memory, or behind a hole", async () => {
  for (const start of [0, 0x3000, 0x3008]) {
    const { disassemble } = memory(start, 0x4000);
    const at = start + 3 * CODE.length;
    const found = await disassemble({ memoryReference: `${at}`, instructionOffset: -50, instructionCount: 52 });
    const valid = found.filter((item) => !isInvalid(item));
    // Code does not go on over a hole; where it begins is a page's start.
    const expected = start === 0x3008 ? [] : [start];
    assert.equal(found.length, 52);
    assert.deepEqual(valid.slice(0, expected.length).map(address), expected);
    assert.equal(valid.length, start === 0x3008 ? 2 : 3 * IN_A_ROUND + 2);
    assert.equal(address(found[50]), at);
  }
});

test("the largest request backwards is answered in full", async () => {
  const { disassemble } = memory(0, 0x10_0000);
  const at = CODE.length * 40_000;
  const args = { memoryReference: `${at}`, instructionOffset: -4096, instructionCount: 4096 };
  const found = await disassemble(args);
  assert.ok(found.every((item) => !isInvalid(item)));
  assert.equal(address(found[4095]), at - 7);
});
