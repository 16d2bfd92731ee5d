import assert from "node:assert/strict";
import { test } from "node:test";
import { acrnIoRequest, IoeventfdFlag, IoreqDirection, IoreqState, IoreqType } from "../../src/model/abi/acrn.ts";
import type { Hop } from "../../src/model/chain/recorder.ts";
import { Rig, steps } from "./rig.ts";

const NOTIFY = 0x2010;

const toServiceVm = [
  "vm1:vcpu0 vmexit_handler",
  "vm1:vcpu0 pio_instr_vmexit_handler",
  "vm1:vcpu0 emulate_io",
  "vm1:vcpu0 hv_emulate_pio",
  "vm1:vcpu0 get_asyncio_desc",
  "vm1:vcpu0 acrn_insert_request",
  "vm1:vcpu0 arch_fire_hsm_interrupt",
  "vm1:vcpu0 vlapic_set_intr",
  "vm1:vcpu0 vlapic_accept_intr",
  "vm1:vcpu0 apicv_advanced_accept_intr",
  "vm1:vcpu0 signal_event",
  "vm1:vcpu0 wait_event",
  "HYP sysvec_acrn_hv_callback",
  "HYP ioreq_intr_handler",
  "kworker/ioreq_wq ioreq_dispatcher",
  "kworker/ioreq_wq acrn_ioreq_dispatch",
  "kworker/ioreq_wq handle_cf8cfc",
  "kworker/ioreq_wq find_ioreq_client",
];

const hypercall = [
  "vm0:vcpu0 vmexit_handler",
  "vm0:vcpu0 vmcall_vmexit_handler",
  "vm0:vcpu0 dispatch_hypercall",
  "vm0:vcpu0 hcall_notify_ioreq_finish",
  "vm0:vcpu0 signal_event",
  "vm0:vcpu0 wake_thread",
  "vm0:vcpu0 acrn_handle_pending_request",
  "vm0:vcpu0 acrn_inject_pending_intr",
  "vm0:vcpu0 run_vcpu",
];

const completion = [
  "vm1:vcpu0 dm_emulate_io_complete",
  "vm1:vcpu0 dm_emulate_pio_complete",
  "vm1:vcpu0 complete_ioreq",
  "vm1:vcpu0 emulate_pio_complete",
  "vm1:vcpu0 acrn_handle_pending_request",
  "vm1:vcpu0 acrn_inject_pending_intr",
  "vm1:vcpu0 run_vcpu",
];

function kick(rig: Rig, value = 1): Hop[] {
  return rig.record(() => {
    rig.guest.script(0, function* (cpu) {
      cpu.outw(NOTIFY, value);
    });
    rig.scheduler.runUntilIdle();
  });
}

test("mode A: a kick goes to the default client, is served by acrn-dm's thread and completed", () => {
  const rig = new Rig().start();
  assert.deepEqual(steps(kick(rig)), [
    ...toServiceVm,
    "vcpu 0 acrn_dev_ioctl",
    "vcpu 0 acrn_ioreq_request_default_complete",
    "vcpu 0 acrn_ioreq_complete_request",
    "vcpu 0 ioreq_complete_request",
    "vcpu 0 hcall_notify_req_finish",
    ...hypercall,
    "vcpu 0 acrn_dev_ioctl",
    "vcpu 0 acrn_ioreq_client_wait",
    ...completion,
  ]);
  assert.equal(rig.requests.length, 1);
  assert.equal(rig.field(0, "processed"), IoreqState.FREE);
});

test("mode B: the HSM's thread signals the eventfd and completes; acrn-dm's iothread comes later", () => {
  const rig = new Rig().start();
  const eventfd = rig.serviceVm.eventfd();
  const flags = IoeventfdFlag.PIO | IoeventfdFlag.DATAMATCH;
  assert.equal(rig.ioeventfd({ fd: eventfd.fd, flags, addr: NOTIFY, len: 2, data: 1 }), 0);
  const epoll = rig.serviceVm.epollCreate<string>("iothr-0-blk3:0");
  epoll.add(eventfd, "queue 1");
  const seen: string[] = [];
  const body = function* () {
    for (;;) {
      yield* epoll.wait(seen);
      seen.push(`counter ${eventfd.read()}`, `slot ${rig.field(0, "processed")}`);
    }
  };
  rig.serviceVm.startThread("iothr-0-blk3:0", "dm.io", body, undefined);
  rig.scheduler.runUntilIdle();
  assert.deepEqual(steps(kick(rig)), [
    ...toServiceVm,
    "VM1-ioeventfd-1 acrn_ioeventfd_handler",
    "VM1-ioeventfd-1 hsm_ioeventfd_match",
    "VM1-ioeventfd-1 eventfd_signal",
    "VM1-ioeventfd-1 acrn_ioreq_complete_request",
    "VM1-ioeventfd-1 ioreq_complete_request",
    "VM1-ioeventfd-1 hcall_notify_req_finish",
    ...hypercall,
    "VM1-ioeventfd-1 acrn_ioreq_client_wait",
    ...completion,
  ]);
  assert.deepEqual(seen, ["queue 1", "counter 1", "slot 1"]);
  assert.equal(rig.requests.length, 0, "acrn-dm's vcpu 0 has nothing to do with it");
});

