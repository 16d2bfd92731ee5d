import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Debuggee } from "./debuggee.ts";
import { frame } from "./framing.ts";
import { keepingHolder, type Program, serve } from "./server.ts";
import type { MachineHolder } from "./session-state.ts";

const program: Program = {
  makeSpec: () => assert.fail("nobody may start a machine here"),
  describeEnd: () => ({ status: 0, text: "" }),
  program: [],
  cacheFolder: undefined,
};

const request = (seq: number, command: string, args: object): string =>
  frame({ seq, type: "request", command, arguments: args });
const INITIALIZE = request(1, "initialize", { adapterID: "acrn" });

test("a client that vanishes while it attaches lets go of the machine", async () => {
  let free = (): void => {};
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  let attached = (): void => {};
  const isAttached = new Promise<void>((resolve) => {
    attached = resolve;
  });
  const machine = {
    debugged: false,
    end: undefined,
    // It is still being made.
    made: new Promise<void>(() => {}),
    attach: () => attached(),
    detach: async () => free(),
  };
  const holder: MachineHolder = { ...keepingHolder(), get: () => machine as unknown as Debuggee };
  const input = new PassThrough();
  const served = serve(input, new PassThrough(), program, holder);
  input.write(INITIALIZE + request(2, "attach", {}));
  await isAttached;
  input.end();
  await freed;
  await served;
});
