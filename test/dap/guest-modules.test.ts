/** Functions of modules that the guest loads while it runs. One boot. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Body, DapClient, launch } from "./client.ts";

test("functions of a module wait for it, and can be stopped at from its init on", async () => {
  const client = DapClient.start();
  await launch(client, { sources: { prefer: "model" } });
  const set = async (names: readonly string[]): Promise<Body[]> => {
    const breakpoints = names.map((name) => ({ name }));
    return (await client.request("setFunctionBreakpoints", { breakpoints })).breakpoints;
  };
  const [probe, init] = await set(["virtcons_probe", "virtio_pci_driver_init"]);
  assert.deepEqual([probe.verified, probe.reason], [false, "pending"]);
  assert.match(probe.message, /^virtcons_probe is a function of the module virtio_console, which is not loaded/);
  // It is gone by the time the symbols were recorded.
  assert.deepEqual([init.verified, init.reason], [false, "pending"]);
  assert.match(init.message, /nor a module that is loaded has a function virtio_pci_driver_init/);
  await client.request("configurationDone");

  for (const [name, id] of [
    ["virtio_pci_driver_init", init.id],
    ["virtcons_probe", probe.id],
  ]) {
    const stop = await client.event("stopped");
    assert.deepEqual([stop.reason, stop.hitBreakpointIds], ["function breakpoint", [id]]);
    const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId });
    assert.equal(stackFrames[0].name, name);
    assert.ok(!stackFrames.some((frame: Body) => frame.name === "(unknown)"));
    await client.event("breakpoint", ({ breakpoint }) => breakpoint.id === id && breakpoint.verified);
    if (name === "virtcons_probe") await set([]);
    await client.request("continue", { threadId: stop.threadId });
  }
  await client.until(() => / # $/.test(client.consoleText), "the prompt");
  // Its init is gone now, and its name with it.
  const [now, gone] = await set(["virtcons_probe", "virtio_pci_driver_init"]);
  assert.equal(now.verified, true);
  assert.deepEqual([gone.verified, gone.reason], [false, "pending"]);
  await client.request("disconnect");
  await client.ended();
});
