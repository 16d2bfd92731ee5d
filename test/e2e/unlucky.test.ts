import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestMachine } from "./harness.ts";

/** A guest that overdoes it, and a host that is slow: nothing is lost that is promised, and everything goes on. */

const folder = mkdtempSync(join(tmpdir(), "acrn-unlucky-"));
const path = (name: string): string => join(folder, name);
/** Ports 1 to 14 write to files, port 15 to a socket. */
const FILES = Array.from({ length: 14 }, (_, index) => `f${index + 1}`);
const KIB = 64;

let machine: TestMachine;

before(async () => {
  const ports = ["@stdio:stdio", ...FILES.map((name) => `file:${name}=${path(name)}`), `socket:s=${path("socket")}`];
  machine = await TestMachine.boot(["-s", "0,hostbridge", "-s", "1,lpc", "-s", `3,virtio-console,${ports.join(",")}`]);
});
after(async () => {
  await machine.close();
  rmSync(folder, { recursive: true });
});

test("sixteen ports at once, and a peer that does not read: files get every byte, the guest goes on", async () => {
  const peer = connect(path("socket"));
  peer.pause();
  await new Promise((resolve) => peer.once("connect", resolve));
  await machine.run(`head -c ${(KIB * 1024 * 3) / 4} /dev/urandom | base64 -w 0 >/tmp/text`);
  const writes = FILES.map((_, index) => `dd if=/tmp/text of=/dev/vport0p${index + 1} bs=4k 2>/dev/null &`).join(" ");
  // The socket takes some hundred KiB; the rest is lost, as with acrn-dm.
  const flood = "for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat /tmp/text; done >/tmp/much";
  await machine.run(`${flood}; ${writes} dd if=/tmp/much of=/dev/vport0p15 bs=4k 2>/dev/null; wait`);
  const [sum] = (await machine.run("sha256sum /tmp/text")).split(" ");
  const sums = FILES.map((name) =>
    createHash("sha256")
      .update(readFileSync(path(name)))
      .digest("hex"),
  );
  assert.deepEqual([...new Set(sums)], [sum]);
  assert.match(await machine.run("echo still here"), /still here/);
  peer.destroy();
});

test("the last ports there are can be written and read, also across their end", async () => {
  await machine.run("dd if=/dev/zero of=/dev/port bs=1 seek=65280 count=256 2>/dev/null");
  await machine.run("dd if=/dev/port of=/dev/null bs=1 skip=65280 count=300 2>/dev/null");
  assert.match(await machine.run("echo still here"), /still here/);
});

test("a reboot in the middle of a flood of output is a reboot", async () => {
  await machine.shell.type("(while :; do cat /tmp/text >/dev/vport0p1; done) & yes & sleep 1; reboot -f\n");
  assert.deepEqual(await machine.end(), { kind: "reboot" });
});
