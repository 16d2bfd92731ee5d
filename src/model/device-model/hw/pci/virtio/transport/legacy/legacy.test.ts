import assert from "node:assert/strict";
import { test } from "node:test";
import { VIRTIO_MSI_NO_VECTOR } from "../../../../../../abi/virtio.ts";
import { featureSet, NO_FEATURES, VirtioFeature } from "../../../../../../abi/virtio-features.ts";
import { BAR0, ConsoleDriver } from "../../../../../testing/console-driver.ts";
import { Fixture } from "../../../../../testing/fixture.ts";
import { legacyOf } from "./state.ts";
import { LegacyTransport } from "./transport.ts";

const started = () => new Fixture("@stdio:p").start();
const SEL = BAR0 + 14;
const PFN = BAR0 + 8;
const NOTIFY = BAR0 + 16;

test("the device offers features 3: the bit numbers are joined instead of their masks", () => {
  assert.equal(started().in(BAR0, 4), 3);
});

test("the guest gets what both have", () => {
  const f = started();
  f.out(BAR0 + 4, 4, 0xffffffff);
  assert.equal(f.in(BAR0 + 4, 4), 3);
  assert.deepEqual(f.console.features, { low: 3, high: 0 });
});

test("device configuration is at 20 without MSI-X, at 24 with it", () => {
  const f = started();
  const read = (at: number) => [f.in(at, 2), f.in(at + 2, 2), f.in(at + 4, 4), f.in(at + 8, 4)];
  assert.deepEqual(read(BAR0 + 20), [80, 25, 16, 0]);
  f.cfgWrite(3, 0x42, 2, 0x8000);
  assert.deepEqual(read(BAR0 + 24), [80, 25, 16, 0]);
  assert.equal(f.in(BAR0 + 20, 2), VIRTIO_MSI_NO_VECTOR);
});

test("an access that reaches beyond the configuration is a bad offset", () => {
  const f = started();
  assert.equal(f.in(BAR0 + 28, 4), 0);
  assert.equal(f.in(BAR0 + 32, 4), 0xffffffff);
  assert.deepEqual(f.logged("read from"), ["1 acrn-dm: vtcon: read from bad offset/size 32/4"]);
});

test("a write to the configuration reaches the vector registers of the same offset, also without MSI-X", () => {
  const f = started();
  f.out(BAR0 + 20, 2, 5);
  f.out(BAR0 + 24, 4, 1);
  assert.equal(f.console.base.msixCfgIdx, 5);
  assert.deepEqual(f.logged("write to"), ["1 acrn-dm: vtcon: write to bad offset/size 24/4"]);
});

test("wrong size, wrong direction, no register", () => {
  const f = started();
  f.out(NOTIFY, 4, 1);
  f.out(BAR0, 4, 1);
  f.out(BAR0 + 12, 4, 1);
  f.out(BAR0 + 1, 1, 1);
  assert.equal(f.in(BAR0 + 18, 2), 0xffff);
  assert.equal(f.in(BAR0 + 17, 1), 0xff);
  assert.deepEqual(
    f.log.filter((line) => /write to|read from/.test(line)).map((line) => line.slice("1 acrn-dm: vtcon: ".length)),
    [
      "write to QNOTIFY: bad size 4",
      "write to read-only reg HOSTCAP",
      "write to QNUM: bad size 4",
      "write to read-only reg QNUM",
      "write to bad offset/size 1/1",
      "read from STATUS: bad size 2",
      "read from bad offset/size 17/1",
    ],
  );
});

