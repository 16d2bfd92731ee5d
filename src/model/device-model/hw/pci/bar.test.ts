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
