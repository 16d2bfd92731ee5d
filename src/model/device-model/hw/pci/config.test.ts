import assert from "node:assert/strict";
import { test } from "node:test";
import { Fixture } from "../../testing/fixture.ts";
import { slotConfig } from "../../testing/slots.ts";

const ECAM = 0xe000_0000;
const ecam = (dev: number, reg: number, func = 0) => ECAM + (dev << 15) + (func << 12) + reg;
const words = (f: Fixture, dev: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => f.cfgRead(dev, from + 4 * i, 4).toString(16));

test("the console's ids, class and pin", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(
    [0x00, 0x08, 0x2c].map((reg) => f.cfgRead(3, reg, 4).toString(16)),
    ["10031af4", "7800000", "31af4"],
  );
  assert.deepEqual([f.cfgRead(3, 0x3d, 1), f.cfgRead(3, 0x34, 1)], [1, 0x40]);
});

test("capabilities: MSI-X with 35 entries at 0x40, MSI with one message at 0x4c", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(words(f, 3, 0x40, 3), ["224c11", "1", "1001"]);
  assert.deepEqual(words(f, 3, 0x4c, 6), ["1800005", "0", "0", "0", "0", "0"]);
});

test("with --virtio_msi there is no MSI-X and no BAR 1; MSI is at 0x40", () => {
  const f = new Fixture("@stdio:p", { config: { virtioMsi: true } }).start();
  assert.deepEqual(words(f, 3, 0x40, 1), ["1800005"]);
  assert.equal(f.cfgRead(3, 0x14, 4), 0);
  assert.equal(f.cfgRead(3, 0x10, 4), 0x2001);
  assert.equal(f.in(0x2000, 4), 3);
});

test("host bridge and LPC bridge", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(words(f, 0, 0, 1), ["12751275"]);
  assert.deepEqual(words(f, 0, 0x40, 1), ["420010"]);
  assert.deepEqual([words(f, 1, 0, 1), words(f, 1, 8, 1)], [["70008086"], ["6010000"]]);
});

test("the LPC bridge shows the interrupt router; its registers keep what a route is made of", () => {
  const f = new Fixture("@stdio:p").start();
  assert.equal(f.cfgRead(1, 0x60, 1), 3, "the console's pin goes to the first free ISA interrupt");
  assert.equal(f.cfgRead(1, 0x61, 1), 0x80);
  f.cfgWrite(1, 0x61, 1, 0x75);
  assert.equal(f.cfgRead(1, 0x61, 1), 5);
  assert.equal(f.cfgRead(3, 0x3c, 1), 3);
});

test("where no function is, everything reads all ones", () => {
  const f = new Fixture("@stdio:p").start();
  assert.equal(f.cfgRead(4, 0, 4), 0xffffffff);
  assert.equal(f.cfgRead(3, 1, 2), 0xffffffff, "not aligned");
  f.cfgWrite(4, 0, 4, 0);
});

test("beyond 255: all ones, but 0 in the first word, which means no extended capabilities", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(
    [256, 258, 260].map((reg) => f.cfgRead(3, reg, 2)),
    [0, 0, 0xffff_ffff],
  );
  assert.equal(f.cfgRead(4, 256, 4), 0xffffffff);
});

test("memory-mapped configuration space shows the same", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(f.mmioRead(ecam(3, 0), 4), [0x1003_1af4, 0xffffffff]);
  f.mmioWrite(ecam(3, 0x3c), 1, 0x55);
  assert.equal(f.cfgRead(3, 0x3c, 1), 0x55);
  assert.equal(f.mmioRead(ecam(3, 0x100), 4)[0], 0);
});

test("two functions in a slot set the multi-function bit in what covers it, in both", () => {
  const slot = (func: number) => slotConfig(5, "hostbridge", undefined, func);
  const f = new Fixture("", { config: { slots: [slot(0), slot(3)] } }).start();
  assert.equal(f.mmioRead(ecam(5, 0x0e), 1)[0], 0x80);
  assert.equal(f.mmioRead(ecam(5, 0x0c), 4)[0], 0x80_0000);
  assert.equal(f.mmioRead(ecam(5, 0x0e, 3), 2)[0], 0x80);
  const single = new Fixture("", { config: { slots: [slot(0)] } }).start();
  assert.equal(single.mmioRead(ecam(5, 0x0e), 1)[0], 0);
});

test("a second LPC bridge, and one that is not on bus 0", () => {
  const lpc = (bus: number, slot: number) => ({ bus, slot, func: 0, emul: "lpc", options: undefined });
  const two = new Fixture("", { config: { slots: [lpc(0, 1), lpc(0, 2)] } });
  assert.throws(() => two.start());
  assert.equal(two.logged("Only one LPC bridge is allowed.").length, 1);
  const other = new Fixture("", { config: { slots: [lpc(1, 1)] } });
  assert.throws(() => other.start());
  assert.equal(other.logged("LPC bridge can be present only on bus 0.").length, 1);
});

test("a device class this machine does not have is left out with a warning", () => {
  const f = new Fixture("", { config: { slots: [slotConfig(2, "virtio-net", "tap=t")] } });
  f.start();
  assert.deepEqual(f.logged("No driver"), ["2 acrn-dm: No driver for device [virtio-net]"]);
});
