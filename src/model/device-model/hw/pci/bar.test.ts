import assert from "node:assert/strict";
import { test } from "node:test";
import { Fixture } from "../../testing/fixture.ts";
import { slotConfig } from "../../testing/slots.ts";

const BAR0 = 0x10;
const BAR1 = 0x14;
const COMMAND = 0x04;
const ALL_ONES = 0xffffffff;
const started = () => new Fixture("@stdio:p,pty:q").start();
/** HOST_FEATURES through a place the BAR may be at. */
const features = (f: Fixture, port: number) => f.in(port, 4);

test("I/O BARs are 4 KiB apart from 0x2000 on, memory BARs begin at 0x80000000", () => {
  const f = new Fixture("@stdio:p", {
    config: {
      slots: [slotConfig(3, "virtio-console", "@stdio:p"), slotConfig(4, "virtio-console", "pty:q")],
    },
  }).start();
  assert.deepEqual(
    [3, 4].map((slot) => [f.cfgRead(slot, BAR0, 4), f.cfgRead(slot, BAR1, 4)]),
    [
      [0x2001, 0x8000_0000],
      [0x3001, 0x8000_2000],
    ],
  );
  assert.equal(features(f, 0x3000), 3);
});

test("a console whose ports do not fit is there without them, and that is said", () => {
  const slots = Array.from({ length: 15 }, (_, i) => slotConfig(i + 1, "virtio-console", `workbench:p${i}`));
  const f = new Fixture("", { config: { slots } }).start();
  assert.deepEqual([f.cfgRead(14, BAR0, 4), f.cfgRead(15, BAR0, 4)], [0xf001, 0]);
  const said =
    "2 acrn-dm: virtio-console-pci-15: no ports for its BAR 0, the guest cannot use it (acrn-dm keeps silent)";
  assert.deepEqual(f.logged("no ports"), [said]);
});

test("sizing: 64 ports and 8 KiB", () => {
  const f = started();
  f.cfgWrite(3, COMMAND, 2, 0);
  f.cfgWrite(3, BAR0, 4, ALL_ONES);
  f.cfgWrite(3, BAR1, 4, ALL_ONES);
  f.cfgWrite(3, 0x18, 4, ALL_ONES);
  assert.deepEqual(
    [BAR0, BAR1, 0x18].map((reg) => f.cfgRead(3, reg, 4)),
    [0xffc1, 0xffffe000, 0],
  );
});

test("sizing while decoding leaves the ports where they are", () => {
  const f = started();
  f.cfgWrite(3, BAR0, 4, ALL_ONES);
  assert.equal(f.cfgRead(3, BAR0, 4), 0xffc1);
  assert.equal(features(f, 0x2000), ALL_ONES, "the handler does not find its BAR");
  assert.equal(f.logged("Unhandled inl 0x2000").length, 1);
  f.cfgWrite(3, BAR0, 4, 0x2001);
  assert.equal(features(f, 0x2000), 3);
});

test("after sizing while decoding, another address is kept but not registered", () => {
  const f = started();
  f.cfgWrite(3, BAR0, 4, ALL_ONES);
  f.cfgWrite(3, BAR0, 4, 0x5001);
  assert.equal(f.cfgRead(3, BAR0, 4), 0x5001);
  assert.equal(features(f, 0x5000), ALL_ONES);
});

test("a BAR that moves takes its ports along", () => {
  const f = started();
  f.cfgWrite(3, BAR0, 4, 0x5000);
  assert.equal(features(f, 0x5000), 3);
  assert.equal(features(f, 0x2000), ALL_ONES);
  assert.equal(f.logged("Unhandled").length, 0, "the old ports have the default handler again");
  f.cfgWrite(3, BAR1, 4, 0x8100_0000);
  assert.deepEqual(f.mmioRead(0x8100_000c, 4), [1, 0]);
  assert.deepEqual(f.mmioRead(0x8000_000c, 4), [ALL_ONES, ALL_ONES]);
});

test("only aligned 4-byte writes count", () => {
  const f = started();
  f.cfgWrite(3, BAR0, 2, 0x5000);
  f.cfgWrite(3, BAR0 + 2, 2, 0);
  assert.equal(f.cfgRead(3, BAR0, 4), 0x2001);
});

