import assert from "node:assert/strict";
import { test } from "node:test";
import { Ioctl, IoeventfdFlag } from "../../src/model/abi/acrn.ts";
import { SBUF_MAGIC, sharedBuf } from "../../src/model/abi/sbuf.ts";
import { guestFirst } from "../../src/model/chain/testing/guest-first.ts";
import { EEXIST, EINVAL, ENODEV } from "../../src/model/util/errno.ts";
import { Rig, steps } from "./rig.ts";

const NOTIFY = 0x2010;
const { PIO, DATAMATCH, DEASSIGN, ASYNCIO } = IoeventfdFlag;

function ringOf(rig: Rig, elements = 504): number {
  const ring = rig.memory.alloc(4096, 4096);
  const { view } = rig.memory;
  view.setBigUint64(ring + sharedBuf.at.magic, SBUF_MAGIC, true);
  view.setUint32(ring + sharedBuf.at.ele_num, elements, true);
  view.setUint32(ring + sharedBuf.at.ele_size, 8, true);
  view.setUint32(ring + sharedBuf.at.size, elements * 8, true);
  return ring;
}

function asyncRig(elements?: number, options = {}) {
  const rig = new Rig({ asyncio: true, ...options }).start();
  const ring = ringOf(rig, elements);
  assert.equal(rig.hsm.ioctl(Ioctl.SETUP_ASYNCIO, ring), 0);
  const eventfd = rig.serviceVm.eventfd();
  const queue = { fd: eventfd.fd, flags: PIO | DATAMATCH | ASYNCIO, addr: NOTIFY, len: 2, data: 1 };
  assert.equal(rig.ioeventfd(queue), 0);
  return { rig, ring, eventfd, queue };
}

test("mode C: the cookie goes into the ring, no slot is used and the vCPU does not wait", () => {
  const { rig, eventfd } = asyncRig();
  const hops = rig.record(() => rig.guest.cpus[0].outw(NOTIFY, 1));
  const ids = steps(hops).map((step) => step.split(" ").at(-1));
  assert.deepEqual(ids.slice(4, 8), ["get_asyncio_desc", "acrn_insert_asyncio", "sbuf_put", "arch_fire_hsm_interrupt"]);
  assert.ok(!ids.includes("wait_event") && !ids.includes("acrn_insert_request"));
  assert.equal(eventfd.readable, false, "the guest is ahead of the Service VM");
  const later = steps(rig.record(() => rig.scheduler.runUntilIdle()));
  assert.deepEqual(later, [
    "HYP sysvec_acrn_hv_callback",
    "HYP ioreq_intr_handler",
    "kworker/ioreq_wq ioreq_dispatcher",
    "kworker/ioreq_wq acrn_asyncio_dispatch",
    "kworker/ioreq_wq eventfd_signal",
    "kworker/ioreq_wq acrn_ioreq_dispatch",
  ]);
  assert.equal(eventfd.read(), 1);
});

test("other data, and everything after the deassign, travels in mode A", () => {
  const { rig, eventfd, queue } = asyncRig();
  rig.guest.cpus[0].outw(NOTIFY, 2);
  assert.equal(rig.requests.length, 1);
  assert.equal(rig.ioeventfd({ ...queue, flags: queue.flags | DEASSIGN }), 0);
  rig.guest.cpus[0].outw(NOTIFY, 1);
  assert.equal(rig.requests.length, 2);
  assert.equal(eventfd.readable, false);
});

test("direction and size are not looked at: a read is queued and leaves the register", () => {
  const { rig, eventfd } = asyncRig();
  rig.hypervisor.userVm.vcpus[0].req.pioValue = 1;
  assert.equal(rig.guest.cpus[0].inl(NOTIFY), 0);
  rig.scheduler.runUntilIdle();
  assert.equal(eventfd.read(), 1);
});

test("a full ring holds the vCPU until the Service VM has read it; it has one element less than it has room", () => {
  const { rig, eventfd } = asyncRig(4, { policy: guestFirst });
  const cpu = rig.guest.cpus[0];
  for (let kick = 0; kick < 3; kick++) cpu.outw(NOTIFY, 1);
  assert.equal(eventfd.readable, false);
  const hops = rig.record(() => cpu.outw(NOTIFY, 1));
  assert.ok(steps(hops).includes("kworker/ioreq_wq acrn_asyncio_dispatch"));
  rig.scheduler.runUntilIdle();
  assert.equal(eventfd.read(), 4);
});

test("registrations the hypervisor refuses succeed all the same: conflict, address 0, more than 64", () => {
  const { rig, queue } = asyncRig();
  const { aiodescQueue } = rig.hypervisor.userVm;
  assert.equal(rig.ioeventfd(queue), 0);
  assert.equal(rig.ioeventfd({ ...queue, addr: 0 }), 0);
  assert.equal(aiodescQueue.length, 1);
  for (let data = 2; data < 80; data++) assert.equal(rig.ioeventfd({ ...queue, data }), 0);
  assert.equal(aiodescQueue.length, 64);
  const text = rig.messages.join("\n");
  for (const message of [/already registered!/, /base = 0 is not supported!/, /too much fastio/]) {
    assert.match(text, message);
  }
});

test("set-up errors: no ring, wrong magic, a second ring", () => {
  const rig = new Rig({ asyncio: true }).start();
  const eventfd = rig.serviceVm.eventfd();
  assert.equal(rig.ioeventfd({ fd: eventfd.fd, flags: PIO | ASYNCIO, addr: NOTIFY, len: 2 }), -ENODEV);
  assert.equal(rig.hsm.ioctl(Ioctl.SETUP_ASYNCIO, rig.memory.alloc(4096, 4096)), -EINVAL);
  assert.equal(rig.hsm.ioctl(Ioctl.SETUP_ASYNCIO, ringOf(rig)), 0);
  assert.equal(rig.hsm.ioctl(Ioctl.SETUP_ASYNCIO, ringOf(rig)), -EEXIST);
});
