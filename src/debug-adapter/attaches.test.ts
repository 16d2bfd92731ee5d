import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Debuggee } from "../owner/debuggee.ts";
import { frame } from "./framing.ts";
import { keepingHolder, serveTcp } from "./server.ts";
import { newModelSources } from "./source-finder.ts";

const MEGABYTE = 1 << 20;

function machine(told: () => void): Debuggee {
  const thread = { request: async () => ({ breakpoints: [], exceptions: [] }) };
  const state = { debugged: false, end: undefined, stop: undefined, made: Promise.resolve(), thread };
  return { ...state, attach: () => {}, detach: async () => told(), console: { offset: 0, connect: () => {} } } as never;
}

const message = (seq: number, command: string, args: object): string =>
  frame({ seq, type: "request", command, arguments: args });

test("a server's memory is the same after any number of attaches", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let left = 0;
  const attachedTo = machine(() => left++);
  const program = {
    maker: { given: () => new Map(), make: () => assert.fail("nobody may start a machine here") },
    ...{ describeEnd: () => ({ status: 0, text: "" }), program: [], cacheFolder: undefined },
  };
  const server = await serveTcp(0, program, { ...keepingHolder(), get: () => attachedTo });
  const attaches = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      const socket = connect(server.port, "127.0.0.1").resume();
      socket.write(message(1, "initialize", { adapterID: "acrn" }) + message(2, "attach", {}));
      socket.write(message(3, "configurationDone", {}) + message(4, "disconnect", { terminateDebuggee: false }));
      await once(socket, "close");
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const warm = await attaches(20);
  const grown = (await attaches(200)) - warm;
  assert.ok(grown < MEGABYTE, `${grown} bytes more after 200 attaches`);
  assert.equal(left, 220, "each has attached and let go");
  await server.close();
});

test("the index of the model's sources is read once, for all sessions of a server", () => {
  const sources = newModelSources();
  assert.equal(sources(), sources());
});
