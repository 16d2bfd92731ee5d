import assert from "node:assert/strict";
import { test } from "node:test";
import { GUEST_FLAG_IO_COMPLETION_POLLING, Hypercall, Ioctl, IoreqState } from "../../src/model/abi/acrn.ts";
import { guestFirst } from "../../src/model/chain/testing/guest-first.ts";
import { InjectedException } from "../../src/model/guest/scripted/guest.ts";
import { VcpuStuckError } from "../../src/model/hypervisor/errors.ts";
import { ENODEV, ENOTTY } from "../../src/model/util/errno.ts";
import { Rig, steps } from "./rig.ts";

const isGp = (error: unknown) => error instanceof InjectedException && error.vector === 13 && error.errorCode === 0;

test("a zeroed page is PENDING until SET_IOREQ_BUFFER sets it FREE", () => {
  const rig = new Rig();
  assert.equal(rig.field(3, "processed"), IoreqState.PENDING);
  assert.equal(rig.createVm(), 0);
  assert.equal(rig.field(3, "processed"), IoreqState.FREE);
});

test("an access without a shared page is #GP(0)", () => {
  const rig = new Rig();
  assert.throws(() => rig.guest.cpus[0].outw(0x2010, 1), isGp);
  assert.match(rig.messages.join("\n"), /emulate_io Err: access dir 1, io_type 0, addr = 0x2010, size=2/);
});

test("an access with a slot that is not FREE is #GP(0) and leaves the slot alone", () => {
  const rig = new Rig().start();
  rig.setField(0, "processed", IoreqState.PROCESSING);
  rig.setField(0, "value", 0x77);
  assert.throws(() => rig.guest.cpus[0].outw(0x2010, 1), isGp);
  assert.equal(rig.field(0, "value"), 0x77);
  assert.equal(rig.requests.length, 0);
});

test("without any client the request stays PENDING and the vCPU is stuck, visibly", () => {
  const stuck: unknown[] = [];
  const rig = new Rig({
    onStuck: ({ context }) => {
      stuck.push(context.state, context.waitingFor, context.frames().at(-1)?.station.id);
      return false;
    },
  });
  rig.createVm();
  rig.hsm.ioctl(Ioctl.START_VM, 0);
  assert.throws(
    () => rig.guest.cpus[0].outw(0x2010, 1),
    (error: unknown) =>
      error instanceof VcpuStuckError &&
      error.slot === IoreqState.PENDING &&
      error.waitingFor === "VCPU_EVENT_IOREQ" &&
      error.vcpu === rig.hypervisor.userVm.vcpus[0],
  );
  assert.deepEqual(stuck, ["stuck", "VCPU_EVENT_IOREQ", "wait_event"]);
  assert.equal(rig.hypervisor.userVm.vcpus[0].context.state, "stuck");
  assert.match(rig.messages.join("\n"), /Failed to find ioreq client!/);
});

test("a stuck vCPU goes on when the machine found somebody to help", () => {
  const rig = new Rig({ onStuck: () => rig.notifyFinish(0) === 0 });
  rig.createVm();
  rig.hsm.ioctl(Ioctl.CREATE_IOREQ_CLIENT, 0);
  rig.hsm.ioctl(Ioctl.START_VM, 0);
  rig.guest.cpus[0].outw(0x2010, 1);
  assert.equal(rig.field(0, "processed"), IoreqState.FREE);
});

test("16 vCPUs that kick at once share one upcall and one run of the dispatcher", () => {
  const rig = new Rig({ vcpus: 16, policy: guestFirst }).start();
  const done: number[] = [];
  const before = rig.serviceVm.irqHvCallbackCount;
  const hops = rig.record(() => {
    for (let vcpu = 0; vcpu < 16; vcpu++) {
      rig.guest.script(vcpu, function* (cpu) {
        yield* cpu.portWrite(0x2010, 2, cpu.id);
        done.push(cpu.id);
      });
    }
    rig.scheduler.runUntilIdle();
  });
  const count = (id: string) => hops.filter((hop) => !hop.resumed && hop.station.id === id).length;
  assert.equal(count("acrn_insert_request"), 16);
  assert.equal(count("apicv_advanced_accept_intr"), 16);
  assert.equal(rig.serviceVm.irqHvCallbackCount - before, 1);
  assert.equal(count("ioreq_dispatcher"), 1);
  assert.deepEqual(
    rig.requests.map((request) => request.value),
    Array.from({ length: 16 }, (_, vcpu) => vcpu),
  );
  assert.deepEqual(
    done,
    Array.from({ length: 16 }, (_, vcpu) => vcpu),
    "they go on in the order they were served",
  );
  for (let vcpu = 0; vcpu < 16; vcpu++) assert.equal(rig.field(vcpu, "processed"), IoreqState.FREE);
});

test("with the host first, the same 16 kicks are 16 round trips", () => {
  const rig = new Rig({ vcpus: 16 }).start();
  const before = rig.serviceVm.irqHvCallbackCount;
  for (let vcpu = 0; vcpu < 16; vcpu++) {
    rig.guest.script(vcpu, function* (cpu) {
      yield* cpu.portWrite(0x2010, 2, cpu.id);
    });
  }
  rig.scheduler.runUntilIdle();
  assert.equal(rig.serviceVm.irqHvCallbackCount - before, 16);
  assert.equal(rig.requests.length, 16);
});

