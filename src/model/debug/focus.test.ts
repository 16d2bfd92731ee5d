import assert from "node:assert/strict";
import { test } from "node:test";
import { IrqlineOp } from "../abi/acrn.ts";
import { pciConfig } from "../abi/pci.ts";
import { virtioLegacyRegisters } from "../abi/virtio-legacy.ts";
import { slotConfig } from "../device-model/testing/slots.ts";
import { vioapicSetIrqlineLock } from "../hypervisor/vioapic.ts";
import { DebugError } from "./target.ts";
import { BAR0, Session } from "./testing/session.ts";

const { at } = virtioLegacyRegisters;

/** What a frame is said to be about, where a function is entered for the first time in `body`. */
function focusAt(
  station: string,
  s: Session,
  body: () => void,
  context?: number,
): { [name: string]: string | undefined } {
  s.arm({
    breakpoints: [{ id: 1, stations: [station], oneShot: true, ...(context === undefined ? {} : { context }) }],
  });
  const seen: { [name: string]: string | undefined } = {};
  s.run(body, () => {
    for (const name of ["queue", "device.name"]) {
      try {
        seen[name] = s.evaluate(name);
      } catch (error) {
        assert.ok(error instanceof DebugError);
      }
    }
    for (const { kind, name } of s.request("scopes", s.frame)) seen[`scope ${kind}`] = name;
    s.request("continue", undefined);
  });
  return seen;
}

const kick =
  (s: Session, queue: number, cpu = 0) =>
  () =>
    s.guest.cpus[cpu].outw(BAR0 + at.queue_notify, queue);

test("at the first function of an exit the access is the exit's, not that of the exit before", () => {
  const s = new Session().probe();
  s.send("a");
  const seen = focusAt("vmexit_handler", s, kick(s, 3));
  assert.match(seen.queue ?? "", /^3 /);
  assert.equal(seen["device.name"], '"virtio-console-pci-3"');
  assert.equal(seen["scope queue"], "Virtqueue 3");
  assert.equal(seen["scope slot"], "I/O request, slot 0 (FREE, left over)");
});

test("a read is about a device and no queue", () => {
  const s = new Session().probe();
  s.send("a");
  const seen = focusAt("vmexit_handler", s, () => s.guest.cpus[0].inb(BAR0 + at.queue_notify));
  assert.equal(seen.queue, undefined);
  assert.equal(seen["device.name"], '"virtio-console-pci-3"');
});

test("an access outside of all BARs is about no device", () => {
  const s = new Session().probe();
  s.send("a");
  const seen = focusAt("vmexit_handler", s, () => s.guest.cpus[0].outb(0x333, 1));
  assert.deepEqual([seen.queue, seen["device.name"], seen["scope queue"]], [undefined, undefined, undefined]);
});

test("after the handler of an exit, and where no exit led to, nothing is said of an access", () => {
  const s = new Session().probe();
  s.send("a");
  const { userVm } = s.hypervisor;
  const entry = focusAt("run_vcpu", s, kick(s, 1), userVm.vcpus[0].context.id);
  assert.deepEqual(Object.keys(entry), ["scope locals", "scope context"]);
  const raise = (): void => vioapicSetIrqlineLock(userVm, 4, IrqlineOp.SET_HIGH);
  const pin = focusAt("vioapic_set_irqline_lock", s, () => s.chain.runIn(userVm.vcpus[0].context, undefined, raise));
  assert.deepEqual(Object.keys(pin), ["scope locals", "scope context"]);
});

test("of several vCPUs it is the one whose exit it is", () => {
  const s = new Session(undefined, undefined, { vcpus: 2 }).probe();
  s.send("a");
  for (const station of ["vmexit_handler", "virtio_console_notify_tx"]) {
    const seen = focusAt(station, s, kick(s, 3, 1));
    assert.match(seen.queue ?? "", /^3\b/);
    assert.match(seen["scope slot"] ?? "", /slot 1/);
  }
});

test("of several devices it is the one that is addressed, with queues or without", () => {
  const slots = [slotConfig(0, "hostbridge"), slotConfig(5, "virtio-console", "@pty:p")];
  const s = new Session(undefined, undefined, { slots }).probe();
  s.send("a");
  const second = s.deviceModel.devices.find(({ slot }) => slot === 5)?.bar[0].addr ?? 0;
  const write = (port: number, value: number) => () => s.guest.cpus[0].outw(port, value);
  const other = focusAt("vmexit_handler", s, write(second + at.queue_notify, 2));
  assert.deepEqual([other["device.name"], other["scope queue"]], ['"virtio-console-pci-5"', "Virtqueue 2"]);
  const bridge = s.deviceModel.devices.find(({ slot }) => slot === 0);
  assert.ok(bridge !== undefined);
  Object.assign(bridge.bar[0], { type: "IO", addr: 0x3000, size: 16 });
  bridge.cfgview.setUint16(pciConfig.at.command, 1, true);
  const plain = focusAt("vmexit_handler", s, write(0x3004, 1));
  assert.deepEqual([plain["device.name"], plain.queue], ['"hostbridge-pci-0"', undefined]);
});
