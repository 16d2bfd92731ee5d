/** Servers on a port: several clients, clients that vanish, machines that outlive a session, attaching to `run`. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DapClient, INITIALIZE, launch, ROOT } from "./client.ts";

const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill("SIGTERM");
});

/** Starts the program and resolves with the port it tells, and with what it has written so far. */
function serve(...args: string[]): Promise<{ port: number; child: ChildProcess; text: () => string }> {
  const child = spawn(process.execPath, [join(ROOT, "bin", "acrn-virtio.mjs"), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  started.push(child);
  let text = "";
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve({ port: Number(port), child, text: () => text });
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("exit", (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

let port = 0;
before(async () => {
  port = (await serve("dap", "--port", "0")).port;
});

async function stopped(client: DapClient): Promise<string> {
  await client.request("configurationDone");
  const { reason, threadId } = await client.event("stopped");
  await client.request("stackTrace", { threadId });
  return reason;
}

test("two clients at a time have a machine each; one that vanishes leaves nothing behind", async () => {
  const first = await DapClient.connect(port);
  const second = await DapClient.connect(port);
  await Promise.all([launch(first, { stopOnEntry: true }), launch(second, { stopOnEntry: true })]);
  assert.equal(await stopped(first), "entry");
  assert.equal(await stopped(second), "entry");
  first.vanish();
  await second.request("setFunctionBreakpoints", { breakpoints: [{ name: "emulate_io" }] });
  await second.request("continue", { threadId: 1 });
  assert.equal((await second.event("stopped")).reason, "function breakpoint");
  await second.request("disconnect", { terminateDebuggee: true });
  await second.ended();
});

test("a machine that is left behind goes on; the next client attaches to it and switches it off", async () => {
  const first = await DapClient.connect(port);
  await launch(first, { stopOnEntry: true, console: "none" });
  assert.equal(await stopped(first), "entry");
  await first.request("acrn/record", { on: true });
  await first.request("disconnect", { terminateDebuggee: false });
  await first.ended();

  const second = await DapClient.connect(port);
  await second.request("initialize", INITIALIZE);
  assert.match(
    await second.refusal("attach", { kernel: "/vmlinux" }),
    /kernel can only be said when the machine is started/,
  );
  await second.request("attach", {});
  await second.event("initialized");
  const third = await DapClient.connect(port);
  await third.request("initialize", INITIALIZE);
  assert.match(await third.refusal("attach", {}), /another client debugs this machine/);
  third.vanish();
  assert.equal((await second.request("acrn/hops")).recording, false, "what the first client has switched on");

  await second.request("configurationDone");
  await second.request("pause", { threadId: 1 });
  assert.equal((await second.event("stopped")).reason, "pause");
  assert.match(await second.refusal("restart", {}), /attached/);
  await second.request("disconnect", { terminateDebuggee: true });
  await second.ended();
  const last = await DapClient.connect(port);
  await last.request("initialize", INITIALIZE);
  assert.match(await last.refusal("attach", {}), /there is no machine here/);
  last.vanish();
});

test("run --dap: a client attaches, looks and leaves; the guest and its terminal go on", async () => {
  const { port: own, child, text } = await serve("run", "--dap", "0", "--log", "1");
  const client = await DapClient.connect(own);
  await client.request("initialize", INITIALIZE);
  assert.match(await client.refusal("launch", {}), /use attach/);
  await client.request("attach", { stopOnKick: 1 });
  await client.event("initialized");
  await client.request("configurationDone");
  const stop = await client.event("stopped");
  assert.match(stop.text, /kick of queue 1/);
  assert.match(
    await client.refusal("acrn/consoleInput", { port: "stdio", data: "" }),
    /has its console in the terminal in which it was started/,
  );
  const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId });
  assert.ok(stackFrames.some(({ name }: { name: string }) => name === "vp_notify" || name === "virtqueue_kick"));
  await client.request("disconnect", {});
  await client.ended();
  const before = text().length;
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  while (!/ # /.test(text().slice(before))) await new Promise((resolve) => child.stdout?.once("data", resolve));
  child.stdin?.write("poweroff\n");
  assert.equal(await exited, 0);
});

test("a port that is in use is refused", async () => {
  await assert.rejects(serve("dap", "--port", String(port)), /another program uses it/);
});