test("a polling VM watches the slot and the HSM makes no hypercall", () => {
  const rig = new Rig({ vmFlags: GUEST_FLAG_IO_COMPLETION_POLLING }).start();
  const hops = rig.record(() => rig.guest.cpus[0].outw(0x2010, 1));
  const ids = steps(hops);
  assert.ok(ids.includes("vcpu 0 ioreq_complete_request"));
  assert.ok(!ids.some((step) => /hcall_notify_req_finish|hcall_notify_ioreq_finish|wait_event/.test(step)));
  assert.equal(rig.field(0, "completion_polling"), 1);
  assert.equal(rig.field(0, "processed"), IoreqState.FREE);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_NOTIFY_REQUEST_FINISH, 1, 0), 0);
  assert.equal(rig.hypervisor.userVm.vcpus[0].events[0].set, false);
});

test("a spurious notify ends the next wait early, and the request after that meets a slot that is not FREE", () => {
  const rig = new Rig();
  rig.createVm();
  rig.hsm.ioctl(Ioctl.CREATE_IOREQ_CLIENT, 0);
  rig.hsm.ioctl(Ioctl.START_VM, 0);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_NOTIFY_REQUEST_FINISH, 1, 0), 0);
  rig.guest.cpus[0].outw(0x2010, 1);
  assert.equal(rig.field(0, "processed"), IoreqState.PENDING, "the guest went on before anybody looked");
  assert.throws(() => rig.guest.cpus[0].outw(0x2010, 2), isGp);
});

test("hypercalls: unknown id, unknown VM, vCPU that was not created", () => {
  const rig = new Rig().start();
  assert.equal(rig.hypervisor.vmcall(0x800000ff, 1, 0), -ENOTTY);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_NOTIFY_REQUEST_FINISH, 5, 0), -ENOTTY);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_NOTIFY_REQUEST_FINISH, 1, 1), -1);
  assert.match(rig.messages.join("\n"), /failed to get VCPU 1 context from VM 1/);
});

test("the upcall's vector can be changed; a kernel without a handler for it serves nobody", () => {
  const rig = new Rig().start();
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_SET_CALLBACK_VECTOR, 0x1f, 0), -22);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_SET_CALLBACK_VECTOR, 0x100, 0), -22);
  assert.equal(rig.hypervisor.vmcall(Hypercall.HC_SET_CALLBACK_VECTOR, 0xe0, 0), 0);
  assert.throws(() => rig.guest.cpus[0].outw(0x2010, 1), VcpuStuckError);
  assert.match(rig.messages.join("\n"), /No irq handler for vector 0xe0/);
});

test("a VM that is reset while a vCPU waits: the exit is void, slots are FREE, nothing of it is left", () => {
  const events: string[] = [];
  const rig = new Rig({ onVmEvent: (_vm, event) => events.push(event) }).start(() => {
    rig.notify = false;
    rig.hsm.ioctl(Ioctl.PAUSE_VM, 0);
    rig.hsm.ioctl(Ioctl.CLEAR_VM_IOREQ, 0);
    rig.hsm.ioctl(Ioctl.RESET_VM, 0);
    rig.hsm.ioctl(Ioctl.START_VM, 0);
    return undefined;
  });
  rig.guest.cpus[0].outb(0xcf9, 6);
  const vcpu = rig.hypervisor.userVm.vcpus[0];
  assert.deepEqual(events, ["create", "start", "pause", "reset", "start"]);
  assert.equal(vcpu.context.depth, 1, "only vcpu_thread is left on the stack");
  assert.equal(rig.field(0, "processed"), IoreqState.FREE);
  rig.notify = true;
  rig.guest.cpus[0].outw(0x2010, 1);
  assert.equal(rig.requests.length, 2, "the VM goes on after the reset");
});

test("destroying the VM ends its threads and gives acrn-dm's waiter -ENODEV", () => {
  const rig = new Rig().start();
  let result: number | undefined;
  const body = function* () {
    result = yield* rig.hsm.ioctlWait(Ioctl.ATTACH_IOREQ_CLIENT, 0);
  };
  rig.serviceVm.startThread("second waiter", "dm.main", body, undefined);
  rig.scheduler.runUntilIdle();
  assert.ok(rig.hsm.ioctl(Ioctl.DESTROY_VM, 0) < 0, "a running VM cannot be destroyed");
  assert.equal(rig.hsm.ioctl(Ioctl.PAUSE_VM, 0), 0);
  assert.equal(rig.hsm.ioctl(Ioctl.DESTROY_VM, 0), 0);
  rig.scheduler.runUntilIdle();
  assert.equal(result, -ENODEV);
  const states = rig.chain.contexts.filter((c) => /ioeventfd|irqfd|vcpu 0/.test(c.name)).map((c) => c.state);
  assert.deepEqual(states, ["done", "done", "done"]);
  assert.equal(rig.serviceVm.vmList.length, 0);
  assert.equal(rig.createVm(), 0, "the VM can be created again");
});
