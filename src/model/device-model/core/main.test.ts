import assert from "node:assert/strict";
import { test } from "node:test";
import { acrnVmCreation, Ioctl } from "../../abi/acrn.ts";
import { SBUF_MAGIC, sharedBuf } from "../../abi/sbuf.ts";
import { ENODEV, ENOTTY } from "../../util/errno.ts";
import { readU64 } from "../../util/u64.ts";
import { DmExit } from "../config.ts";
import type { FakeKernel } from "../testing/fake-kernel.ts";
import { Fixture, RAM } from "../testing/fixture.ts";

function exits(f: Fixture, message: string): void {
  assert.throws(
    () => f.start(),
    (error) => error instanceof DmExit && error.status === 1 && error.message === message,
  );
  assert.ok(f.logged(`1 acrn-dm: ${message}`).length > 0);
}

const withKernel = (prepare: (kernel: FakeKernel) => void) => new Fixture("@stdio:p", { prepare });

test("the order of a start", () => {
  const f = new Fixture("@stdio:p").start();
  assert.deepEqual(
    f.log.filter((line) => line.startsWith("3 ")).map((line) => line.slice("3 acrn-dm: ".length)),
    [
      "vm_create: test",
      "vm setup asyncio page",
      "vm_setup_memory: size=0x1000000",
      "vm_init_vdevs",
      "pci init hostbridge",
      "pci init lpc",
      "pci init virtio-console",
      "add_cpu",
    ],
  );
  assert.deepEqual(
    f.kernel.calls.map(({ command }) => command),
    [Ioctl.CREATE_VM, Ioctl.SETUP_ASYNCIO, Ioctl.SET_IRQLINE, Ioctl.CREATE_IOREQ_CLIENT, Ioctl.START_VM],
  );
  const threads = f.chain.contexts.map(({ name, kind }) => `${name} ${kind}`);
  assert.deepEqual(threads, ["boot dm.main", "vcpu 0 dm.vcpu", "mevent dm.main"]);
});

test("the VM is created with its name, the ioreq page and its flags", () => {
  const [plain, rtvm] = [false, true].map((flag) => {
    const f = new Fixture("@stdio:p", { config: { rtvm: flag, cpuAffinity: 6 } }).start();
    return { f, bytes: f.kernel.callsOf(Ioctl.CREATE_VM)[0].bytes };
  });
  const { at } = acrnVmCreation;
  assert.equal(new TextDecoder().decode(new Uint8Array(plain.bytes.buffer, at.name, 5)), "test\0");
  assert.equal(readU64(plain.bytes, at.ioreq_buf), plain.f.dm.vmctx.ioreqBuf);
  assert.equal(plain.f.dm.vmctx.ioreqBuf % 4096, 0);
  assert.equal(readU64(plain.bytes, at.cpu_affinity), 6);
  assert.equal(readU64(plain.bytes, at.vm_flag), 0);
  assert.equal(readU64(rtvm.bytes, at.vm_flag), 0x816, "LAPIC passthrough, completion polling, RT, PMU passthrough");
  assert.deepEqual([plain.f.dm.vmctx.vmid, plain.f.dm.vmctx.guestNcpus], [7, 1]);
});

test("the asyncio page is a ring of 504 elements of 8 bytes", () => {
  const f = new Fixture("@stdio:p").start();
  const [{ arg }] = f.kernel.callsOf(Ioctl.SETUP_ASYNCIO);
  const { view } = f.kernel.memory;
  const u32 = (field: "ele_num" | "ele_size" | "size") => view.getUint32(arg + sharedBuf.at[field], true);
  assert.equal(view.getBigUint64(arg, true), SBUF_MAGIC);
  assert.deepEqual([u32("ele_num"), u32("ele_size"), u32("size"), arg % 4096], [504, 8, 4032, 0]);
});

test("a kernel without asyncio, as mainline Linux is, is no error", () => {
  const f = withKernel(({ results }) => void results.set(Ioctl.SETUP_ASYNCIO, -ENOTTY)).start();
  assert.deepEqual(f.logged("ASYN"), [
    "4 acrn-dm: ACRN_IOCTL_SETUP_ASYNCIO ioctl() returned an error: Undefined operation",
    "4 acrn-dm: ASYNIO capability is not supported by kernel or hyperviosr!",
  ]);
});

test("no device, a refusal after ten attempts, no vCPU, too many", () => {
  const none = withKernel((kernel) => {
    kernel.openHsm = () => -ENODEV;
  });
  exits(none, "vm_create failed");
  assert.equal(none.logged("Could not open /dev/acrn_vhm").length, 1);
  const refused = withKernel(({ results }) => void results.set(Ioctl.CREATE_VM, -ENODEV));
  exits(refused, "vm_create failed");
  assert.equal(refused.kernel.callsOf(Ioctl.CREATE_VM).length, 10);
  assert.equal(refused.logged("failed to create VM test, No such device.").length, 1);
  const cpus = (count: number) =>
    withKernel((kernel) => {
      kernel.vcpus = count;
    });
  exits(cpus(0), "Invalid guest vCPUs (0)");
  exits(cpus(17), "17 vCPUs requested but 16 available");
});

test("more memory than the machine has", () => {
  exits(new Fixture("@stdio:p", { config: { memSize: 2 * RAM } }), "Unable to setup memory (12)");
});

test("--virtio_poll says that it is not modelled", () => {
  const f = new Fixture("@stdio:p", { config: { virtioPollNs: 1000 } }).start();
  assert.equal(f.logged("2 acrn-dm: --virtio_poll is not modelled").length, 1);
});

test("SIGINT: the event loop ends, then the ioreq thread, and the VM is destroyed", () => {
  const f = new Fixture("@stdio:p").start();
  f.kernel.calls.length = 0;
  f.dm.terminate();
  f.scheduler.runUntilIdle();
  assert.deepEqual(
    f.kernel.calls.map(({ command }) => command),
    [Ioctl.PAUSE_VM, Ioctl.DESTROY_IOREQ_CLIENT, Ioctl.PAUSE_VM, Ioctl.DESTROY_VM],
  );
  assert.deepEqual(
    f.chain.contexts.map(({ state }) => state),
    ["running", "done", "done"],
  );
  assert.equal(f.logged("VM loop exit").length, 1);
  assert.deepEqual(
    f.log.filter((line) => /^[12] /.test(line)),
    [],
  );
});

test("a process that is gone closes its files and tells the VM nothing; twice is once", () => {
  const f = new Fixture("pty:p").start();
  f.kernel.calls.length = 0;
  f.dm.close();
  f.dm.close();
  assert.deepEqual([f.kernel.calls.length, f.kernel.closed, f.host.ptyMaster.closed > 0], [0, true, true]);
});

test("mevent waits in its loop", () => {
  const f = new Fixture("@stdio:p").start();
  const mevent = f.chain.contexts.find(({ name }) => name === "mevent");
  assert.deepEqual(
    mevent?.frames().map(({ station }) => station.id),
    ["main", "mevent_dispatch"],
  );
});
