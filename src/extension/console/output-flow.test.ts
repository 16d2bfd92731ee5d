import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputFlow } from "./output-flow.ts";

const KIB = 1024;

function flow() {
  let shown = "";
  let acknowledged = 0;
  const made = new OutputFlow({
    write: (text) => {
      shown += text;
    },
    acknowledge: (bytes) => {
      acknowledged += bytes;
    },
  });
  return { flow: made, shown: () => shown, acknowledged: () => acknowledged };
}

test("little is shown at once and nobody asks", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.from("hello"));
  assert.deepEqual([it.shown(), it.acknowledged()], ["hello", 0]);
});

test("the guest waits until the terminal has answered", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.alloc(20 * KIB, "x"));
  assert.ok(it.shown().endsWith("x\x1b[5n"));
  assert.equal(it.acknowledged(), 0);
  assert.equal(it.flow.typed("a\x1b[0nb"), "ab");
  assert.equal(it.acknowledged(), 20 * KIB);
  assert.equal(it.flow.typed("\x1b[0n"), "\x1b[0n", "not an answer of ours");
});

test("answers the guest has asked for are the guest's", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.alloc(16 * KIB, "x"));
  it.flow.push(Buffer.concat([Buffer.from("\x1b[5n"), Buffer.alloc(16 * KIB, "y")]));
  assert.equal(it.flow.typed("\x1b[0n\x1b[0n\x1b[0n"), "\x1b[0n");
  assert.equal(it.acknowledged(), 32 * KIB + 4);
});

test("a sequence under way is not cut by the question", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.from(`${"x".repeat(16 * KIB)}\x1b[3`));
  assert.ok(it.shown().endsWith("\x1b[3"));
  it.flow.push(Buffer.from("1mred"));
  assert.ok(it.shown().endsWith("\x1b[31mred\x1b[5n"));
});

test("a sequence that never ends does not hold the guest for ever", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.from("\x1b["));
  for (let count = 0; count < 4; count++) it.flow.push(Buffer.alloc(16 * KIB, "1"));
  assert.equal(it.acknowledged(), 48 * KIB + 2);
});

test("a closed terminal holds nothing up", () => {
  const it = flow();
  it.flow.open();
  it.flow.push(Buffer.alloc(20 * KIB, "x"));
  it.flow.push(Buffer.from("yz"));
  it.flow.close();
  assert.equal(it.acknowledged(), 20 * KIB + 2);
  assert.equal(it.flow.push(Buffer.from("more")), "more");
  assert.equal(it.acknowledged(), 20 * KIB + 6);
  assert.ok(!it.shown().includes("more"));
});

test("characters are whole wherever their bytes are cut", () => {
  const it = flow();
  it.flow.open();
  for (const byte of Buffer.from("ä日😀")) it.flow.push(Uint8Array.of(byte));
  assert.equal(it.shown(), "ä日😀");
});
