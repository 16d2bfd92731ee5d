import assert from "node:assert/strict";
import { test } from "node:test";
import { GUEST_FLAG_IO_COMPLETION_POLLING, Ioctl, IoreqState } from "../../src/model/abi/acrn.ts";
import { guestFirst } from "../../src/model/chain/testing/guest-first.ts";
import { VcpuStuckError } from "../../src/model/hypervisor/errors.ts";
import { Rig, type RigOptions, steps } from "./rig.ts";

const NOTIFY = 0x2010;

/** Three vCPUs that read a port once each, the guest first; what happens in which order. */
function three(options: RigOptions = {}) {
  const order: string[] = [];
  const rig = new Rig({ vcpus: 3, policy: guestFirst, ...options });
  rig.start(({ vcpu }) => {
    order.push(`serves ${vcpu}`);
    return 100 + vcpu;
  });
  for (const { id } of rig.guest.cpus) {
    rig.guest.script(id, function* (cpu) {
      const value = yield* cpu.portRead(NOTIFY, 1);
      order.push(`${cpu.id} goes on with ${value}`);
    });
  }
  return { rig, order };
}

const all = [0, 1, 2];
const inOrder = [...all.map((id) => `serves ${id}`), ...all.map((id) => `${id} goes on with ${100 + id}`)];

test("three vCPUs that wait are served and go on in the order they came, also when the machine is stopped in between", () => {
  const { rig, order } = three();
  const [first, ...others] = rig.hypervisor.userVm.vcpus.map(({ context }) => context);
  const stops: object[] = [];
  rig.chain.gate = ({ id }, context) => {
    if (id !== "dm_emulate_io_complete" || context !== first) return;
    stops.push(...others.map((other) => [other.state, other.frames().map((frame) => frame.station.id)]));
  };
  rig.scheduler.runUntilIdle();
  assert.deepEqual(order, inOrder);
  const waiting = ["vcpu_thread", "vmexit_handler", "pio_instr_vmexit_handler", "emulate_io", "acrn_insert_request"];
  const parked = ["runnable", [...waiting, "wait_event"]];
  assert.deepEqual(stops, [parked, parked], "the others stand where they wait while the first is on its way back");
  for (const { context } of rig.hypervisor.userVm.vcpus) {
    assert.deepEqual([context.depth, context.parked, context.waitingFor], [1, false, ""]);
  }
});

test("a guest whose engine cannot leave its instruction waits for its own exit only", () => {
  const rig = new Rig({ vcpus: 2 }).start(({ vcpu }) => 100 + vcpu);
  const order: string[] = [];
  rig.guest.script(1, function* (cpu) {
    order.push(`1 goes on with ${yield* cpu.portRead(NOTIFY, 1)}`);
  });
  order.push(`0 goes on with ${rig.guest.cpus[0].inb(NOTIFY)}`);
  assert.deepEqual(order, ["0 goes on with 100"]);
  rig.scheduler.runUntilIdle();
  assert.deepEqual(order, ["0 goes on with 100", "1 goes on with 101"]);
});

test("a second vCPU that waits inside its instruction is refused, and does the first one no harm", () => {
  const rig = new Rig({ vcpus: 2, policy: guestFirst }).start(({ vcpu }) => 100 + vcpu);
  const [first, second] = rig.guest.cpus;
  let refused: unknown;
  rig.guest.script(1, function* () {
    try {
      second.inb(NOTIFY);
    } catch (error) {
      refused = error;
    }
  });
  assert.equal(first.inb(NOTIFY), 100);
  assert.match(String(refused), /^Error: vCPU 1 waits inside its instruction while another vCPU does: expected one/);
  rig.scheduler.runUntilIdle();
  assert.equal(second.isParked, false);
  assert.equal(first.inb(NOTIFY), 100);
});

test("vCPUs of a VM with completion polling look again when nobody else runs", () => {
  const { rig, order } = three({ vmFlags: GUEST_FLAG_IO_COMPLETION_POLLING });
  rig.scheduler.runUntilIdle();
  assert.deepEqual(order, inOrder);
  for (const { context } of rig.hypervisor.userVm.vcpus)
    assert.deepEqual([context.polls, context.parked], [false, false]);
});

test("a run ends with the vCPU nobody can help", async () => {
  const rig = new Rig({ vcpus: 2 });
  rig.createVm();
  rig.hsm.ioctl(Ioctl.START_VM, 0);
  rig.guest.script(1, function* (cpu) {
    yield* cpu.portWrite(NOTIFY, 2, 1);
  });
  await assert.rejects(
    rig.guest.run(),
    (error: unknown) => error instanceof VcpuStuckError && error.vcpu.vcpuId === 1 && error.slot === IoreqState.PENDING,
  );
});

test("a reset while several vCPUs wait makes their exits void, and the VM goes on", () => {
  const rig = new Rig({ vcpus: 2, policy: guestFirst });
  rig.start(() => {
    rig.notify = false;
    for (const command of [Ioctl.PAUSE_VM, Ioctl.CLEAR_VM_IOREQ, Ioctl.RESET_VM, Ioctl.START_VM]) {
      rig.hsm.ioctl(command, 0);
    }
    return undefined;
  });
  const values: number[] = [];
  for (const { id } of rig.guest.cpus) {
    rig.guest.script(id, function* (cpu) {
      values.push(yield* cpu.portRead(NOTIFY, 4));
    });
  }
  rig.scheduler.runUntilIdle();
  assert.deepEqual(values, [0xffffffff, 0xffffffff]);
  for (const { context } of rig.hypervisor.userVm.vcpus) assert.deepEqual([context.depth, context.parked], [1, false]);
});

test("a vCPU of a VM that has been paused does not go on with a request nobody completes", () => {
  const rig = new Rig();
  rig.createVm();
  rig.hsm.ioctl(Ioctl.START_VM, 0);
  const pause = function* (): Generator<void, void, void> {
    rig.hsm.ioctl(Ioctl.PAUSE_VM, 0);
  };
  rig.serviceVm.startThread("pauses", "dm.main", pause, undefined);
  assert.equal(rig.guest.cpus[0].inl(NOTIFY), 0xffffffff);
  assert.equal(rig.hypervisor.userVm.vcpus[0].context.depth, 1);
});

test("an error on the way back ends the exit it comes out of, and the next exit is one of its own", () => {
  const rig = new Rig().start(({ address }) => address & 0xff);
  const [cpu] = rig.guest.cpus;
  const { context } = rig.hypervisor.userVm.vcpus[0];
  rig.chain.gate = ({ id }) => {
    if (id === "dm_emulate_io_complete") throw new Error("enough");
  };
  assert.throws(() => cpu.inb(NOTIFY), /enough/);
  assert.deepEqual([context.depth, context.parked, context.state, cpu.isParked], [1, false, "runnable", false]);
  rig.chain.gate = undefined;
  // The slot of the exit that is dead is COMPLETE still; the Service VM takes it back.
  rig.setField(0, "processed", IoreqState.FREE);
  const hops = steps(rig.record(() => assert.equal(cpu.inb(NOTIFY + 1), 0x11)));
  assert.equal(hops.filter((hop) => hop === "vm1:vcpu0 run_vcpu").length, 1);
  assert.deepEqual([context.depth, context.parked], [1, false]);
});
