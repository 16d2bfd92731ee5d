import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugEvent } from "../model/protocol/debug.ts";
import type { Debuggee } from "../owner/debuggee.ts";
import { ended, go } from "./machine-life.ts";
import { listenerOf } from "./machine-listener.ts";
import { SessionState } from "./session-state.ts";
import type { Surroundings } from "./surroundings.ts";

const STOP: Extract<DebugEvent, { type: "stopped" }> = {
  ...{ type: "stopped", reason: "pause", context: 0, station: undefined, hitBreakpoints: [], text: "" },
};
const CONTINUED: DebugEvent = { type: "continued" };

/** A session whose machine is played by the test; `told` are the states the client has heard of, and the events around them. */
function session() {
  const told: string[] = [];
  const surroundings = {
    ...{ program: [], drained: async () => {}, describeEnd: () => ({ status: 0, text: "" }) },
    machine: { consoleIsFree: false },
  } as unknown as Surroundings;
  const state = new SessionState(surroundings, {
    event: (event, body) => {
      if (event === "acrn/state") told.push((body as { state: string }).state);
      if (["stopped", "continued", "terminated"].includes(event)) told.push(`(${event})`);
    },
    request: async () => {},
    cancelRequest: () => {},
    cancelOthers: () => {},
  });
  const machine = { stop: undefined } as unknown as Debuggee;
  state.machine = machine;
  state.phase = "live";
  const listener = listenerOf(state);
  const debug = (event: DebugEvent): void => {
    machine.stop = event.type === "stopped" ? event : undefined;
    listener.debug(event);
  };
  /** As a launch begins. */
  const boot = (): void => {
    state.progress.begin("ready", false);
    state.become("starting");
  };
  return { state, told, listener, debug, boot };
}

test("a machine boots until its guest is up; a stop in between ends that", () => {
  const quiet = session();
  quiet.boot();
  for (const step of ["loading", "booting", "running", "ready"] as const) quiet.listener.progress(step);
  assert.deepEqual(quiet.told, ["starting", "running"]);
  const { told, boot, debug, listener } = session();
  boot();
  debug(STOP);
  debug(CONTINUED);
  listener.progress("ready");
  assert.deepEqual(told, ["starting", "(stopped)", "stopped", "(continued)", "running"]);
});

test("what the client has asked for is told by the state alone, after the answer", () => {
  const { state, told, debug } = session();
  debug(STOP);
  state.order.hold();
  state.order.expectContinued();
  debug(CONTINUED);
  assert.deepEqual(told, ["(stopped)", "stopped"]);
  state.order.release();
  assert.deepEqual(told, ["(stopped)", "stopped", "running"]);
});

test("a launched machine that has stood at its entry boots on; one that is attached to runs, or is stopped", async () => {
  const launched = session();
  launched.boot();
  launched.state.order.expectContinued();
  launched.debug(CONTINUED);
  assert.deepEqual(launched.told, ["starting"]);
  const running = session();
  await go(running.state);
  assert.deepEqual(running.told, ["running"]);
  const stopped = session();
  (stopped.state.machine as { stop: unknown }).stop = STOP;
  await go(stopped.state);
  assert.deepEqual(stopped.told, ["(stopped)", "stopped"]);
});

test("a machine that has ended is told of last", async () => {
  const { state, told } = session();
  ended(state, { kind: "power-off" });
  await new Promise(setImmediate);
  assert.deepEqual(told, ["(terminated)", "ended"]);
});
