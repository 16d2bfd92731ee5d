import assert from "node:assert/strict";
import { test } from "node:test";
import { BAR1, ConsoleDriver } from "../../testing/console-driver.ts";
import { Fixture } from "../../testing/fixture.ts";
import { slotConfig } from "../../testing/slots.ts";
import { pirqAllocPin } from "./irq.ts";
import { pciLintrAssert, pciLintrDeassert } from "./lintr.ts";
import { pciGenerateMsi } from "./msi.ts";
import { pciGenerateMsix } from "./msix.ts";

const MSIX_CONTROL = 0x42;
const MSI = 0x4c;
const ALL_ONES = 0xffffffff;

function started() {
  const f = new Fixture("@stdio:p").start();
  const dev = f.dm.devices[2];
  f.kernel.calls.length = 0;
  return { f, dev };
}

test("MSI-X vectors are masked until the guest unmasks them, and sent only while MSI-X is on", () => {
  const { f, dev } = started();
  assert.deepEqual(f.mmioRead(BAR1 + 12, 4), [1, 0]);
  new ConsoleDriver(f).enableMsix();
  f.kernel.calls.length = 0;
  pciGenerateMsix(dev, 5);
  assert.deepEqual(f.takeMsis(), ["fee00000:45"]);
  f.mmioWrite(BAR1 + 16 * 5 + 12, 4, 1);
  f.kernel.calls.length = 0;
  pciGenerateMsix(dev, 5);
  assert.deepEqual(f.takeMsis(), [], "masked: lost, there are no pending bits");
  assert.deepEqual(f.mmioRead(BAR1 + 0x1000, 4), [0, 0]);
  f.cfgWrite(3, MSIX_CONTROL, 2, 0);
  f.kernel.calls.length = 0;
  pciGenerateMsix(dev, 4);
  assert.deepEqual(f.takeMsis(), []);
});

test("function mask, and vectors beyond the table such as 0xffff", () => {
  const { f, dev } = started();
  new ConsoleDriver(f).enableMsix();
  f.kernel.calls.length = 0;
  for (const vector of [35, 0xffff]) pciGenerateMsix(dev, vector);
  f.cfgWrite(3, MSIX_CONTROL, 2, 0xc000);
  f.kernel.calls.length = 0;
  pciGenerateMsix(dev, 1);
  assert.deepEqual(f.takeMsis(), []);
});

test("only enable and function mask of the MSI-X control are writable", () => {
  const { f } = started();
  f.cfgWrite(3, MSIX_CONTROL, 2, 0xffff);
  assert.equal(f.cfgRead(3, MSIX_CONTROL, 2), 0xc022);
  f.cfgWrite(3, 0x40, 4, 0x8000_ffff);
  assert.equal(f.cfgRead(3, 0x40, 4).toString(16), "80224c11", "id and next pointer stay");
  f.cfgWrite(3, 0x40, 2, 0xffff);
  assert.equal(f.cfgRead(3, 0x40, 2), 0x4c11);
});

test("table accesses: 4 bytes, aligned, inside; 8 come as two of 4", () => {
  const { f } = started();
  f.mmioWrite(BAR1, 8, 0xfee0_1000, 0x12);
  assert.deepEqual(f.mmioRead(BAR1, 8), [0xfee0_1000, 0x12]);
  f.mmioWrite(BAR1, 2, 0);
  assert.deepEqual(f.mmioRead(BAR1, 4), [0xfee0_1000, 0]);
  assert.deepEqual(f.mmioRead(BAR1 + 1, 1), [0x10, 0]);
  assert.deepEqual(f.mmioRead(BAR1, 2), [0xffff, 0]);
  assert.deepEqual(f.mmioRead(BAR1 + 35 * 16, 4), [ALL_ONES, 0], "behind the last entry");
  assert.deepEqual(f.mmioRead(BAR1 + 0x1008, 4), [ALL_ONES, 0], "behind the pending bits");
});

test("plain MSI: address and data count from enabling on, a masked message waits for its unmasking", () => {
  const { f, dev } = started();
  f.cfgWrite(3, MSI + 4, 4, 0xfee0_2000);
  f.cfgWrite(3, MSI + 12, 2, 0x61);
  f.cfgWrite(3, MSI + 2, 2, 1);
  f.kernel.calls.length = 0;
  pciGenerateMsi(dev, 0);
  pciGenerateMsi(dev, 1);
  assert.deepEqual(f.takeMsis(), ["fee02000:61"]);
  f.cfgWrite(3, MSI + 16, 4, 1);
  pciGenerateMsi(dev, 0);
  assert.equal(f.cfgRead(3, MSI + 20, 4), 1);
  f.kernel.calls.length = 0;
  f.cfgWrite(3, MSI + 16, 4, 0);
  assert.deepEqual(f.takeMsis(), ["fee02000:61"]);
  assert.equal(f.cfgRead(3, MSI + 20, 4), 0);
});

