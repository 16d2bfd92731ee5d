import assert from "node:assert/strict";
import { test } from "node:test";
import { Ioctl, IoreqDirection, IoreqState, IoreqType } from "../../abi/acrn.ts";
import { DmExit } from "../config.ts";
import { Fixture } from "../testing/fixture.ts";

const { READ, WRITE } = IoreqDirection;
const started = () => new Fixture("@stdio:p").start();
const ALL_ONES = 0xffffffff;

test("the ioreq thread is the default client, starts the VM and sleeps in the HSM", () => {
  const f = started();
  const commands = f.kernel.calls.map(({ command }) => command);
  assert.deepEqual(commands.slice(-2), [Ioctl.CREATE_IOREQ_CLIENT, Ioctl.START_VM]);
  const thread = f.dm.vmctx.vcpuThread;
  assert.deepEqual([thread?.name, thread?.kind, thread?.state], ["vcpu 0", "dm.vcpu", "blocked"]);
  assert.deepEqual(
    thread?.frames().map(({ station }) => station.id),
    ["start_thread", "vm_loop", "vm_attach_ioreq_client"],
  );
});

test("a finished request is reported with the VM's id and the vCPU", () => {
  const f = started();
  f.in(0x2000, 4);
  const [call] = f.kernel.callsOf(Ioctl.NOTIFY_REQUEST_FINISH);
  assert.deepEqual([call.bytes.getUint16(0, true), call.bytes.getUint32(4, true)], [7, 0]);
  assert.equal(f.kernel.stateOf(0), IoreqState.COMPLETE);
});

test("one wake-up serves the slots of all vCPUs, and no others", () => {
  const f = new Fixture("@stdio:p", {
    prepare: (kernel) => {
      kernel.vcpus = 2;
    },
  }).start();
  const read = { type: IoreqType.PORTIO, direction: READ, address: 0x2000, size: 4 };
  for (const slot of [0, 1, 2]) f.kernel.submit(slot, read);
  f.scheduler.runUntilIdle();
  assert.deepEqual(
    [0, 1, 2].map((slot) => f.kernel.stateOf(slot)),
    [IoreqState.COMPLETE, IoreqState.COMPLETE, IoreqState.PROCESSING],
  );
  assert.equal(f.kernel.valueOf(1)[0], 3);
});

test("a request a kernel client owns is left alone", () => {
  const f = started();
  f.kernel.submit(0, { type: IoreqType.PORTIO, direction: WRITE, address: 0x2010, size: 2, value: 0 }, 1);
  f.scheduler.runUntilIdle();
  assert.equal(f.kernel.stateOf(0), IoreqState.PROCESSING);
});

test("a port nobody has reads all ones of its size and takes writes without a word", () => {
  const f = started();
  assert.deepEqual([f.in(0x1234, 1), f.in(0x1234, 2), f.in(0x1234, 4)], [0xff, 0xffff, ALL_ONES]);
  f.out(0x1234, 1, 1);
  assert.equal(f.logged("Unhandled").length, 0);
});

test("a port access no handler takes is reported and reads all ones", () => {
  const f = started();
  assert.equal(f.in(0xffff, 2), ALL_ONES, "beyond the last port");
  assert.equal(f.in(0x2000, 3), ALL_ONES, "a size no instruction has");
  f.out(0x203f, 2, 1);
  assert.deepEqual(f.logged("Unhandled"), [
    "1 acrn-dm: Unhandled inw 0xffff",
    "1 acrn-dm: Unhandled inl 0x2000",
    "1 acrn-dm: Unhandled outw 0x203f",
  ]);
});

test("memory: the PCI hole reads all ones in silence, elsewhere it is reported", () => {
  const f = started();
  assert.deepEqual(f.mmioRead(0x9000_0000, 4), [ALL_ONES, ALL_ONES]);
  assert.equal(f.logged("Unhandled").length, 0);
  assert.deepEqual(f.mmioRead(0xf000_0000, 4), [ALL_ONES, ALL_ONES]);
  f.mmioWrite(0xf000_0000, 4, 1);
  assert.equal(f.logged("Unhandled memory access to 0xf0000000").length, 2);
  assert.equal(f.logged("Failed to emulate instruction [mmio address 0xf0000000, size 4").length, 2);
});

test("an access across a memory BAR's end is not handled", () => {
  const f = started();
  assert.deepEqual(f.mmioRead(0x8000_1ffe, 4), [ALL_ONES, ALL_ONES]);
  assert.equal(f.logged("pci_emul_mem_handler, Out of emulated memory range").length, 1);
});

test("a request type acrn-dm does not know ends the process", () => {
  const f = started();
  f.kernel.submit(0, { type: IoreqType.WP, direction: WRITE, address: 0x1000, size: 4 });
  assert.throws(
    () => f.scheduler.runUntilIdle(),
    (error) => error instanceof DmExit && error.status === 1 && /unexpected exitcode 0x3/.test(error.message),
  );
});

test("the whole way of a kick, in the ioreq thread, with its values", () => {
  const f = started();
  f.chain.recording = true;
  f.out(0x2010, 2, 1);
  const hops = f.chain.recorder.since(0).filter(({ context }) => context.name === "vcpu 0");
  assert.deepEqual(
    hops.map(({ station, depth }) => `${depth} ${station.id}`),
    [
      "0 start_thread",
      "1 vm_loop",
      "2 handle_vmexit",
      "3 vmexit_inout",
      "4 emulate_inout",
      "5 pci_emul_io_handler",
      "6 virtio_pci_write",
      "7 virtio_pci_legacy_write",
      "8 virtio_console_notify_tx",
      "9 vq_has_descs",
      "9 vq_endchains",
      "3 vm_notify_request_done",
      "2 vm_attach_ioreq_client",
    ],
  );
  const legacy = hops.find(({ station }) => station.id === "virtio_pci_legacy_write");
  assert.deepEqual(legacy?.values, { offset: 16, size: 2, value: 1 });
});
