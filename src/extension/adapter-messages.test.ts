import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf, saysChanged } from "./adapter-messages.ts";

const done = (command: string) => ({ type: "response", command, success: true });

test("what the user changes while the machine stands still is told by the answer", () => {
  const messages = [done("setVariable"), done("writeMemory"), done("readMemory"), { type: "event", event: "stopped" }];
  assert.deepEqual(messages.map(saysChanged), [true, true, false, false]);
  assert.equal(saysChanged({ ...done("setVariable"), success: false }), false);
});

test("why there is no machine is what refuses launch or attach", () => {
  const refused = (command: string) => ({ type: "response", command, success: false, message: "no" });
  assert.deepEqual([refused("launch"), refused("attach"), refused("next"), done("launch")].map(refusalOf), [
    ...["no", "no", undefined, undefined],
  ]);
  assert.equal(refusalOf({ ...refused("launch"), message: "cancelled" }), undefined);
});