test("a queue that does not exist can be selected and has size 0", () => {
  const f = started();
  f.out(SEL, 2, 40);
  assert.equal(f.in(SEL, 2), 40);
  assert.equal(f.in(BAR0 + 12, 2), 0);
  assert.equal(f.in(PFN, 4), 0xffffffff);
  f.out(PFN, 4, 1);
  f.cfgWrite(3, 0x42, 2, 0x8000);
  f.out(BAR0 + 22, 2, 1);
  assert.equal(f.in(BAR0 + 22, 2), VIRTIO_MSI_NO_VECTOR);
  assert.deepEqual(f.logged("write config reg"), [
    "1 acrn-dm: vtcon: write config reg PFN: curq 40 >= max 34",
    "1 acrn-dm: vtcon: write config reg QVEC: curq 40 >= max 34",
  ]);
});

test("a kick for a queue that does not exist, for one without memory, and reading the notify register", () => {
  const f = started();
  f.out(NOTIFY, 2, 34);
  assert.deepEqual(f.logged("notify"), ["1 acrn-dm: vtcon: queue 34 notify out of range"]);
  f.log.length = 0;
  f.out(NOTIFY, 2, 5);
  assert.deepEqual(f.log, []);
  assert.equal(f.in(NOTIFY, 2), 0);
});

test("a queue in page 0 is as good as any; one that does not fit into RAM is unusable", () => {
  const f = started();
  const vq = f.console.base.queues[0];
  f.out(PFN, 4, 0);
  assert.deepEqual([vq.allocated, vq.desc, vq.avail, vq.used], [true, 0, 1024, 4096]);
  const lastPages = f.memory.size / 4096 - 2;
  f.out(PFN, 4, lastPages);
  assert.equal(vq.allocated, true);
  f.out(PFN, 4, lastPages + 1);
  assert.equal(vq.allocated, false);
  assert.equal(f.in(PFN, 4), lastPages + 1);
  assert.equal(vq.desc, lastPages * 4096, "the addresses stay what they were");
  f.out(PFN, 4, 0xffffffff);
  assert.equal(f.logged("vq enable failed").length, 2);
});

test("without MSI-X the ISR tells of a used buffer; reading it clears it and releases the line", () => {
  const f = started();
  const driver = new ConsoleDriver(f).probe(false);
  f.takeLines();
  driver.queues[1].offerOut("x");
  driver.queues[1].kick();
  assert.deepEqual(f.takeLines(), ["16:1"]);
  assert.equal(f.in(BAR0 + 19, 1), 1);
  assert.deepEqual(f.takeLines(), ["16:0"]);
  assert.equal(f.in(BAR0 + 19, 1), 0);
});

test("a reset erases queues, features and vectors; the console's own state and the rings' addresses stay", () => {
  const f = started();
  const driver = new ConsoleDriver(f).probe();
  driver.fillInput(0);
  driver.sendControl(0xffffffff, 0, 1);
  const { base } = f.console;
  const { desc } = base.queues[0];
  driver.setStatus(0);
  assert.deepEqual([base.queues[0].allocated, legacyOf(base).pfn[0], base.queues[0].lastAvail], [false, 0, 0]);
  assert.deepEqual([base.queues[0].msixIdx, legacyOf(base).curq], [VIRTIO_MSI_NO_VECTOR, 0]);
  assert.deepEqual(base.negotiatedCaps, NO_FEATURES);
  assert.equal(base.queues[0].desc, desc);
  assert.deepEqual([f.console.ready, f.console.ports[0].rxReady, f.console.ports[0].open], [true, true, true]);
});

test("without a notify of its own a queue uses the device's; without both the kick is reported", () => {
  const f = started();
  const { base } = f.console;
  const kicked: string[] = [];
  const own = () => kicked.push("own");
  const device = () => kicked.push("device");
  base.queues[7].notify = own;
  Object.assign(base, { vops: { ...base.vops, qnotify: device } });
  f.out(NOTIFY, 2, 7);
  base.queues[7].notify = undefined;
  f.out(NOTIFY, 2, 7);
  assert.deepEqual(kicked, ["own", "device"]);
  Object.assign(base, { vops: { ...base.vops, qnotify: undefined } });
  f.out(NOTIFY, 2, 7);
  assert.deepEqual(f.logged("missing"), ["1 acrn-dm: vtcon: qnotify queue 7: missing vq/vops notify"]);
});

