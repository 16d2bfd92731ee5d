import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Debuggee } from "../owner/debuggee.ts";
import { frame, MessageReader } from "./framing.ts";
import { keepingHolder, serve } from "./server.ts";

/** A session attached to a machine that has no kicks: what it asks for is written down, a trace waits until it is cancelled. */
async function attached() {
  const asked: string[] = [];
  const thread = {
    request: (name: string, _body: unknown, signal?: AbortSignal): Promise<unknown> => {
      asked.push(name);
      if (name !== "trace") return Promise.resolve({ breakpoints: [], exceptions: [] });
      return new Promise((resolve) => {
        signal?.addEventListener("abort", () => {
          asked.push("the trace is cancelled");
          resolve([]);
        });
      });
    },
  };
  const machine = {
    ...{ debugged: false, end: undefined, stop: undefined, made: Promise.resolve(), thread },
    ...{ attach: () => {}, detach: async () => asked.push("detach"), console: { connect: () => {} } },
  };
  const input = new PassThrough();
  const output = new PassThrough();
  const program = {
    ...{
      maker: { given: () => new Map(), make: () => assert.fail("nobody may start a machine here") },
      describeEnd: () => ({ status: 0, text: "" }),
    },
    ...{ program: [], cacheFolder: undefined },
  };
  const served = serve(input, output, program, { ...keepingHolder(), get: () => machine as unknown as Debuggee });
  const waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  const order: string[] = [];
  const reader = new MessageReader({
    onMessage: (message) => {
      const response = message as DebugProtocol.Response;
      if (response.type !== "response") return;
      order.push(response.command);
      waiting.get(response.request_seq)?.(response);
    },
    onMalformed: assert.fail,
  });
  output.on("data", (chunk: Buffer) => reader.push(chunk));
  let seq = 0;
  const send = (command: string, args: object = {}): Promise<DebugProtocol.Response> => {
    input.write(frame({ seq: ++seq, type: "request", command, arguments: args }));
    return new Promise((resolve) => waiting.set(seq, resolve));
  };
  await send("initialize", { adapterID: "acrn" });
  await send("attach", { console: "none" });
  await send("configurationDone");
  asked.length = 0;
  order.length = 0;
  return { send, served, asked, order, last: () => seq };
}

test("a trace that is cancelled is taken from the machine", async () => {
  const { send, served, asked, last } = await attached();
  const trace = send("acrn/trace", { kicks: 3 });
  assert.ok((await send("cancel", { requestId: last() })).success);
  const { success, message } = await trace;
  assert.deepEqual([success, message], [false, "cancelled"]);
  assert.deepEqual(asked, ["trace", "the trace is cancelled"]);
  await send("disconnect");
  await served;
});

test("what waits when the client disconnects is cancelled, and answered before it", async () => {
  const { send, served, asked, order } = await attached();
  const trace = send("acrn/trace");
  assert.ok((await send("disconnect")).success);
  assert.equal((await trace).message, "cancelled");
  assert.deepEqual(order, ["acrn/trace", "disconnect"]);
  assert.deepEqual(asked, ["trace", "the trace is cancelled", "detach"]);
  await served;
});

test("a disconnect that is refused cancels nothing", async () => {
  const { send, asked, last } = await attached();
  const trace = send("acrn/trace");
  const traceId = last();
  assert.equal((await send("disconnect", { terminateDebuggee: "no" })).success, false);
  assert.deepEqual(asked, ["trace"]);
  await send("cancel", { requestId: traceId });
  await trace;
  await send("disconnect");
});
