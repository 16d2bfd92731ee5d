import assert from "node:assert/strict";
import { test } from "node:test";
import { LineLog } from "./line-log.ts";

test("a line is found by what is seen of it, the newest first", () => {
  const log = new LineLog();
  const first = "one\r\n\x1b[1;32mtwo\x1b[0m\x1b]0;title\x07  \r\n";
  log.push(Buffer.from(first));
  assert.equal(log.offsetOf("one"), 0);
  assert.equal(log.offsetOf("two   "), 5);
  assert.equal(log.offsetOf("three"), undefined);
  log.push(Buffer.from("on"));
  log.push(Buffer.from("e\r\nunfinished"));
  assert.equal(log.offsetOf("one"), first.length);
  assert.equal(log.offsetOf("unfinished"), undefined);
});

test("offsets count on from where it begins", () => {
  const log = new LineLog(1000);
  log.push(Buffer.from("one\r\ntwo\r\n"));
  assert.deepEqual([log.offsetOf("one"), log.offsetOf("two"), log.end], [1000, 1005, 1010]);
});

test("it stays bounded", () => {
  const log = new LineLog();
  log.push(Buffer.alloc(100_000, "x"));
  for (let line = 0; line < 5000; line++) log.push(Buffer.from(`\nline ${line}`));
  assert.equal(log.offsetOf("line 10"), undefined);
  assert.notEqual(log.offsetOf("line 4990"), undefined);
});
