/** The guest's console without a debugger in the way: flow control, terminals, ends. One boot. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { openTerminal } from "../e2e/links.ts";
import { DapClient, launch } from "./client.ts";

const PROMPT = / # $/;

test("a guest without debugging: progress, console, slow client, power-off", async () => {
  const client = DapClient.start();
  await launch(client, { noDebug: true, env: { FROM_LAUNCH: "two words" } }, { supportsProgressReporting: true });
  assert.equal((await client.event("progressStart")).cancellable, true);
  await client.request("configurationDone");
  await client.until(() => PROMPT.test(client.consoleText), "the prompt");
  await client.event("progressEnd");
  assert.match(await client.refusal("stackTrace", { threadId: 1 }), /the machine is running; pause it first/);
  assert.equal(
    (await client.request("setFunctionBreakpoints", { breakpoints: [{ name: "vm_loop" }] })).breakpoints[0].verified,
    false,
  );

  await client.type("echo $FROM_LAUNCH\n");
  await client.until(() => /\ntwo words\r\n/.test(client.consoleText), "the variable");

  // A client that acknowledges nothing gets at most a window's worth; then the guest waits.
  client.acknowledges = false;
  client.consoleText = "";
  await client.type("yes acknowledge | head -n 20000; echo done\n");
  await client.until(() => client.consoleText.length >= 63 * 1024, "a full window");
  await client.request("threads");
  const received = client.consoleBytes - client.acknowledged;
  assert.ok(received < 64 * 1024 + 16 * 1024, `${received} bytes without an acknowledgement`);
  assert.match(
    await client.refusal("acrn/consoleAck", { port: "stdio", bytes: received + 1024 * 1024 }),
    /are unacknowledged/,
  );
  client.acknowledges = true;
  await client.acknowledge();
  await client.until(() => /\ndone\r\n/.test(client.consoleText), "the rest");
  assert.equal(client.consoleText.split("\nacknowledge").length - 1, 20_000);

  assert.match(await client.refusal("acrn/consoleInput", { port: "stdio", data: "no base64!" }), /expected base64/);
  assert.match(await client.refusal("disconnect", { terminateDebuggee: false }), /lives in this adapter's process/);
  await client.type("poweroff\n");
  assert.deepEqual(await client.event("exited"), { exitCode: 0 });
  await client.event("terminated");
  await client.request("disconnect");
  await client.ended();
});

test("the boot of a guest that does not say when it is ready ends all the same", async () => {
  const client = DapClient.start();
  const dmArgs = "-s 0,hostbridge -s 3,virtio-console,@stdio:con";
  await launch(client, { noDebug: true, dmArgs }, { supportsProgressReporting: true });
  await client.event("progressStart");
  // The machine takes what is typed from its beginning on; this guest opens its console later, and loses it.
  await client.type("early\n");
  await client.request("configurationDone");
  await client.event("progressEnd");
  await client.until(() => PROMPT.test(client.consoleText), "the prompt");
  assert.equal(client.consoleOffset, 0);
  await client.request("restart");
  await client.type("early\n");
  await client.request("disconnect");
  await client.ended();
});

test("the console in a terminal of the client", async () => {
  const client = DapClient.start();
  let terminal = "";
  let typed = false;
  let exited: Promise<number | null> | undefined;
  client.onRequest = (command, args) => {
    assert.equal(command, "runInTerminal");
    const [program, ...rest] = args.args;
    const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdout.on("data", (chunk: Buffer) => {
      terminal += chunk.toString("latin1");
      if (typed || !/\/root # /.test(terminal)) return;
      typed = true;
      child.stdin.write("poweroff\n");
    });
    exited = new Promise((resolve) => child.on("exit", resolve));
    return { processId: child.pid };
  };
  const features = { supportsAcrnConsole: false, supportsRunInTerminalRequest: true };
  await launch(client, { noDebug: true }, features);
  await client.request("configurationDone");
  assert.deepEqual(await client.event("exited"), { exitCode: 0 });
  assert.equal(await exited, 0);
  client.vanish();
  await client.ended();
});

test("the console as a pseudo-terminal", async () => {
  const client = DapClient.start();
  await launch(client, { noDebug: true, console: "pty" });
  const { path } = await client.event("acrn/pty");
  // Opened before the guest boots: what nobody reads is dropped, as by acrn-dm.
  const terminal = openTerminal(path);
  await client.request("configurationDone");
  await terminal.matching(/ # $/);
  terminal.send(Buffer.from("echo $((6 * 7))\n"));
  await terminal.matching(/\n42\r\n.* # $/s);
  // It comes this way only.
  assert.equal(client.consoleBytes, 0);
  terminal.send(Buffer.from("poweroff\n"));
  assert.deepEqual(await client.event("exited"), { exitCode: 0 });
  terminal.close();
  client.vanish();
  await client.ended();
});

test("a boot that is cancelled", async () => {
  const client = DapClient.start();
  await launch(client, { noDebug: true }, { supportsAcrnConsole: false, supportsProgressReporting: true });
  const { progressId } = await client.event("progressStart");
  await client.request("configurationDone");
  await client.request("cancel", { progressId });
  await client.event("progressEnd");
  await client.event("terminated");
  client.vanish();
  await client.ended();
});
