import assert from "node:assert/strict";
import { test } from "node:test";
import { acrnIoeventfd, Ioctl, IoeventfdFlag } from "../../../../abi/acrn.ts";
import { VirtioStatus } from "../../../../abi/virtio.ts";
import { EINVAL } from "../../../../util/errno.ts";
import { readU64 } from "../../../../util/u64.ts";
import { BAR0, ConsoleDriver } from "../../../testing/console-driver.ts";
import { Fixture } from "../../../testing/fixture.ts";
import { virtioSetIothread } from "./iothread.ts";

const { PIO, DATAMATCH, ASYNCIO, DEASSIGN } = IoeventfdFlag;

function registrations(f: Fixture) {
  const { at } = acrnIoeventfd;
  const calls = f.kernel.callsOf(Ioctl.IOEVENTFD).map(({ bytes }) => ({
    fd: bytes.getUint32(at.fd, true),
    flags: bytes.getUint32(at.flags, true),
    addr: readU64(bytes, at.addr),
    len: bytes.getUint32(at.len, true),
    reserved: bytes.getUint32(at.reserved, true),
    data: readU64(bytes, at.data),
  }));
  f.kernel.calls.length = 0;
  return calls;
}

function withIothread(options = "iothread,@stdio:p") {
  const f = new Fixture(options).start();
  f.kernel.calls.length = 0;
  return { f, driver: new ConsoleDriver(f).probe() };
}

test("a console without the extension registers nothing", () => {
  const f = new Fixture("@stdio:p").start();
  new ConsoleDriver(f).probe();
  assert.deepEqual(registrations(f), []);
  assert.equal(f.chain.contexts.filter(({ kind }) => kind === "dm.io").length, 0);
});

test("DRIVER_OK registers every queue: two bytes at BAR 0 + 16, the queue's number as data", () => {
  const { f } = withIothread();
  const calls = registrations(f);
  assert.equal(calls.length, 34);
  assert.deepEqual(calls[5], {
    fd: f.console.base.queues[5].viothrd.kickFd?.fd,
    flags: PIO | DATAMATCH | ASYNCIO,
    addr: BAR0 + 16,
    len: 2,
    reserved: 0,
    data: 5,
  });
  assert.equal(f.chain.contexts.find(({ kind }) => kind === "dm.io")?.name, "iothr-0-con3:0");
  assert.equal(f.logged("iothr-0-con3:0 started").length, 1);
});

test("the eventfd's signal runs the queue's notify in the iothread", () => {
  const { f, driver } = withIothread();
  driver.queues[1].offerOut("through the iothread");
  f.chain.recording = true;
  f.console.base.queues[1].viothrd.kickFd?.write(1);
  f.scheduler.runUntilIdle();
  assert.equal(f.host.console.text, "through the iothread");
  const notify = f.chain.recorder.since(0).find(({ station }) => station.id === "virtio_console_notify_tx");
  assert.equal(notify?.context.name, "iothr-0-con3:0");
});

test("a kick that arrives as a request still works in the ioreq thread", () => {
  const { f, driver } = withIothread();
  driver.queues[1].offerOut("both ways");
  driver.queues[1].kick();
  assert.equal(f.host.console.text, "both ways");
});

test("queues are given to several iothreads in turn", () => {
  const { f } = withIothread("iothread=3,@stdio:p");
  const { queues } = f.console.base;
  assert.deepEqual(
    queues.slice(0, 4).map(({ viothrd }) => viothrd.ioctx?.name),
    ["iothr-0-con3:0", "iothr-1-con3:0", "iothr-2-con3:0", "iothr-0-con3:0"],
  );
});

test("CPUs named for iothreads are told in acrn-dm's words, as no error, and kept", () => {
  const { f } = withIothread("iothread=3@0:1/2,@stdio:p");
  assert.deepEqual(f.logged("service_vm_cpuid"), [
    "1 acrn-dm: iothread_parse_options: iothread[0]: set service_vm_cpuid 0",
    "1 acrn-dm: iothread_parse_options: iothread[0]: set service_vm_cpuid 1",
    "1 acrn-dm: iothread_parse_options: iothread[1]: set service_vm_cpuid 2",
  ]);
  const cpusets = f.dm.vmctx.iothreads.contexts.map(({ cpuset }) => cpuset);
  assert.deepEqual(cpusets, [[0, 1], [2], []]);
});

test("status 0 unregisters every queue, and the next DRIVER_OK registers them again", () => {
  const { f, driver } = withIothread();
  registrations(f);
  const first = f.console.base.queues[0].viothrd.kickFd;
  driver.setStatus(0);
  const removed = registrations(f);
  assert.equal(removed.length, 34);
  assert.deepEqual(
    [removed[33].flags, removed[33].data, removed[0].fd],
    [PIO | DATAMATCH | ASYNCIO | DEASSIGN, 33, first?.fd],
  );
  assert.equal(f.console.base.queues[0].viothrd.kickFd, undefined);
  driver.setStatus(VirtioStatus.DRIVER_OK);
  assert.equal(registrations(f).length, 34);
});

test("registration stops at the first queue that is in the wanted state", () => {
  const { f } = withIothread();
  registrations(f);
  const { base } = f.console;
  base.queues[4].viothrd.ioeventStarted = false;
  virtioSetIothread(base, true);
  assert.deepEqual(registrations(f), [], "queue 0 is registered: queue 4 is never reached");
  virtioSetIothread(base, false);
  assert.deepEqual(
    registrations(f).map(({ data }) => data),
    [0, 1, 2, 3],
  );
  assert.equal(base.queues[5].viothrd.ioeventStarted, true);
});

test("a registration the kernel refuses leaves the queue to the ioreq thread", () => {
  const refuse = { prepare: ({ results }: Fixture["kernel"]) => results.set(Ioctl.IOEVENTFD, -EINVAL) };
  const f = new Fixture("iothread,@stdio:p", { prepare: (kernel) => void refuse.prepare(kernel) }).start();
  const driver = new ConsoleDriver(f).probe();
  assert.equal(f.console.base.queues[1].viothrd.ioeventStarted, false);
  assert.equal(f.logged("vm_ioeventfd failed rc = -1, errno = 22").length, 34);
  driver.queues[1].offerOut("mode A");
  driver.queues[1].kick();
  assert.equal(f.host.console.text, "mode A");
});

test("the iothread prefers the device's notify where a register write prefers the queue's", () => {
  const f = new Fixture("iothread,@stdio:p").start();
  const { base } = f.console;
  const kicked: string[] = [];
  Object.assign(base, { vops: { ...base.vops, qnotify: () => kicked.push("device") } });
  base.queues[1].notify = () => kicked.push("queue");
  new ConsoleDriver(f).probe();
  base.queues[1].viothrd.kickFd?.write(1);
  f.scheduler.runUntilIdle();
  f.out(BAR0 + 16, 2, 1);
  assert.deepEqual(kicked, ["device", "queue"]);
});

test("a BAR that moves is not followed", () => {
  const { f } = withIothread();
  registrations(f);
  f.cfgWrite(3, 0x10, 4, 0x5000);
  assert.deepEqual(registrations(f), []);
});

test("without an iothread context nothing is registered", () => {
  const f = new Fixture("@stdio:p").start();
  f.console.base.iothread = true;
  new ConsoleDriver(f).probe();
  assert.deepEqual(registrations(f), []);
  assert.equal(f.logged("iothread_add: ioctx_x is NULL").length, 34);
});
