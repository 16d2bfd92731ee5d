/** Breakpoints on lines of C: a small checkout of its own, with the layout of acrn-hypervisor. One boot, up to the first kicks. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { DapClient, launch } from "./client.ts";

const CONSOLE = "devicemodel/hw/pci/virtio/virtio_console.c";
const FILES: { readonly [path: string]: string } = {
  VERSION: "MAJOR_VERSION=3\nMINOR_VERSION=3\n",
  "hypervisor/Makefile": "",
  "devicemodel/core/main.c": "int main(void)\n{\n\treturn 0;\n}\n",
  "devicemodel/hw/pci/virtio/virtio.c": "int\nvq_getchain(struct virtio_vq_info *vq)\n{\n\treturn 0;\n}\n",
  [CONSOLE]: [
    "/* a developer's own console */", // 1
    "static void", // 2
    "helper(int value)", // 3
    "{", // 4
    "\t(void)value;", // 5
    "}", // 6
    "", // 7
    "static void", // 8
    "virtio_console_notify_tx(void *vdev, struct virtio_vq_info *vq)", // 9
    "{", // 10
    "\thelper(1);", // 11
    "\twhile (vq_has_descs(vq)) {", // 12
    "\t\tvq_getchain(vq, &idx, iov, 1, NULL);", // 13
    "\t}", // 14
    "}", // 15
    "", // 16
    "static void", // 17
    "virtio_console_control_send(struct virtio_console *console)", // 18
    "{", // 19
    "\tvq_getchain(vq, &idx, &iov, 1, NULL);", // 20
    "}", // 21
  ].join("\n"),
};

const folder = realpathSync(mkdtempSync(join(tmpdir(), "acrn-c-")));
after(() => rmSync(folder, { recursive: true, force: true }));
for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test("breakpoints on lines of a checkout, and frames in it", async () => {
  const client = DapClient.start();
  const path = join(folder, CONSOLE);
  await launch(client, { sources: { acrn: folder } });
  const set = async (lines: readonly number[]): Promise<void> => {
    await client.request("setBreakpoints", { source: { path }, breakpoints: lines.map((line) => ({ line })) });
  };
  await set([3, 13]);
  // It waits for the index: then the places are known.
  await client.request("configurationDone");
  let stop = await client.event("stopped");
  const frames = async () => (await client.request("stackTrace", { threadId: stop.threadId })).stackFrames;
  const [top] = await frames();
  assert.deepEqual([top.name, top.source.path, top.line], ["virtio_console_notify_tx", path, 9]);

  // A line that calls stops where the called function is entered from there; its caller stands on the line. The first
  // messages on the control queue are taken by notify_tx, and answered by control_send while it has not returned.
  for (const [line, name] of [
    [20, "virtio_console_control_send"],
    [13, "virtio_console_notify_tx"],
  ] as const) {
    await set([line]);
    await client.request("continue", { threadId: stop.threadId });
    stop = await client.event("stopped");
    const [inner, caller] = await frames();
    assert.equal(inner.name, "vq_getchain");
    assert.deepEqual([caller.name, caller.source.path, caller.line], [name, path, line]);
  }

  // Behind the last function there is nothing to stop at.
  const { breakpoints } = await client.request("setBreakpoints", { source: { path }, breakpoints: [{ line: 99 }] });
  assert.equal(breakpoints[0].verified, false);
  assert.ok(breakpoints[0].message.length > 0);
  const locations = await client.request("breakpointLocations", { source: { path }, line: 1, endLine: 21 });
  assert.deepEqual(
    locations.breakpoints.map(({ line }: { line: number }) => line),
    [9, 13, 18, 20],
  );
  await client.request("disconnect");
  await client.ended();
});

test("a client is told which checkouts frames show though it has not named them", async () => {
  const found = async (args: object): Promise<unknown[]> => {
    const client = DapClient.start();
    await launch(client, args);
    const told = client.events.filter(({ event }) => event === "acrn/checkoutsFound").map(({ body }) => body.folders);
    await client.request("disconnect");
    await client.ended();
    return told;
  };
  const workspace = [folder];
  assert.deepEqual(await found({ workspace }), [[folder]]);
  assert.deepEqual(await found({ workspace, sources: { acrn: folder } }), []);
  assert.deepEqual(await found({ workspace, sources: { prefer: "model" } }), []);
});
