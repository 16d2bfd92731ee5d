import assert from "node:assert/strict";
import { test } from "node:test";
import { acrnVmCreation, Ioctl, IoeventfdFlag } from "../../src/model/abi/acrn.ts";
import { EBADF, EEXIST, EFAULT, EINVAL, ENODEV, ENOENT, ENOTTY } from "../../src/model/util/errno.ts";
import { writeU64 } from "../../src/model/util/u64.ts";
import { Rig } from "./rig.ts";

const NOTIFY = 0x2010;
const { PIO, DATAMATCH, DEASSIGN, ASYNCIO } = IoeventfdFlag;

function withQueue(data = 1) {
  const rig = new Rig().start();
  const eventfd = rig.serviceVm.eventfd();
  assert.equal(rig.ioeventfd({ fd: eventfd.fd, flags: PIO | DATAMATCH, addr: NOTIFY, len: 2, data }), 0);
  return { rig, eventfd, cpu: rig.guest.cpus[0] };
}

test("data that nobody matches: the kick is lost, the request completed", () => {
  const { rig, eventfd, cpu } = withQueue();
  cpu.outw(NOTIFY, 2);
  assert.equal(eventfd.read(), -11);
  assert.equal(rig.requests.length, 0);
  cpu.outw(NOTIFY, 1);
  assert.equal(eventfd.read(), 1);
});

test("an access bigger than the range goes to the default client", () => {
  const { rig, eventfd, cpu } = withQueue();
  cpu.outl(NOTIFY, 1);
  assert.equal(eventfd.readable, false);
  assert.deepEqual(
    rig.requests.map(({ size, value }) => [size, value]),
    [[4, 1]],
  );
});

test("a read of a registered address gives 0 and signals nothing", () => {
  const { rig, eventfd, cpu } = withQueue();
  rig.setField(0, "value", 0x55);
  assert.equal(cpu.inw(NOTIFY), 0);
  assert.equal(eventfd.readable, false);
  assert.equal(rig.requests.length, 0);
});

test("the address must be exact and the length at least the size", () => {
  const { eventfd, cpu } = withQueue(0);
  cpu.outb(NOTIFY + 1, 0);
  assert.equal(eventfd.readable, false);
  cpu.outb(NOTIFY, 0);
  assert.equal(eventfd.read(), 1);
});

test("without DATAMATCH any value matches; MMIO and ports are different addresses", () => {
  const rig = new Rig().start();
  const eventfd = rig.serviceVm.eventfd();
  assert.equal(rig.ioeventfd({ fd: eventfd.fd, flags: 0, addr: 0x8000_3004, len: 2 }), 0);
  rig.guest.cpus[0].mmioWrite(0x8000_3004, 2, 9);
  assert.equal(eventfd.read(), 1);
  const port = rig.serviceVm.eventfd();
  rig.ioeventfd({ fd: port.fd, flags: 0, addr: NOTIFY, len: 2 });
  rig.guest.cpus[0].outw(NOTIFY, 9);
  assert.equal(port.readable, false);
  assert.equal(rig.requests.length, 1);
});

test("registration errors", () => {
  const { rig, eventfd } = withQueue();
  const { fd } = eventfd;
  const base = { fd, flags: PIO | DATAMATCH, addr: NOTIFY, len: 2, data: 1 };
  assert.equal(rig.ioeventfd(base), -EEXIST);
  assert.equal(rig.ioeventfd({ ...base, flags: PIO }), -EEXIST, "a wildcard conflicts with any data");
  assert.equal(rig.ioeventfd({ ...base, data: 2 }), 0);
  assert.equal(rig.ioeventfd({ ...base, fd: rig.serviceVm.eventfd().fd }), 0, "another eventfd may have the address");
  assert.equal(rig.ioeventfd({ ...base, len: 3 }), -EINVAL);
  assert.equal(rig.ioeventfd({ ...base, addr: 2n ** 64n - 4096n, len: 8 }), 0);
  assert.equal(rig.ioeventfd({ ...base, addr: 2n ** 64n - 4n, len: 8 }), -EINVAL, "the address wraps");
  assert.equal(rig.ioeventfd({ ...base, fd: 99 }), -EBADF);
  assert.equal(rig.ioeventfd({ ...base, reserved: 1 }), -EINVAL);
});