test("a write to a BAR the device does not have is reported", () => {
  const f = started();
  f.console.base.transport = new LegacyTransport(34, 4);
  f.out(NOTIFY, 2, 0);
  assert.equal(f.in(NOTIFY, 2), 0xffff);
  assert.deepEqual(f.logged("unexpected baridx"), [
    "1 acrn-dm: vtcon: write unexpected baridx 0",
    "1 acrn-dm: vtcon: read unexpected baridx 0",
  ]);
});

/** The console of `f` with other operations. */
const withOps = (f: Fixture, ops: object): void => {
  Object.assign(f.console.base, { vops: { ...f.console.base.vops, ...ops } });
};

test("a device that takes writes of its configuration gets them; what it refuses is looked up among the registers", () => {
  const f = started();
  const written: number[][] = [];
  withOps(f, {
    cfgwrite: (_base: unknown, offset: number, size: number, value: number) => {
      written.push([offset, size, value]);
      return value === 6 ? -1 : 0;
    },
  });
  f.out(BAR0 + 20, 2, 5);
  f.out(BAR0 + 28, 4, 0x12345678);
  f.out(BAR0 + 20, 2, 6);
  f.out(BAR0 + 30, 4, 7);
  assert.deepEqual(written, [
    [0, 2, 5],
    [8, 4, 0x12345678],
    [0, 2, 6],
  ]);
  assert.equal(f.console.base.msixCfgIdx, 6);
  assert.equal(f.logged("write to bad offset/size 30/4").length, 1);
});

test("a device that wants to know is told of each status, before a reset", () => {
  const f = started();
  const told: string[] = [];
  withOps(f, {
    setStatus: (_base: unknown, status: number) => told.push(`status ${status}`),
    reset: () => told.push("reset"),
  });
  f.out(BAR0 + 18, 1, 7);
  f.out(BAR0 + 18, 1, 0);
  assert.deepEqual(told, ["status 7", "status 0", "reset"]);
});

test("the block shows the low 32 features, whatever the device offers above them", () => {
  const f = started();
  const { base } = f.console;
  base.deviceCaps = featureSet(1, VirtioFeature.VERSION_1);
  assert.equal(f.in(BAR0, 4), 2);
  f.out(BAR0 + 4, 4, 0xffffffff);
  assert.deepEqual(base.negotiatedCaps, featureSet(1));
});

test("a notify address is where the BAR lies now, with the queue's number as data", () => {
  const f = started();
  const { base } = f.console;
  const at = (address: number) => ({ space: "IO", address, length: 2, data: 5 });
  assert.deepEqual(base.transport?.notifyAddress(base, 5), at(NOTIFY));
  f.cfgWrite(3, 0x10, 4, 0x5000);
  assert.deepEqual(base.transport?.notifyAddress(base, 5), at(0x5010));
});

test("showing the registers reads them without clearing the ISR", () => {
  const f = started();
  const { base } = f.console;
  base.isr = 1;
  f.out(SEL, 2, 1);
  f.out(PFN, 4, 0x123);
  const nodes = base.transport?.registers(base, "devices[3]") ?? [];
  const value = (name: string) => nodes.find((node) => node.path === `devices[3].${name}`)?.get?.();
  assert.deepEqual(["isr", "queue_sel", "queue_num", "queue_pfn"].map(value), [1, 1, 64, 0x123]);
  assert.equal(base.isr, 1);
  f.out(SEL, 2, 40);
  assert.deepEqual(["queue_num", "queue_pfn", "msi_queue_vector"].map(value), [undefined, undefined, undefined]);
});

test("registers that nobody made are a mistake of the device", () => {
  const { base } = started().console;
  base.transport = undefined;
  assert.throws(() => legacyOf(base), /vtcon has no legacy registers: virtio_set_io_bar has to make them first/);
});
