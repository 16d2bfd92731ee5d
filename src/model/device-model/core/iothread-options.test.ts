import assert from "node:assert/strict";
import { test } from "node:test";
import { iothreadParseOptions } from "./iothread-options.ts";

test("a number of iothreads, one when nothing is said", () => {
  assert.deepEqual(iothreadParseOptions(undefined), { num: 1, cpusets: [] });
  assert.deepEqual(iothreadParseOptions("3"), { num: 3, cpusets: [] });
  assert.deepEqual(iothreadParseOptions("2@"), { num: 2, cpusets: [] });
});

test("CPUs of the Service VM for each, as in acrn-dm's own examples", () => {
  assert.deepEqual(iothreadParseOptions("3@0:1:2/0:1"), {
    num: 3,
    cpusets: [
      [0, 1, 2],
      [0, 1],
    ],
  });
  assert.deepEqual(iothreadParseOptions("3@0:1/2"), { num: 3, cpusets: [[0, 1], [2]] });
  assert.deepEqual(iothreadParseOptions("2@*/1"), { num: 2, cpusets: [[], [1]] });
  assert.deepEqual(iothreadParseOptions("2@/1"), { num: 2, cpusets: [[], [1]] });
  assert.deepEqual(iothreadParseOptions("1@0/1"), { num: 1, cpusets: [[0]] }, "more than there are iothreads");
});

test("what is no number is refused in acrn-dm's words", () => {
  const error = (text: string) => (iothreadParseOptions(text) as { error?: string }).error;
  assert.equal(error("x"), "iothread_parse_options: invalid iothread number x");
  assert.equal(error("0@1"), "iothread_parse_options: invalid iothread number 0");
  assert.equal(error("2@0:a"), "iothread_parse_options: invalid CPU affinity setting a");
  assert.equal(error("2@-1"), "iothread_parse_options: invalid CPU affinity setting -1");
});
