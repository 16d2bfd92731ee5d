import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import { causesOf, steps, TestMachine } from "./harness.ts";

/** A typed character on its way to the guest, and the two ways an interrupt can take. */

const READ = [
  ...["mevent_handle", "virtio_console_backend_read", "vq_has_descs", "vq_getchain", "vq_relchain"],
  // The next read finds nothing: its buffer goes back.
  ...["vq_has_descs", "vq_getchain", "vq_retchain", "vq_endchains", "vq_interrupt"],
].map((station) => `mevent ${station}`);
const vmcall = (...stations: string[]) =>
  [
    ...["vmexit_handler", "vmcall_vmexit_handler", "dispatch_hypercall", ...stations],
    ...["acrn_handle_pending_request", "acrn_inject_pending_intr", "run_vcpu"],
  ].map((id) => `vm0:vcpu0 ${id}`);
const TO_LAPIC = [
  ...["vlapic_receive_intr", "vlapic_calc_dest_noshort", "vlapic_set_intr", "vlapic_accept_intr"],
  ...["apicv_advanced_accept_intr", "signal_event"],
];
const ENTRY = [
  ...["acrn_handle_pending_request", "acrn_inject_pending_intr", "vlapic_inject_intr"],
  ...["apicv_advanced_inject_intr", "run_vcpu"],
].map((station) => `vm1:vcpu0 ${station}`);
const SET_PIN = ["vioapic_set_irqline_lock", "vioapic_set_irqline_nolock", "vioapic_set_pinstate"];

const TRIES = 20;

/** The machine's own timer also pulls at the I/O APIC; that is not meant. */
const isTimer = (hop: HopRecord) => hop.context === "vm1:vcpu0" && SET_PIN.includes(hop.station);

/**
 * Types a character the shell echoes, and returns what was recorded. When the interrupt of earlier output was still being
 * handled, the character's story is mixed with that one's: another character then.
 */
async function typeOne(machine: TestMachine): Promise<readonly HopRecord[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const hops = await machine.record(async () => {
      await machine.shell.type("#");
      await machine.output("the echo", /#$/);
    });
    await machine.shell.type("\x03");
    await machine.prompt();
    if (isUndisturbed(hops)) return hops;
  }
  throw new Error(`an interrupt of earlier output was under way each of ${TRIES} times`);
}

/** The guest's, not that of the Service VM behind a hypercall. */
const isEntry = ({ station, context }: HopRecord) => station === "run_vcpu" && context === "vm1:vcpu0";

/** Nothing of another interrupt before the character came, nor an EOI before its own interrupt was injected. */
function isUndisturbed(hops: readonly HopRecord[]): boolean {
  const from = hops.findIndex((hop) => hop.station === "mevent_handle" && !hop.resumed);
  const entry = hops.findIndex((hop, i) => i > from && isEntry(hop));
  if (from < 0 || entry < 0) return false;
  const foreign = ["vq_interrupt", "vp_interrupt", "veoi_vmexit_handler"];
  return !hops
    .slice(0, entry)
    .some((hop, i) => foreign.includes(hop.station) && (i < from || hop.station !== "vq_interrupt"));
}

function between(hops: readonly HopRecord[], first: string, last: string): HopRecord[] {
  const from = hops.findIndex((hop) => hop.station === first && !hop.resumed);
  const isLast = last === "run_vcpu" ? isEntry : (hop: HopRecord) => hop.station === last;
  const to = hops.findIndex((hop, i) => i > from && isLast(hop));
  assert.ok(from >= 0 && to > from, `${first} ... ${last} in ${steps(hops).join(", ")}`);
  return hops.slice(from, to + 1).filter((hop) => !isTimer(hop));
}

/** The interrupt's count in the guest. */
async function interrupts(machine: TestMachine, line: RegExp): Promise<number> {
  const found = line.exec(await machine.run("cat /proc/interrupts"));
  assert.ok(found, `no line ${line}`);
  return Number(found[1]);
}

