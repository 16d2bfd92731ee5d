import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { causesOf, TestMachine } from "./harness.ts";

/** Entropy from the host, asked for by Linux' own driver. */

const SLOT = 5;
let machine: TestMachine;

before(async () => {
  machine = await TestMachine.boot([
    ...["-s", "0:0,hostbridge", "-s", "1:0,lpc", "-s", "3,virtio-console,@stdio:stdio_port"],
    ...["-s", "31,virtio-console,workbench:org.acrn-virtio.ready,workbench:org.acrn-virtio.kallsyms"],
    ...["-s", `${SLOT},virtio-rnd`],
  ]);
});
after(() => machine.close());

test("the image has loaded the driver, and the guest reads bytes that are not all the same", async () => {
  assert.match(await machine.run("cat /sys/class/misc/hw_random/rng_current"), /virtio_rng/);
  // Short: the shell breaks a line that is longer than its terminal.
  const dump = await machine.run("dd if=/dev/hwrng bs=64 count=4 2>&-|od -An -v -tu1");
  const bytes = dump.trim().split(/\s+/).map(Number);
  assert.equal(bytes.length, 256);
  assert.ok(bytes.every((byte) => byte >= 0 && byte <= 255));
  assert.ok(new Set(bytes).size > 16, dump);
});

test("its kick is taken by the ioreq thread, and the device's own thread fills the buffer", async () => {
  await machine.named();
  const provoke = () => machine.run("dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null");
  const [{ slot, queue, hops }] = await machine.kicks(SLOT, 0, 1, provoke);
  assert.deepEqual([slot, queue], [SLOT, 0]);
  const of = (context: string) =>
    hops.filter((hop) => hop.context === context && !hop.resumed).map((hop) => hop.station);
  const ioreq = of("vcpu 0");
  assert.ok(ioreq.includes("virtio_rnd_notify"), ioreq.join(" "));
  const own = of(`vtrnd-${SLOT}:0 tx`);
  assert.deepEqual(
    ["vq_getchain", "vq_relchain", "vq_endchains", "vq_interrupt"].filter((station) => own.includes(station)),
    ["vq_getchain", "vq_relchain", "vq_endchains", "vq_interrupt"],
  );
  const filled = hops.find(({ station }) => station === "vq_relchain");
  assert.ok(filled !== undefined);
  assert.ok(causesOf(hops, filled).some(({ station }) => station === "virtio_rnd_notify"));
  assert.ok(hops.some(({ station }) => station === "request_entropy" || station === "virtio_read"));
});

test("the overview tells how much the guest has been given", async () => {
  const { devices } = await machine.thread.request("overview", undefined);
  const device = devices.find(({ slot }) => slot === SLOT);
  assert.equal(device?.virtio?.queues[0].purpose, "entropy");
  const given = device?.sections[0].rows.find(({ id }) => id === "in")?.value;
  assert.ok(typeof given === "object" && Number(given.values[0]) >= 320, JSON.stringify(given));
});
