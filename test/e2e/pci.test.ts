import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import { steps, TestMachine } from "./harness.ts";

/** PCI configuration space through ports 0xCF8 and 0xCFC, and what the guest finds there. */

let machine: TestMachine;
/** Hops of a look at all of the bus. */
let scan: readonly HopRecord[];

before(async () => {
  machine = await TestMachine.boot([
    ...["-s", "0:0,hostbridge", "-s", "1:0,lpc"],
    ...["-s", "3,virtio-console,@stdio:stdio_port", "-s", "9:0,virtio-console,workbench:a", "-s", "9:5,hostbridge"],
  ]);
  scan = await machine.record(() => machine.run("echo 1 >/sys/bus/pci/rescan"));
});
after(() => machine.close());

/** Hops from the `n`th exit of this kind to the next VM entry. */
function exits(port: number, direction: string): HopRecord[][] {
  const found: HopRecord[][] = [];
  scan.forEach((hop, i) => {
    const { station, values } = hop;
    if (station !== "pio_instr_vmexit_handler" || values.port !== `0x${port.toString(16)}`) return;
    if (values.direction !== direction) return;
    const end = scan.findIndex((later, j) => j > i && later.station === "run_vcpu" && later.context === hop.context);
    if (end > 0) found.push(scan.slice(i, end + 1));
  });
  return found;
}

const FORWARDED = [
  ...["get_asyncio_desc", "acrn_insert_request", "arch_fire_hsm_interrupt", "vlapic_set_intr", "vlapic_accept_intr"],
  ...["apicv_advanced_accept_intr", "signal_event", "wait_event"],
].map((station) => `vm1:vcpu0 ${station}`);
const DISPATCHED = [
  ...["HYP sysvec_acrn_hv_callback", "HYP ioreq_intr_handler"],
  ...["ioreq_dispatcher", "acrn_ioreq_dispatch", "handle_cf8cfc"].map((station) => `kworker/ioreq_wq ${station}`),
];
const COMPLETED = ["dm_emulate_io_complete", "dm_emulate_pio_complete", "complete_ioreq", "emulate_pio_complete"].map(
  (station) => `vm1:vcpu0 ${station}`,
);

/** Interrupts that happen to be pending at the entry are left out. */
const order = (hops: readonly HopRecord[]): string[] =>
  steps(hops).filter((step) => !/pending|_inject_intr|vioapic_set_/.test(step));

test("CF8: the HSM keeps the address and completes the request itself, no client sees it", () => {
  const [hops] = exits(0xcf8, "WRITE");
  const finish = ["vmexit_handler", "vmcall_vmexit_handler", "dispatch_hypercall", "hcall_notify_ioreq_finish"];
  assert.deepEqual(order(hops), [
    ...["pio_instr_vmexit_handler", "emulate_io", "hv_emulate_pio", "vpci_pio_cfgaddr_write"].map(
      (station) => `vm1:vcpu0 ${station}`,
    ),
    ...FORWARDED,
    ...DISPATCHED,
    ...["ioreq_complete_request", "hcall_notify_req_finish"].map((station) => `kworker/ioreq_wq ${station}`),
    ...[...finish, "signal_event", "wake_thread", "run_vcpu"].map((station) => `vm0:vcpu0 ${station}`),
    ...COMPLETED,
    "vm1:vcpu0 run_vcpu",
  ]);
});

test("CFC: the HSM makes it PCICFG and gives it to the default client; the hypervisor still sees a port", () => {
  const [hops] = exits(0xcfc, "READ");
  const sequence = order(hops);
  const upTo = sequence.indexOf("vcpu 0 pci_cfgrw") + 1;
  assert.deepEqual(sequence.slice(0, upTo), [
    ...["pio_instr_vmexit_handler", "emulate_io", "hv_emulate_pio", "vpci_pio_cfgdata_read"].map(
      (station) => `vm1:vcpu0 ${station}`,
    ),
    ...FORWARDED,
    ...DISPATCHED,
    "kworker/ioreq_wq find_ioreq_client",
    ...["handle_vmexit", "vmexit_pci_emul", "emulate_pci_cfgrw", "pci_cfgrw"].map((station) => `vcpu 0 ${station}`),
  ]);
  assert.deepEqual(sequence.slice(-5), [...COMPLETED, "vm1:vcpu0 run_vcpu"]);
  const values = (station: string) => hops.find((hop) => hop.station === station && !hop.resumed)?.values;
  assert.equal(values("handle_vmexit")?.type, "PCICFG");
  assert.deepEqual([values("find_ioreq_client")?.type, values("find_ioreq_client")?.is_default], ["PCICFG", "true"]);
  assert.equal(values("emulate_pio_complete")?.type, "PORTIO");
});

test("the hypervisor's latch is taken by each CFC access", () => {
  const latches = scan.filter((hop) => hop.station === "vpci_pio_cfgdata_read").map(({ values }) => values.latch);
  assert.ok(latches.length >= 32);
  assert.ok(latches.every((latch) => Number(latch) >= 0x80000000));
});

test("a look at the bus asks every slot and function that may be there for its ids", () => {
  const asked = scan.filter(({ station, values }) => station === "pci_cfgrw" && values.reg === "0x0");
  const functions = (slot: number) =>
    asked.filter(({ values }) => values.slot === slot).map(({ values }) => values.func);
  // Devices the guest knows are not asked again, but slot 9 says that it has more functions than 0 and 5.
  for (const slot of [0, 1, 3]) assert.deepEqual(functions(slot), [], `slot ${slot}`);
  assert.deepEqual(functions(9), [1, 2, 3, 4, 6, 7]);
  for (const slot of [2, 4, 8, 10, 31]) assert.deepEqual(functions(slot), [0], `slot ${slot}`);
});

test("the guest sees the devices of the options and none of the engine's own", async () => {
  const found = await machine.run("cd /sys/bus/pci/devices; grep . */vendor */device */class; cd");
  const ids = new Map<string, string[]>();
  for (const line of found.split("\n")) {
    const [, device, value] = /^0000:(\S+)\/\w+:0x(\w+)$/.exec(line) ?? [];
    ids.set(device, [...(ids.get(device) ?? []), value]);
  }
  assert.deepEqual(Object.fromEntries(ids), {
    "00:00.0": ["1275", "1275", "060000"],
    "00:01.0": ["8086", "7000", "060100"],
    "00:03.0": ["1af4", "1003", "078000"],
    "00:09.0": ["1af4", "1003", "078000"],
    "00:09.5": ["1275", "1275", "060000"],
  });
  assert.equal(await machine.run("ls /sys/bus/virtio/devices"), "virtio0  virtio1");
});