describe("MSI-X", () => {
  let machine: TestMachine;
  let hops: readonly HopRecord[];
  let earlier = 0;
  const INPUT = /^ *\d+: +(\d+) .*PCI-MSI.* virtio0-input$/m;

  before(async () => {
    machine = await TestMachine.boot();
    await machine.named();
    earlier = await interrupts(machine, INPUT);
    hops = await typeOne(machine);
  });
  after(() => machine.close());

  test("from the event loop to the vCPU", () => {
    assert.deepEqual(steps(between(hops, "mevent_handle", "run_vcpu")), [
      ...READ,
      ...["pci_generate_msix", "vm_lapic_msi", "acrn_dev_ioctl"].map((station) => `mevent ${station}`),
      ...vmcall("hcall_inject_msi", "vlapic_inject_msi", "inject_msi_for_non_lapic_pt", ...TO_LAPIC),
      ...ENTRY,
    ]);
  });

  test("the injection is caused by the character", () => {
    const [injection] = hops.filter((hop) => hop.station === "vlapic_inject_intr");
    const stations = causesOf(hops, injection).map((hop) => hop.station);
    assert.deepEqual(
      ["mevent_dispatch", "virtio_console_backend_read", "vm_lapic_msi", "hcall_inject_msi"].filter(
        (station) => !stations.includes(station),
      ),
      [],
    );
  });

  test("the input queue's own vector; no I/O APIC, no register read", async () => {
    const [interrupt] = hops.filter((hop) => hop.station === "vq_interrupt");
    assert.deepEqual(interrupt.values, { queue: 0, vector: 1, msix: "true" });
    assert.equal(hops.filter((hop) => hop.station === "pci_lintr_assert").length, 0);
    assert.equal(hops.filter((hop) => hop.station === "virtio_pci_legacy_read").length, 0);
    // What was typed since: the character, Ctrl-C, and at least one line.
    assert.ok((await interrupts(machine, INPUT)) >= earlier + 3);
  });
});

describe("INTx (--virtio_msi)", () => {
  let machine: TestMachine;
  let hops: readonly HopRecord[];
  let earlier = 0;
  const PIN = /^ *16: +(\d+) +IO-APIC +16-fasteoi +virtio0$/m;

  before(async () => {
    machine = await TestMachine.boot(["--virtio_msi"]);
    await machine.named();
    earlier = await interrupts(machine, PIN);
    hops = await typeOne(machine);
  });
  after(() => machine.close());

  test("from the event loop through the I/O APIC to the vCPU", () => {
    assert.deepEqual(steps(between(hops, "mevent_handle", "run_vcpu")), [
      ...READ,
      ...["pci_generate_msi", "pci_lintr_assert", "pci_irq_assert", "vm_set_gsi_irq", "acrn_dev_ioctl"].map(
        (station) => `mevent ${station}`,
      ),
      ...vmcall("hcall_set_irqline", ...SET_PIN, "vioapic_generate_intr", ...TO_LAPIC),
      ...ENTRY,
    ]);
    const [line] = hops.filter((hop) => hop.station === "vm_set_gsi_irq");
    assert.deepEqual(line.values, { gsi: 16, operation: "SET_LOW" });
  });

  test("vp_interrupt reads the ISR in a round trip of mode A, which releases the line", () => {
    const from = hops.findIndex((hop) => hop.station === "vp_interrupt");
    assert.ok(from >= 0, steps(hops).slice(0, 80).join(", "));
    const read = between(hops.slice(from), "vmexit_handler", "emulate_pio_complete");
    const dm = read.filter((hop) => hop.context === "vcpu 0" && hop.layer === "device-model" && !hop.resumed);
    assert.deepEqual(dm.map((hop) => hop.station).slice(0, 9), [
      ...["handle_vmexit", "vmexit_inout", "emulate_inout", "pci_emul_io_handler", "virtio_pci_read"],
      ...["virtio_pci_legacy_read", "pci_lintr_deassert", "pci_irq_deassert", "vm_set_gsi_irq"],
    ]);
    assert.deepEqual(dm[8].values, { gsi: 16, operation: "SET_HIGH" });
    assert.ok(read.some((hop) => hop.station === "acrn_ioreq_request_default_complete"));
    const completion = read.at(-1);
    assert.deepEqual([completion?.values.direction, completion?.values.value], ["READ", "0x1"]);
  });

  test("the guest's EOI reaches the I/O APIC; the line is quiet then, so it ends there", () => {
    const eoi = hops.findIndex((hop) => hop.station === "veoi_vmexit_handler");
    const after = hops.slice(eoi).filter((hop) => !isTimer(hop) && !hop.resumed);
    assert.deepEqual(
      after.slice(0, 3).map((hop) => hop.station),
      ["veoi_vmexit_handler", "vioapic_broadcast_eoi", "vioapic_process_eoi"],
    );
    assert.notEqual(after[3].station, "vioapic_generate_intr");
  });

  test("the guest counts a level-triggered interrupt of the I/O APIC", async () => {
    assert.ok((await interrupts(machine, PIN)) > earlier);
  });
});