test("plain MSI switches MSI-X off: the queue's interrupt goes through ISR and message 0", () => {
  const { f } = started();
  const driver = new ConsoleDriver(f).probe();
  f.cfgWrite(3, MSI + 4, 4, 0xfee0_0000);
  f.cfgWrite(3, MSI + 12, 2, 0x70);
  f.cfgWrite(3, MSI + 2, 2, 1);
  f.kernel.calls.length = 0;
  driver.queues[1].offerOut("x");
  driver.queues[1].kick();
  assert.deepEqual(f.takeMsis(), ["fee00000:70"]);
  assert.equal(f.console.base.isr, 1);
  assert.equal(f.dm.devices[2].lintr.state, "PENDING");
});

test("INTx: IDLE, ASSERTED, IDLE; low is active; a second assert does nothing", () => {
  const { f, dev } = started();
  pciLintrAssert(dev);
  pciLintrAssert(dev);
  assert.equal(dev.lintr.state, "ASSERTED");
  pciLintrDeassert(dev);
  assert.equal(dev.lintr.state, "IDLE");
  pciLintrDeassert(dev);
  assert.deepEqual(f.takeLines(), ["16:1", "16:0"]);
});

test("INTx that is not permitted waits: INTxDIS", () => {
  const { f, dev } = started();
  f.cfgWrite(3, 4, 2, 0x407);
  f.kernel.calls.length = 0;
  pciLintrAssert(dev);
  assert.equal(dev.lintr.state, "PENDING");
  assert.deepEqual(f.takeLines(), []);
  f.cfgWrite(3, 4, 2, 7);
  assert.equal(dev.lintr.state, "ASSERTED");
  assert.deepEqual(f.takeLines(), ["16:1"]);
  f.cfgWrite(3, MSIX_CONTROL, 2, 0x8000);
  assert.equal(dev.lintr.state, "PENDING", "MSI-X forbids it again");
  assert.deepEqual(f.takeLines(), ["16:0"]);
  pciLintrDeassert(dev);
  assert.equal(dev.lintr.state, "IDLE");
  assert.deepEqual(f.takeLines(), []);
});

test("a function without a pin has no line", () => {
  const { f } = started();
  const [bridge] = f.dm.devices;
  pciLintrAssert(bridge);
  pciLintrDeassert(bridge);
  assert.equal(f.logged("Invalid intr pin on dev [hostbridge-pci-0]").length, 2);
});

test("pins and routing: the least used pin of the slot, I/O APIC pins from 16 on, lines inactive at first", () => {
  const console = (slot: number, func: number, opts: string) => slotConfig(slot, "virtio-console", opts, func);
  const slots = [console(3, 0, "@stdio:p"), console(3, 1, "pty:q"), console(6, 0, "pty:r")];
  const f = new Fixture("", { config: { slots } });
  f.dm.start();
  assert.deepEqual(
    f.dm.intxRoutes().map(({ slot, pin, ioapicIrq }) => [slot, pin, ioapicIrq]),
    [
      [3, 1, 16],
      [3, 2, 17],
      [6, 1, 18],
    ],
  );
  assert.deepEqual(f.takeLines(), ["16:0", "17:0", "18:0"]);
});

test("more pins than the I/O APIC has end acrn-dm, with the reason", () => {
  const slots = Array.from({ length: 36 }, (_, i) =>
    slotConfig(1 + (i >> 2), "virtio-console", `workbench:p${i}`, i & 3),
  );
  const f = new Fixture("", { config: { slots } });
  assert.throws(() => f.dm.start(), /Assertion `last_pin < pci_pins' failed/);
  assert.match(f.logged("pins")[0], /more than 32 interrupt pins, .*name fewer devices/);
});

test("router pins go to the ISA interrupts that are free, the keyboard's never, ACPI's after the unused ones", () => {
  const { f } = started();
  const ctx = f.dm.vmctx;
  const used = ctx.pci.pirq.pirqs.filter(({ useCount }) => useCount > 0).length;
  for (let pin = used; pin < 8; pin++) pirqAllocPin(ctx);
  assert.deepEqual(
    ctx.pci.pirq.pirqs.map(({ reg }) => reg),
    [3, 4, 5, 6, 7, 10, 11, 14],
  );
});
