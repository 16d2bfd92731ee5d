import assert from "node:assert/strict";
import { test } from "node:test";
import { CONSOLE_WINDOW } from "../../debug-adapter/protocol.ts";
import { OutputFlow } from "./output-flow.ts";

const KIB = 1024;

/** A flow between an adapter that keeps its window and a terminal that answers after `delay`. */
function flow() {
  const it = { shown: "", asked: 0, acknowledged: 0, pushed: 0, now: 1000 };
  const made = new OutputFlow({
    write: (text) => {
      it.shown += text;
      it.asked += text.split("\x1b[5n").length - 1;
    },
    acknowledge: (bytes) => {
      assert.ok(Number.isInteger(bytes) && bytes > 0, `${bytes} bytes`);
      it.acknowledged += bytes;
      assert.ok(it.acknowledged <= it.pushed);
    },
    now: () => it.now,
  });
  const push = (text: string): string => {
    const bytes = Buffer.from(text);
    it.pushed += bytes.length;
    return made.push(bytes);
  };
  /** The terminal answers all it has been asked, so many milliseconds later. Returns what is left for the guest. */
  const answers = (delay = 0): string => {
    it.now += delay;
    const { asked } = it;
    it.asked = 0;
    return made.typed("\x1b[0n".repeat(asked));
  };
  /** Bytes the adapter would still send. */
  const room = (): number => CONSOLE_WINDOW - (it.pushed - it.acknowledged);
  return Object.assign(it, { flow: made, push, answers, room });
}

/** Output as fast as the adapter lets, with answers that take so long. Returns how far ahead the guest got in the end. */
function flood(it: ReturnType<typeof flow>, delay: number, rounds = 100): number {
  for (let round = 0; round < rounds; round++) {
    while (it.room() > 0) it.push("x".repeat(Math.min(333, it.room())));
    it.answers(delay);
  }
  return it.room();
}

test("little is shown at once and nobody asks", () => {
  const it = flow();
  it.flow.open();
  it.push("hello");
  it.now += 1000;
  it.push("h");
  assert.deepEqual([it.shown, it.acknowledged], ["helloh", 0]);
});

test("the guest waits until the terminal has answered", () => {
  const it = flow();
  it.flow.open();
  while (it.room() > 0) it.push("x".repeat(KIB));
  assert.equal(it.acknowledged, 0);
  assert.ok(it.shown.endsWith("x\x1b[5n"));
  assert.equal(it.flow.typed("a\x1b[0nb"), "ab");
  assert.equal(it.answers(), "\x1b[0n", "one more than was asked for");
  assert.ok(it.room() > 0);
});

test("behind a quick terminal the guest may be a window ahead, behind a slow one a little", () => {
  const it = flow();
  it.flow.open();
  assert.ok(flood(it, 5) > 40 * KIB);
  assert.ok(flood(it, 200) <= 2 * KIB);
  assert.ok(flood(it, 5) > 40 * KIB);
  it.flow.close();
  assert.ok(it.room() > 0);
});

test("a terminal that is now slow, now quick gets whole bytes, and always goes on", () => {
  const it = flow();
  it.flow.open();
  flood(it, 200);
  for (let time = 0; time < 50; time++) assert.ok(flood(it, time % 3 === 0 ? 200 : 5, 1) > 0);
});

test("a slow terminal is found out though there are few bytes", () => {
  const it = flow();
  it.flow.open();
  for (let round = 0; round < 20; round++) {
    it.push("x".repeat(300));
    it.now += 60;
  }
  assert.ok(it.shown.split("\x1b[5n").length > 10);
});

test("answers the guest has asked for are the guest's", () => {
  const it = flow();
  it.flow.open();
  it.push("x".repeat(16 * KIB));
  it.push(`\x1b[5n\x1b[05\vn${"y".repeat(16 * KIB)}`);
  // The second is none that is counted here.
  it.asked++;
  assert.equal(it.answers(), "\x1b[0n\x1b[0n");
});

test("a sequence under way is not cut by the question", () => {
  const it = flow();
  it.flow.open();
  it.push(`${"x".repeat(4 * KIB)}\x1b[3`);
  assert.ok(it.shown.endsWith("\x1b[3"));
  it.push("1mred");
  assert.ok(it.shown.endsWith("\x1b[31mred\x1b[5n"));
});

test("a sequence that never ends does not hold the guest for ever", () => {
  const it = flow();
  it.flow.open();
  it.push("\x1b[");
  for (let count = 0; count < 100; count++) it.push("1".repeat(KIB));
  assert.ok(it.room() > 0);
});

test("a string, which is not shown, is waited for like text", () => {
  const it = flow();
  it.flow.open();
  it.push(`\x1b]0;${"x".repeat(16 * KIB)}`);
  assert.equal(it.shown, "\x1b[5n");
  assert.equal(it.answers(), "");
});

test("a closed terminal holds nothing up", () => {
  const it = flow();
  it.flow.open();
  it.push("x".repeat(20 * KIB));
  it.push("yz");
  it.flow.close();
  const before = it.room();
  assert.equal(it.push("more"), "more");
  assert.equal(it.room(), before);
  assert.ok(!it.shown.includes("more"));
});

test("a machine that boots again writes in the middle of nothing", () => {
  const it = flow();
  it.flow.open();
  it.push("a\x1b]0;title");
  it.flow.restart();
  it.push("b");
  assert.equal(it.shown, "ab");
});

test("late answers to what another machine's output was asked are nobody's", () => {
  const before = flow();
  before.flow.open();
  before.push("x".repeat(5 * KIB));
  assert.equal(before.flow.owed, 1);
  const after = new OutputFlow(
    { write: () => {}, acknowledge: () => assert.fail("nothing was shown"), now: () => 0 },
    1,
  );
  assert.equal(after.typed("\x1b[0n\x1b[0n"), "\x1b[0n");
});

test("characters are whole wherever their bytes are cut", () => {
  const it = flow();
  it.flow.open();
  for (const byte of Buffer.from("ä日😀")) it.flow.push(Uint8Array.of(byte));
  assert.equal(it.shown, "ä日😀");
});
