/** What a client is told when the machine goes on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DapClient, launch } from "./client.ts";

test("a request the protocol does not know says that the machine goes on, after its answer; continue need not", async () => {
  const client = DapClient.start();
  await launch(client, { stopOnEntry: true });
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
  await client.request("continue", { threadId });
  await client.request("pause", { threadId });
  await client.event("stopped");
  assert.equal(order.filter((name) => name === "continued").length, 1);
  await client.request("disconnect");
  await client.ended();
});