test("deassign removes one binding and one range; what is not bound is no error", () => {
  const { rig, eventfd, cpu } = withQueue();
  const second = rig.serviceVm.eventfd();
  rig.ioeventfd({ fd: second.fd, flags: PIO | DATAMATCH, addr: NOTIFY, len: 2, data: 2 });
  const vm = rig.serviceVm.vmList[0];
  assert.equal(vm.ioeventfdClient?.rangeList.length, 2);
  const remove = (fd: number) =>
    rig.ioeventfd({ fd, flags: PIO | DATAMATCH | DEASSIGN, addr: NOTIFY, len: 2, data: 1 });
  assert.equal(remove(eventfd.fd), 0);
  assert.equal(vm.ioeventfdClient?.rangeList.length, 1);
  cpu.outw(NOTIFY, 1);
  assert.equal(eventfd.readable, false);
  assert.equal(rig.requests.length, 0, "the other queue's range still takes it");
  assert.equal(remove(eventfd.fd), 0);
  assert.equal(remove(second.fd), 0);
  cpu.outw(NOTIFY, 1);
  assert.equal(rig.requests.length, 1);
});

test("mainline ignores the ASYNCIO flag and has no SETUP_ASYNCIO", () => {
  const rig = new Rig().start();
  const eventfd = rig.serviceVm.eventfd();
  assert.equal(rig.hsm.ioctl(Ioctl.SETUP_ASYNCIO, rig.memory.alloc(4096, 4096)), -ENOTTY);
  assert.equal(rig.ioeventfd({ fd: eventfd.fd, flags: PIO | ASYNCIO, addr: NOTIFY, len: 2 }), 0);
  rig.guest.cpus[0].outw(NOTIFY, 1);
  assert.equal(eventfd.read(), 1);
});

test("ioctl errors: no VM yet, unknown command, bad pointer, reserved fields, second default client", () => {
  const rig = new Rig();
  assert.equal(rig.serviceVm.openHsm("/dev/acrn_vhm"), -ENOENT);
  assert.equal(rig.hsm.ioctl(Ioctl.START_VM, 0), -EINVAL);
  assert.equal(rig.hsm.ioctl(0xa2ff, 0), -EINVAL);
  assert.equal(rig.hsm.ioctl(Ioctl.CREATE_VM, 0), -EFAULT);
  const at = rig.argument(acrnVmCreation.size);
  rig.memory.view.setUint16(at + acrnVmCreation.at.reserved0, 1, true);
  assert.equal(rig.hsm.ioctl(Ioctl.CREATE_VM, at), -EINVAL);
  const noPage = rig.argument(acrnVmCreation.size);
  writeU64(rig.memory.view, noPage + acrnVmCreation.at.ioreq_buf, 1 << 30);
  assert.equal(rig.hsm.ioctl(Ioctl.CREATE_VM, noPage), -EINVAL);
  assert.match(rig.messages.join("\n"), /Failed to pin ioreq page!/);
});

test("ioctl errors of a VM that exists", () => {
  const rig = new Rig();
  assert.equal(rig.createVm(), 0);
  assert.equal(rig.memory.view.getUint16(rig.argument(0), true), 1, "relative VM id");
  assert.equal(rig.hsm.ioctl(0xa2ff, 0), -ENOTTY);
  const attach = rig.hsm.ioctlWait(Ioctl.ATTACH_IOREQ_CLIENT, 0).next();
  assert.deepEqual(attach, { done: true, value: -ENODEV });
  assert.equal(rig.hsm.ioctl(Ioctl.CREATE_IOREQ_CLIENT, 0), 0);
  assert.equal(rig.hsm.ioctl(Ioctl.CREATE_IOREQ_CLIENT, 0), -EEXIST);
  assert.equal(rig.notifyFinish(1), -EINVAL, "the VM has one vCPU");
  assert.equal(rig.hsm.ioctl(Ioctl.SET_IRQLINE, 48), -1, "48 pins");
  assert.equal(rig.createVm(), -EINVAL, "the hypervisor has no VM left");
});

test("names of threads: comm limit for the kernel's, refusal for acrn-dm's", () => {
  const rig = new Rig().start();
  const names = rig.chain.contexts.map((context) => context.name);
  for (const name of ["vm0:vcpu0", "vm1:vcpu0", "HYP", "kworker/ioreq_wq", "VM1-ioeventfd-1", "vcpu 0"]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(rig.serviceVm.startThread("sixteen letters!", "dm.io", function* () {}, undefined).name, "acrn-dm");
});
