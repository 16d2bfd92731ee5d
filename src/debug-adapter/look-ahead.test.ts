import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../model/protocol/debug.ts";
import { LookAhead } from "./look-ahead.ts";

const look: Look = {
  frame: 7,
  scopes: [
    { name: "Locals", kind: "locals", reference: 1, expensive: false },
    { name: "Context", kind: "context", reference: 2, expensive: false },
  ],
  locals: [],
};

test("what came with the stack answers for its frame and its locals only", () => {
  const ahead = new LookAhead();
  assert.equal(ahead.scopes(7), undefined);
  ahead.expect()(look);
  assert.equal(ahead.scopes(7), look.scopes);
  assert.equal(ahead.scopes(8), undefined);
  assert.equal(ahead.variables(1), look.locals);
  assert.equal(ahead.variables(2), undefined);
  // A stack that is asked for from its middle brings nothing.
  ahead.expect()(undefined);
  assert.equal(ahead.scopes(7), look.scopes);
});

test("what is set meanwhile makes it void, also on its way", () => {
  const ahead = new LookAhead();
  ahead.expect()(look);
  const onItsWay = ahead.expect();
  ahead.void();
  assert.equal(ahead.variables(1), undefined);
  onItsWay(look);
  assert.equal(ahead.variables(1), undefined);
});
