import assert from "node:assert/strict";
import { test } from "node:test";
import { BreakpointStore } from "./store.ts";

test("a breakpoint that is set again keeps its number; one that was away gets a new one", () => {
  const store = new BreakpointStore();
  const [first, second] = store.idsOf("function", ["a", "b"]);
  assert.notEqual(first, second);
  const [again, third] = store.idsOf("function", ["b", "c"]);
  assert.equal(again, second);
  const [late] = store.idsOf("function", ["a"]);
  assert.equal(new Set([first, second, third, late]).size, 4);
});

test("the same key twice has one number, and groups do not know each other", () => {
  const store = new BreakpointStore();
  const [one, other] = store.idsOf("source /a.c", ["1", "1"]);
  assert.equal(one, other);
  assert.notEqual(store.idsOf("source /b.c", ["1"])[0], one);
  assert.equal(store.idsOf("source /a.c", ["1"])[0], one);
});

test("nothing is kept of a file whose breakpoints are gone", () => {
  const store = new BreakpointStore();
  const [id] = store.idsOf("source /a.c", ["1"]);
  store.setSource("/a.c", [{ id, line: 1, rules: {}, stations: [], message: undefined }]);
  assert.equal(store.sources.size, 1);
  store.setSource("/a.c", []);
  assert.equal(store.sources.size, 0);
  store.idsOf("source /a.c", []);
  assert.notEqual(store.idsOf("source /a.c", ["1"])[0], id);
});
