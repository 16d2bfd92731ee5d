import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "../../../../../debug/testing/session.ts";
import { FakeFile } from "../../../../testing/fake-host.ts";
import { slotConfig } from "../../../../testing/slots.ts";

/** What a debugger sees of the entropy device: the one in slot 4, behind the console's. */

const BAR0 = 0x3000;
const RING = 0x4_0000;
const BUFFER = 0x5_0000;

function session(): Session {
  const random = new FakeFile(false);
  random.push("not so random");
  const prepare = (host: Session["host"]) => void host.files.set("/dev/random", random);
  const s = new Session("@stdio:p", prepare, { slots: [slotConfig(4, "virtio-rnd")] });
  const [cpu] = s.guest.cpus;
  cpu.outb(BAR0 + 18, 3);
  cpu.outl(BAR0 + 8, RING / 4096);
  cpu.outb(BAR0 + 18, 7);
  return s;
}

/** Offers a buffer of 32 bytes and kicks. */
function ask(s: Session): void {
  const { view } = s.guest;
  view.setUint32(RING, BUFFER, true);
  view.setUint32(RING + 8, 32, true);
  view.setUint16(RING + 12, 2, true);
  view.setUint16(RING + 1026, view.getUint16(RING + 1026, true) + 1, true);
  s.guest.cpus[0].outw(BAR0 + 16, 0);
  s.scheduler.runUntilIdle();
}

test("steps lead from the kick into the device's thread and back to the interrupt", () => {
  const s = session();
  s.arm({ breakpoints: [{ id: 1, stations: ["virtio_rnd_notify"], oneShot: true }] });
  const step = (target?: number) => () =>
    s.request("step", { kind: "in", context: s.stops.at(-1)?.context ?? 0, target });
  const intoThread = step(s.contextId("vtrnd-4:0 tx"));
  const stops = s.run(() => ask(s), step(), intoThread, ...new Array<() => void>(5).fill(step()));
  assert.deepEqual(
    stops.map((stop) => s.where(stop)),
    [
      "vcpu 0 virtio_rnd_notify",
      "vcpu 0 vq_has_descs",
      "vtrnd-4:0 tx vq_has_descs",
      "vtrnd-4:0 tx vq_getchain",
      "vtrnd-4:0 tx vq_relchain",
      "vtrnd-4:0 tx vq_has_descs",
      "vtrnd-4:0 tx vq_endchains",
      "vtrnd-4:0 tx vq_interrupt",
    ],
  );
});

test("the stack of its thread goes back to the kick", () => {
  const s = session();
  s.arm({ breakpoints: [{ id: 1, stations: ["vq_relchain"], context: s.contextId("vtrnd-4:0 tx") }] });
  const frames: string[] = [];
  s.run(
    () => ask(s),
    () => {
      for (const frame of s.stack(s.stops.at(-1)?.context ?? 0)) {
        frames.push(frame.kind === "function" ? frame.name : frame.how);
      }
      assert.equal(s.evaluate("device.rnd.in_progress"), "true");
      assert.equal(s.evaluate("device"), "4 {virtio-rnd-pci-4}");
      s.request("continue", undefined);
    },
  );
  assert.deepEqual(frames.slice(0, 4), [
    "vq_relchain",
    "virtio_rnd_get_entropy",
    "pthreadCondSignal",
    "virtio_rnd_notify",
  ]);
  assert.ok(frames.includes("vmexit_handler"));
});

test("tree and overview tell what it has given", () => {
  const s = session();
  ask(s);
  assert.equal(s.evaluateAnywhere("devices[4].rnd.bytes_read"), "13");
  const device = s.request("overview", undefined).devices.find(({ slot }) => slot === 4);
  assert.deepEqual(
    [device?.name, device?.sections[0].value, device?.sections[0].rows[1].value],
    ["virtio-rnd-pci-4", "/dev/random", { text: "{0} bytes", values: [13] }],
  );
  assert.deepEqual([device?.terminals, device?.virtio?.queues[0].purpose], [[], "entropy"]);
});
