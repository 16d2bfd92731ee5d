import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { CONSOLE_WINDOW } from "../protocol.ts";
import { EventSink } from "./event-sink.ts";

function sink(): { readonly sink: EventSink; readonly sent: string[] } {
  const sent: string[] = [];
  return { sink: new EventSink(({ data }) => sent.push(Buffer.from(data, "base64").toString())), sent };
}

test("what comes after a pause is sent at once, what follows together", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1000 });
  t.after(() => mock.timers.reset());
  const it = sink();
  await it.sink.write(Buffer.from("a"));
  assert.deepEqual(it.sent, ["a"]);
  for (const letter of "bcd") await it.sink.write(Buffer.from(letter));
  assert.deepEqual(it.sent, ["a"]);
  mock.timers.tick(10);
  assert.deepEqual(it.sent, ["a", "bcd"]);
});

test("more than an event holds is sent without waiting, in order and whole", async () => {
  const it = sink();
  const text = Array.from({ length: 9000 }, (_, line) => `${line}\n`).join("");
  await it.sink.write(Buffer.from(text));
  it.sink.close();
  assert.equal(it.sent.join(""), text);
  assert.ok(it.sent.length >= 2);
});

test("the guest waits for the client, which cannot acknowledge what it has not got", async () => {
  const it = sink();
  let done = false;
  const writing = it.sink.write(Buffer.alloc(CONSOLE_WINDOW + 100, "x")).then(() => {
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