test("frames nest as in the hypervisor and a blocked vCPU keeps them", () => {
  const rig = new Rig();
  let stack: string[] = [];
  rig.start(() => {
    const { context } = rig.hypervisor.userVm.vcpus[0];
    stack = [context.state, context.waitingFor, ...context.frames().map((frame) => frame.station.id)];
    return undefined;
  });
  kick(rig);
  assert.deepEqual(stack, [
    "blocked",
    "VCPU_EVENT_IOREQ",
    "vcpu_thread",
    "vmexit_handler",
    "pio_instr_vmexit_handler",
    "emulate_io",
    "acrn_insert_request",
    "wait_event",
  ]);
});

test("acrn-dm's thread is seen inside its ioctl while it waits", () => {
  const rig = new Rig().start();
  const thread = rig.chain.contexts.find((context) => context.name === "vcpu 0");
  assert.equal(thread?.state, "blocked");
  assert.equal(thread?.waitingFor, "ioreq client acrndm");
  const ids = thread?.frames().map((frame) => frame.station.id);
  assert.deepEqual(ids, ["acrn_dev_ioctl", "acrn_ioreq_client_wait"]);
});

test("the causes lead from the completion back to the kick", () => {
  const rig = new Rig().start();
  const hops = kick(rig);
  const byIndex = new Map(hops.map((hop) => [hop.index, hop]));
  const causes: string[] = [];
  let hop = hops.find((candidate) => candidate.station.id === "hcall_notify_ioreq_finish");
  while (hop !== undefined) {
    const next: number = hop.cause >= 0 ? hop.cause : hop.caller;
    if (hop.cause >= 0) causes.push(`${hop.context.name} < ${byIndex.get(next)?.station.id}`);
    hop = byIndex.get(next);
  }
  assert.deepEqual(causes, [
    "vm0:vcpu0 < hcall_notify_req_finish",
    "vcpu 0 < acrn_ioreq_dispatch",
    "kworker/ioreq_wq < ioreq_intr_handler",
    "HYP < apicv_advanced_accept_intr",
  ]);
});

test("every station runs in a context its declaration names", () => {
  const rig = new Rig();
  const hops = rig.record(() => {
    rig.start();
    rig.guest.script(0, function* (cpu) {
      cpu.outw(NOTIFY, 1);
      cpu.mmioRead(0x8000_0000, 4);
    });
    rig.scheduler.runUntilIdle();
  });
  for (const { station, context } of hops) {
    assert.ok(station.contexts.includes(context.kind), `${station.id} ran in ${context.kind}`);
  }
});

test("the slot's bytes are at their offsets in each state", () => {
  const seen: Record<string, number> = {};
  const rig = new Rig();
  const { at } = acrnIoRequest;
  const u32 = (offset: number) => rig.memory.view.getUint32(rig.page + offset, true);
  rig.createVm();
  assert.deepEqual([at.type, at.direction, at.address, at.size, at.value], [0, 64, 72, 80, 88]);
  assert.deepEqual([at.kernel_handled, at.processed], [132, 136]);
  for (let slot = 0; slot < 16; slot++) assert.equal(u32(slot * 256 + 136), IoreqState.FREE);

  const other = new Rig().start(() => {
    const view = new DataView(other.memory.bytes.buffer, other.page);
    seen.type = view.getUint32(0, true);
    seen.direction = view.getUint32(64, true);
    seen.address = view.getUint32(72, true);
    seen.size = view.getUint32(80, true);
    seen.value = view.getUint32(88, true);
    seen.processed = view.getUint32(136, true);
    return undefined;
  });
  kick(other, 0x15);
  assert.deepEqual(seen, {
    type: IoreqType.PORTIO,
    direction: IoreqDirection.WRITE,
    address: NOTIFY,
    size: 2,
    value: 0x15,
    processed: IoreqState.PROCESSING,
  });
});

test("values of reads come back by the size of the access", () => {
  const rig = new Rig().start(({ type }) => (type === IoreqType.MMIO ? 0x89abcdef : 0x12345678));
  const read: number[] = [];
  rig.guest.script(0, function* (cpu) {
    read.push(cpu.inb(0x2000), cpu.inw(0x2000), cpu.inl(0x2000));
    read.push(cpu.mmioRead(0x8000_0000, 1), cpu.mmioRead(0x8000_0000, 4));
  });
  rig.scheduler.runUntilIdle();
  assert.deepEqual(read, [0x78, 0x5678, 0x12345678, 0xef, 0x89abcdef]);
});

test("an MMIO write is emulated before the request is sent, a read after the value has come", () => {
  const rig = new Rig().start(() => 7);
  const order = (access: () => void) =>
    steps(rig.record(access))
      .filter((step) => step.startsWith("vm1"))
      .map((step) => step.split(" ")[1])
      .filter((id) => ["emulate_instruction", "acrn_insert_request", "emulate_mmio_complete"].includes(id));
  const cpu = rig.guest.cpus[0];
  assert.deepEqual(
    order(() => cpu.mmioWrite(0x8000_0000, 4, 5)),
    ["emulate_instruction", "acrn_insert_request", "emulate_mmio_complete"],
  );
  assert.equal(rig.requests[0].value, 5);
  assert.deepEqual(
    order(() => assert.equal(cpu.mmioRead(0x8000_0000, 4), 7)),
    ["acrn_insert_request", "emulate_mmio_complete", "emulate_instruction"],
  );
});
