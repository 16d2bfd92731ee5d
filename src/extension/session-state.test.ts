import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf, type SessionState, saysChanged, stateAfter } from "./session-state.ts";

const event = (name: string) => ({ type: "event", event: name });
const done = (command: string) => ({ type: "response", command, success: true });

function states(messages: readonly object[], attached = false): SessionState[] {
  let state: SessionState = "starting";
  return messages.map((message) => {
    state = stateAfter(state, message, attached);
    return state;
  });
}

test("a machine that is launched boots until its progress ends; stops and steps in between count", () => {
  const messages = [
    ...[event("progressStart"), done("launch"), done("configurationDone"), event("stopped"), done("continue")],
    ...[event("progressEnd"), event("stopped"), done("stepIn"), event("terminated"), event("stopped")],
  ];
  assert.deepEqual(states(messages), [
    ...["starting", "starting", "starting", "stopped", "running"],
    ...["running", "stopped", "running", "ended", "ended"],
  ]);
});

test("a machine one attaches to runs, unless it says that it is stopped", () => {
  assert.deepEqual(states([done("attach"), done("configurationDone")], true), ["starting", "running"]);
  assert.deepEqual(states([done("configurationDone"), event("stopped")], true), ["running", "stopped"]);
});

test("a machine that is restarted boots again", () => {
  const messages = [event("progressEnd"), event("stopped"), event("continued"), event("progressStart")];
  assert.deepEqual(states([...messages, done("restart"), event("progressEnd")]), [
    ...["running", "stopped", "running", "starting", "starting", "running"],
  ]);
});

test("a request that is refused changes nothing", () => {
  assert.deepEqual(states([event("stopped"), { type: "response", command: "continue", success: false }]), [
    ...["stopped", "stopped"],
  ]);
});

test("what the user changes while the machine stands still is told by the answer", () => {
  const messages = [done("setVariable"), done("writeMemory"), done("readMemory"), event("stopped")];
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
