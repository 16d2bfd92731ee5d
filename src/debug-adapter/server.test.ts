import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Debuggee } from "../owner/debuggee.ts";
import { frame } from "./framing.ts";
import { keepingHolder, type Program, serve, serveTcp } from "./server.ts";
import type { MachineHolder } from "./surroundings.ts";

const program: Program = {
  maker: { given: () => new Map(), make: () => assert.fail("nobody may start a machine here") },
  describeEnd: () => ({ status: 0, text: "" }),
  program: [],
  cacheFolder: undefined,
};

const request = (seq: number, command: string, args: object): string =>
  frame({ seq, type: "request", command, arguments: args });
const INITIALIZE = request(1, "initialize", { adapterID: "acrn" });

test("a web page cannot reach the adapter: its browser's requests are not answered, however they are cut", async () => {
  const server = await serveTcp(0, program, keepingHolder());
  const messages = INITIALIZE + request(2, "launch", {});
  const head = (path: string): string =>
    `POST /${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${messages.length}`;
  for (const start of [head(""), head("x".repeat(100_000)), "GET / HTTP/1.1", "content-lengths: 1", "Content"]) {
    const socket = connect(server.port, "127.0.0.1");
    let answered = "";
    socket.on("data", (data) => {
      answered += data;
    });
    // It is cut off in the middle of what it says.
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(start);
    socket.write(`\r\n\r\n${messages}`);
    await closed;
    assert.equal(answered, "", start.slice(0, 40));
  }
  await server.close();
});

test("a client whose first header comes in pieces is served", async () => {
  const server = await serveTcp(0, program, keepingHolder());
  const socket = connect(server.port, "127.0.0.1");
  socket.setNoDelay(true);
  for (const piece of [INITIALIZE.slice(0, 3), INITIALIZE.slice(3)]) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /"command":"initialize".*"success":true/);
  socket.destroy();
  await server.close();
});

test("a client that vanishes while it attaches lets go of the machine and its console", async () => {
  let free = (): void => {};
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  let attached = (): void => {};
  const isAttached = new Promise<void>((resolve) => {
    attached = resolve;
  });
  const sinks: unknown[] = [];
  const machine = {
    debugged: false,
    end: undefined,
    // It is still being made.
    made: new Promise<void>(() => {}),
    attach: () => attached(),
    console: { connect: (sink: unknown) => sinks.push(sink) },
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
  assert.deepEqual(sinks, [undefined]);
});
