/** How a session ends a machine: the guest is asked first, and does not have the last word. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DapClient, launch, ROOT } from "./client.ts";

const PROMPT = / # $/;

/** A client whose guest is at its prompt. */
async function atPrompt(): Promise<DapClient> {
  const client = DapClient.start();
  await launch(client, {});
  await client.request("configurationDone");
  await client.until(() => PROMPT.test(client.consoleText), "the prompt");
  return client;
}

/** A client whose guest stands before its first instruction. */
async function atEntry(): Promise<{ readonly client: DapClient; readonly threadId: number }> {
  const client = DapClient.start();
  await launch(client, { stopOnEntry: true });
  await client.request("configurationDone");
  const { threadId } = await client.event("stopped");
  return { client, threadId };
}

test("terminate lets the guest power off, also from a stop", async () => {
  const client = await atPrompt();
  await client.request("setFunctionBreakpoints", { breakpoints: [{ name: "vp_notify" }, { name: "emulate_io" }] });
  await client.type("x");
  await client.event("stopped");
  await client.request("terminate");
  await client.event("output", ({ output }) => /power/i.test(output));
  assert.equal((await client.event("exited")).exitCode, 0);
  await client.event("terminated");
  // What VS Code sends when the machine is gone.
  await client.request("disconnect", { restart: false, terminateDebuggee: false });
  await client.ended();
});

test("a second terminate ends a machine whose guest does not get on", async () => {
  const client = await atPrompt();
  // The guest waits in the middle of an output that nobody takes, and its time stands still.
  client.acknowledges = false;
  await client.type("cat /proc/kallsyms\n");
  await client.until(() => client.consoleBytes - client.acknowledged >= 64 * 1024, "a full console");
  await client.request("terminate");
  // A request that is answered afterwards shows that the machine is still there.
  assert.ok((await client.request("threads")).threads.length > 0);
  await client.request("terminate");
  assert.equal((await client.event("exited")).exitCode, 0);
  await client.event("terminated");
  await client.request("disconnect");
  await client.ended();
});

test("a restart from a stop says that the stop is over; one at a time is enough", async () => {
  const { client } = await atEntry();
  const first = client.send("restart", {}).response;
  assert.match(await client.refusal("restart", {}), /not started yet/);
  assert.equal((await first).success, true);
  await client.event("continued");
  assert.equal((await client.event("stopped")).reason, "entry");
  await client.request("disconnect");
  await client.ended();
});

test("a restart that fails ends the session", async () => {
  const { client } = await atEntry();
  assert.match(await client.refusal("restart", { arguments: { kernel: "/no/such/kernel" } }), /no\/such\/kernel/);
  // A wrong path is found before the old machine is given up.
  assert.ok((await client.request("threads")).threads.length > 0);
  assert.match(await client.refusal("restart", { arguments: { kernel: join(ROOT, "package.json") } }), /package\.json/);
  assert.equal((await client.event("exited")).exitCode, 3);
  await client.event("terminated");
  await client.request("disconnect");
  await client.ended();
});

test("a step says that every thread goes on, since it may take long to end", async () => {
  const { client, threadId } = await atEntry();
  await client.request("next", { threadId });
  assert.equal((await client.event("continued")).allThreadsContinued, true);
  await client.request("disconnect", { terminateDebuggee: true });
  await client.ended();
});
