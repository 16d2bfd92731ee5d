import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { CONSOLE_WINDOW } from "../protocol.ts";
import { EventSink } from "./event-sink.ts";

interface Sink {
  readonly sent: string[];
  readonly offsets: number[];
  write(text: string): Promise<Uint8Array | undefined>;
  readonly sink: EventSink;
}

function sink(): Sink {
  const sent: string[] = [];
  const offsets: number[] = [];
  const made = new EventSink(({ data, offset }) => {
    sent.push(Buffer.from(data, "base64").toString());
    offsets.push(offset);
  });
  let written = 0;
  const write = (text: string) => {
    const offset = written;
    written += text.length;
    return made.write(Buffer.from(text), offset);
  };
  return { sink: made, sent, offsets, write };
}

test("what comes after a pause is sent at once, what follows together", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 });
  t.after(() => mock.timers.reset());
  const it = sink();
  await it.write("a");
  assert.deepEqual(it.sent, ["a"]);
  for (const letter of "bcd") await it.write(letter);
  assert.deepEqual(it.sent, ["a"]);
  mock.timers.tick(15);
  assert.deepEqual(it.sent, ["a", "bcd"]);
  assert.deepEqual(it.offsets, [0, 1]);
});

test("more than an event holds is sent without waiting, in order and whole", async () => {
  const it = sink();
  const text = Array.from({ length: 9000 }, (_, line) => `${line}\n`).join("");
  await it.write(text);
  it.sink.close();
  assert.equal(it.sent.join(""), text);
  assert.ok(it.sent.length >= 2);
});

test("the guest waits for the client, which cannot acknowledge what it has not got", async () => {
  const it = sink();
  let done = false;
  const writing = it.write("x".repeat(CONSOLE_WINDOW + 100)).then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  assert.equal(done, false);
  assert.equal(it.sent.join("").length, CONSOLE_WINDOW);
  assert.throws(() => it.sink.acknowledge(CONSOLE_WINDOW + 1), /only 65536 are unacknowledged/);
  it.sink.acknowledge(1000);
  await writing;
  it.sink.close();
  assert.equal(it.sent.join("").length, CONSOLE_WINDOW + 100);
});

test("a client that goes leaves what it has not got", async () => {
  const it = sink();
  const writing = it.write(`${"x".repeat(CONSOLE_WINDOW)}rest`);
  await new Promise(setImmediate);
  it.sink.close();
  assert.equal(Buffer.from((await writing) ?? []).toString(), "rest");
});

test("a machine that is made anew begins anew, whatever the old one still wants to write", async () => {
  const it = sink();
  const late = it.write(`${"x".repeat(CONSOLE_WINDOW)}late`);
  await new Promise(setImmediate);
  it.sink.begin(0);
  assert.equal(Buffer.from((await late) ?? []).toString(), "late");
  it.sink.acknowledge(CONSOLE_WINDOW);
  await it.sink.write(Buffer.from("new"), 0);
  it.sink.close();
  assert.deepEqual(
    [it.sent.slice(-2), it.offsets.slice(-2)],
    [
      ["", "new"],
      [0, 0],
    ],
  );
});
