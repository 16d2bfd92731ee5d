/** What a client is told when the machine goes on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DapClient, launch } from "./client.ts";

test("a request the protocol does not know says that the machine goes on, after its answer; continue need not", async () => {
  const client = DapClient.start();
  await launch(client, { stopOnEntry: true });
  // None of these may swallow the stop at the entry.
  for (const command of ["continue", "next", "stepIn", "stepOut", "acrn/continueToKick"]) {
    assert.match(await client.refusal(command, { threadId: 1 }), /not configured yet; "configurationDone" must come/);
  }
  await client.request("configurationDone");
  const { threadId } = await client.event("stopped");
  const order: string[] = [];
  client.onMessage = (message, own) => {
    if (!own) order.push("event" in message ? message.event : message.command);
  };
  await client.request("acrn/continueToKick", {});
  await client.request("pause", { threadId });
  await client.event("stopped");
  const told = order.filter((name) => ["acrn/continueToKick", "continued", "stopped"].includes(name));
  assert.deepEqual(told, ["acrn/continueToKick", "continued", "stopped"]);
  // Both are there before the machine has gone on.
  const both = [client.send("continue", { threadId }), client.send("pause", { threadId })];
  for (const { response } of both) assert.equal((await response).success, true);
  await client.event("stopped");
  await client.request("continue", { threadId });
  await client.request("acrn/continueToKick", {});
  assert.match((await client.event("stopped")).text, /^kick of queue/);
  assert.equal(order.filter((name) => name === "continued").length, 1);
  await client.request("disconnect");
  await client.ended();
});

test("the first kick stops a boot, whose progress ends with that, and no other one does", async () => {
  const client = DapClient.start();
  await launch(client, { stopOnKick: "first" }, { supportsProgressReporting: true });
  await client.request("configurationDone");
  const stop = await client.event("stopped");
  assert.match(stop.text, /^kick of queue \d+ of the device in slot 3$/);
  await client.event("progressEnd");
  const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId });
  const names: string[] = stackFrames.map(({ name }: { name: string }) => name);
  assert.ok(names.includes("virtcons_probe") && !names.includes("(unknown)"), names.join(", "));
  await client.request("setFunctionBreakpoints", { breakpoints: [] });
  await client.request("continue", { threadId: stop.threadId });
  await client.until(() => / # $/.test(client.consoleText), "the prompt");
  assert.deepEqual(
    client.events.filter(({ event }) => event === "stopped"),
    [],
  );
  await client.request("disconnect");
  await client.ended();
});