test("the command register switches decoding off and on", () => {
  const f = started();
  assert.equal(f.cfgRead(3, COMMAND, 2), 7);
  f.cfgWrite(3, COMMAND, 2, 2);
  assert.equal(features(f, 0x2000), ALL_ONES);
  assert.deepEqual(f.mmioRead(0x8000_000c, 4), [1, 0]);
  f.cfgWrite(3, COMMAND, 2, 1);
  assert.equal(features(f, 0x2000), 3);
  assert.deepEqual(f.mmioRead(0x8000_000c, 4), [ALL_ONES, ALL_ONES]);
});

test("moved while not decoding, a BAR decodes at its new address afterwards", () => {
  const f = started();
  f.cfgWrite(3, COMMAND, 2, 0);
  f.cfgWrite(3, BAR0, 4, 0x6000);
  f.cfgWrite(3, COMMAND, 2, 7);
  assert.equal(features(f, 0x6000), 3);
  assert.equal(features(f, 0x2000), ALL_ONES);
});

test("all ones written while not decoding are no sizing: the next address counts", () => {
  const f = started();
  f.cfgWrite(3, COMMAND, 2, 0);
  f.cfgWrite(3, BAR0, 4, ALL_ONES);
  f.cfgWrite(3, COMMAND, 2, 7);
  assert.equal(features(f, 0xffc0), 3);
  f.cfgWrite(3, BAR0, 4, 0x6000);
  assert.equal(features(f, 0x6000), 3);
});

test("read-only bits of command and status", () => {
  const f = started();
  f.cfgWrite(3, COMMAND, 4, ALL_ONES);
  assert.equal(f.cfgRead(3, COMMAND, 4), 0x0010_077f);
});

test("a memory BAR that is sized while it decodes: what comes in at its old place is on the wrong side of it", () => {
  const f = started();
  f.cfgWrite(3, BAR1, 4, ALL_ONES);
  for (const size of [1, 4, 8]) {
    f.mmioWrite(0x8000_0000, size, 0);
    assert.deepEqual(f.mmioRead(0x8000_0000, size), [ALL_ONES, ALL_ONES]);
  }
  const said = "virtio-console-pci-3: 0x80000000 is below its BAR 1, which the guest has put to 0xffffe000";
  assert.equal(f.logged(said).length, 6);
  f.cfgWrite(3, BAR1, 4, 0x8000_0000);
  assert.deepEqual(f.mmioRead(0x8000_000c, 4), [1, 0]);
});

test("accesses across either end of a memory BAR do not reach the device", () => {
  const f = started();
  assert.deepEqual(f.mmioRead(0x8000_1ffc, 8), [ALL_ONES, ALL_ONES]);
  assert.equal(f.logged("Out of emulated memory range").length, 1);
  assert.deepEqual(f.mmioRead(0x7fff_fffc, 8), [ALL_ONES, ALL_ONES]);
});

const twoConsoles = () =>
  new Fixture("", {
    config: { slots: [slotConfig(3, "virtio-console", "@stdio:p"), slotConfig(31, "virtio-console", "workbench:w")] },
  }).start();

test("ports: a BAR moved over another's is not reached, and takes them along when it leaves; both is told", () => {
  const f = twoConsoles();
  f.cfgWrite(31, BAR0, 4, 0x2000);
  assert.equal(features(f, 0x2000), 3, "still the first console");
  f.cfgWrite(31, BAR0, 4, 0x3000);
  assert.deepEqual([features(f, 0x2000), features(f, 0x3000)], [ALL_ONES, 3]);
  assert.deepEqual(
    f.log.filter((line) => line.includes("BAR 0")),
    [
      "2 acrn-dm: virtio-console-pci-31: BAR 0 is not reached: ports 0x2000 to 0x203f overlap virtio-console-pci-3 (acrn-dm keeps silent)",
      "2 acrn-dm: virtio-console-pci-31: BAR 0 leaves ports 0x2000 to 0x203f and takes them from virtio-console-pci-3 (as acrn-dm does, silently)",
    ],
  );
});

test("memory: a BAR moved over another's is not reached, and takes nothing along", () => {
  const f = twoConsoles();
  f.cfgWrite(31, BAR1, 4, 0x8000_0000);
  f.cfgWrite(31, BAR1, 4, 0x8000_2000);
  assert.deepEqual(
    [f.mmioRead(0x8000_000c, 4), f.mmioRead(0x8000_200c, 4)],
    [
      [1, 0],
      [1, 0],
    ],
  );
  assert.equal(
    f.logged("BAR 1 is not reached: memory 0x80000000 to 0x80001fff overlap virtio-console-pci-3").length,
    1,
  );
  assert.equal(f.logged("takes them").length, 0);
});
