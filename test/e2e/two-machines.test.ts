import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestMachine, within } from "./harness.ts";
import { connectTo, type Link } from "./links.ts";

/** Two machines side by side in one process. */

const folder = mkdtempSync(join(tmpdir(), "acrn-two-"));
const NAMES = ["first", "second"];
let machines: TestMachine[];
let links: Link[];

before(async () => {
  machines = await Promise.all(
    NAMES.map((name) => {
      const console = `@stdio:stdio,socket:${name}=${join(folder, name)}`;
      return TestMachine.boot(["-s", "0,hostbridge", "-s", "1,lpc", "-s", `3,virtio-console,${console}`]);
    }),
  );
  links = await Promise.all(NAMES.map((name) => connectTo(join(folder, name))));
});
after(async () => {
  await Promise.all(machines.map((machine) => machine.close()));
  for (const link of links) link.close();
  rmSync(folder, { recursive: true });
});

test("each has its own console, ports and files", async () => {
  const said = await Promise.all(
    machines.map(async (machine, i) => {
      await machine.run(`hostname guest-${NAMES[i]}; hostname >/tmp/name`);
      await machine.run(`cat /tmp/name /sys/class/virtio-ports/vport0p1/name >/tmp/said`);
      await machine.run("dd if=/tmp/said of=/dev/vport0p1");
      const expected = `guest-${NAMES[i]}\n${NAMES[i]}\n`;
      return within("the guest's words", links[i].received(expected.length));
    }),
  );
  assert.deepEqual(said.map(String), ["guest-first\nfirst\n", "guest-second\nsecond\n"]);
});

test("one stands still in a kick, the other runs on", async () => {
  const [first, second] = machines;
  await first.thread.request("stopAt", ["virtio_console_backend_write"]);
  const finished = first.run("echo late");
  await first.until("the stop", () => first.stops.length > 0);
  assert.equal(await second.run("sleep 1; echo on"), "on");
  assert.doesNotMatch(first.shell.output, /late\n/);
  await first.thread.request("stopAt", []);
  await first.thread.request("resume", undefined);
  assert.equal(await finished, "late");
});

test("one is switched off, the other answers", async () => {
  const [first, second] = machines;
  await first.shell.type("poweroff\n");
  assert.equal((await first.end()).kind, "power-off");
  assert.equal(await second.run("cat /sys/class/virtio-ports/vport0p1/name"), "second");
});
