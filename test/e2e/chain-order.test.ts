import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import { builtInStations } from "../../src/model/stations.ts";
import { causesOf, TestMachine } from "./harness.ts";

/** The functions a data kick passes, in the order of the real chain, from the guest's character to the VM entry. */

const CONSOLE = 3;
const OUTPUT = 1;

/** Consecutive hops of one context and layer in one line; frames that were open before are left out. */
function lines(hops: readonly HopRecord[]): string[] {
  const out: string[] = [];
  let head = "";
  for (const { layer, context, station, resumed } of hops) {
    if (resumed) continue;
    if (head !== `${layer}, ${context}:`) {
      head = `${layer}, ${context}:`;
      out.push(head);
    }
    out[out.length - 1] += ` ${station}`;
  }
  return out;
}

/** The stations that may stand on the two sides of a hand-over: who was open where it was made, and who goes on. */
function sidesOf(hops: readonly HopRecord[], index: number): { readonly from: string[]; readonly to: string[] } {
  const { cause, context } = hops[index];
  const from: string[] = [];
  for (let at = cause; at !== null; at = hops[at].caller) from.push(hops[at].station);
  const after = hops.slice(index).filter((hop) => hop.context === context);
  const woken = after.slice(0, after.findIndex((hop) => !hop.resumed) + 1);
  // Where it slept has been left by then: it is what the context entered last, or will enter when it sleeps again.
  const entered = hops.filter((hop) => hop.context === context && !hop.resumed);
  const slept = entered.findLast((hop) => hops.indexOf(hop) < index) ?? entered.at(-1);
  return { from, to: [...woken, ...(slept === undefined ? [] : [slept])].map((hop) => hop.station) };
}

const TO_SERVICE_VM = [
  "hypervisor, vm1:vcpu0: vmexit_handler pio_instr_vmexit_handler emulate_io hv_emulate_pio get_asyncio_desc " +
    "acrn_insert_request arch_fire_hsm_interrupt vlapic_set_intr vlapic_accept_intr apicv_advanced_accept_intr " +
    "signal_event wait_event",
  "service-vm, HYP: sysvec_acrn_hv_callback ioreq_intr_handler",
  "service-vm, kworker/ioreq_wq: ioreq_dispatcher acrn_ioreq_dispatch handle_cf8cfc find_ioreq_client",
];
const NOTIFY_TX =
  "virtio_console_notify_tx vq_has_descs vq_getchain virtio_console_backend_write vq_relchain vq_has_descs " +
  "vq_endchains vq_interrupt pci_generate_msix vm_lapic_msi";
/** Nothing is pending for the Service VM, and it is looked for all the same. */
const SERVICE_VM_ENTRY = "acrn_handle_pending_request acrn_inject_pending_intr run_vcpu";
const INJECT_MSI =
  "hypervisor, vm0:vcpu0: vmexit_handler vmcall_vmexit_handler dispatch_hypercall hcall_inject_msi vlapic_inject_msi " +
  "inject_msi_for_non_lapic_pt vlapic_receive_intr vlapic_calc_dest_noshort vlapic_set_intr vlapic_accept_intr " +
  `apicv_advanced_accept_intr signal_event ${SERVICE_VM_ENTRY}`;
const FINISH =
  "hypervisor, vm0:vcpu0: vmexit_handler vmcall_vmexit_handler dispatch_hypercall hcall_notify_ioreq_finish " +
  `signal_event wake_thread ${SERVICE_VM_ENTRY}`;
const COMPLETION =
  "hypervisor, vm1:vcpu0: dm_emulate_io_complete dm_emulate_pio_complete complete_ioreq emulate_pio_complete " +
  "acrn_handle_pending_request acrn_inject_pending_intr vlapic_inject_intr apicv_advanced_inject_intr run_vcpu";

const MODE_A = [
  ...TO_SERVICE_VM,
  "device-model, vcpu 0: handle_vmexit vmexit_inout emulate_inout pci_emul_io_handler virtio_pci_write " +
    `virtio_pci_legacy_write ${NOTIFY_TX}`,
  "service-vm, vcpu 0: acrn_dev_ioctl",
  INJECT_MSI,
  "device-model, vcpu 0: vm_notify_request_done",
  "service-vm, vcpu 0: acrn_dev_ioctl acrn_ioreq_request_default_complete acrn_ioreq_complete_request " +
    "ioreq_complete_request hcall_notify_req_finish",
  FINISH,
  "device-model, vcpu 0: vm_attach_ioreq_client",
  "service-vm, vcpu 0: acrn_dev_ioctl acrn_ioreq_client_wait",
  COMPLETION,
];

const MODE_B = [
  ...TO_SERVICE_VM,
  "service-vm, VM1-ioeventfd-1: acrn_ioeventfd_handler hsm_ioeventfd_match eventfd_signal " +
    "acrn_ioreq_complete_request ioreq_complete_request hcall_notify_req_finish",
  FINISH,
  "service-vm, VM1-ioeventfd-1: acrn_ioreq_client_wait",
  `device-model, iothr-0-con3:0: iothread_handler ${NOTIFY_TX}`,
  "service-vm, iothr-0-con3:0: acrn_dev_ioctl",
  INJECT_MSI,
  COMPLETION,
];

for (const [mode, expected] of [
  ["A", MODE_A],
  ["B", MODE_B],
] as const) {
  describe(`mode ${mode}`, () => {
    let machine: TestMachine;
    let hops: readonly HopRecord[];
    let guest: string[];
    const find = (station: string): HopRecord => {
      const hop = hops.find((candidate) => candidate.station === station && !candidate.resumed);
      assert.ok(hop, `no hop ${station}`);
      return hop;
    };

    before(async () => {
      machine = await TestMachine.boot(["--mode", mode]);
      await machine.named();
      const [kick] = await machine.kicks(CONSOLE, OUTPUT, 1, () => machine.run("echo one kick"));
      ({ hops } = kick);
      guest = hops
        .slice(
          0,
          hops.findIndex((hop) => hop.layer !== "guest"),
        )
        .map((hop) => hop.station);
    });
    after(() => machine.close());

    test("the stations in their order, by layer and context", () => {
      assert.deepEqual(lines(hops.filter((hop) => hop.layer !== "guest")), expected);
    });

    test("the guest kernel's own frames come first, outermost first", () => {
      const order = ["hvc_write", "hvc_push", "put_chars", "__send_to_port", "virtqueue_notify", "vp_notify"];
      assert.deepEqual(
        guest.filter((station) => order.includes(station)),
        order,
      );
      assert.deepEqual(
        hops.slice(0, guest.length).map((hop) => hop.depth),
        guest.map((_, depth) => depth),
      );
    });

    test("last the guest takes the interrupt; the driver has taken the used buffer already", () => {
      const entry = hops.findIndex((hop) => hop.station === "run_vcpu" && hop.context === "vm1:vcpu0") + 1;
      const back = hops.slice(entry).map(({ station, context, depth }) => [station, context, depth]);
      assert.deepEqual(back, [
        ["common_interrupt", "guest:vcpu0", 0],
        ["apic_ack_edge", "guest:vcpu0", 1],
        ["vring_interrupt", "guest:vcpu0", 1],
      ]);
      const causes = causesOf(hops, hops[entry]).map((hop) => hop.station);
      for (const station of ["pci_generate_msix", "vp_notify"]) assert.ok(causes.includes(station), causes.join(" "));
    });

    test("depth is the place on the stack of the hop's context", () => {
      assert.equal(find("vmexit_handler").depth, 1);
      assert.equal(find("emulate_io").depth, 3);
      for (const hop of hops) if (hop.caller !== null) assert.equal(hops[hop.caller].depth, hop.depth - 1);
    });

    test("causes lead from the backend back to the guest's vp_notify", () => {
      const chain = causesOf(hops, find("virtio_console_backend_write"));
      const contexts = chain.map((hop) => hop.context).filter((context, i, all) => context !== all[i - 1]);
      const host = mode === "A" ? ["vcpu 0"] : ["VM1-ioeventfd-1", "iothr-0-con3:0"];
      assert.deepEqual(contexts, ["guest:vcpu0", "vm1:vcpu0", "HYP", "kworker/ioreq_wq", ...host]);
      assert.ok(chain.some((hop) => hop.station === "vp_notify"));
    });

    test("every hand-over is one of those the documentation names", () => {
      const found = hops.flatMap((hop, index) => {
        if (hop.cause === null) return [];
        const { from, to } = sidesOf(hops, index);
        const named = builtInStations.handOvers.find((it) => from.includes(it.from) && to.includes(it.to));
        assert.ok(named, `no hand-over from ${from.join(", ")} to ${to.join(", ")}`);
        return [named];
      });
      assert.ok(found.length >= (mode === "A" ? 7 : 8), `${found.length} hand-overs`);
    });

    test("the vCPU goes on because its request is finished", () => {
      const [resumed] = hops.filter((hop) => hop.context === "vm1:vcpu0" && hop.cause !== null).slice(-1);
      assert.equal(hops[resumed.cause ?? 0].station, "wake_thread");
      const finish = causesOf(hops, resumed).map((hop) => hop.station);
      assert.ok(finish.includes("hcall_notify_ioreq_finish") && finish.includes("vp_notify"), finish.join(" "));
    });

    test("one interrupt, of the output queue's own vector, for bytes that are in one buffer", () => {
      assert.equal(hops.filter((hop) => hop.station === "vq_interrupt").length, 1);
      assert.deepEqual(find("vq_interrupt").values, { queue: OUTPUT, vector: 2, msix: "true" });
      assert.equal(hops.filter((hop) => hop.station === "virtio_console_backend_write").length, 1);
      assert.ok(hops.every((hop, i) => i === 0 || hop.t_ns >= hops[i - 1].t_ns));
    });

    test("the guest's clock is none of the chain's", async () => {
      const recorded = await machine.record(() => machine.run("sleep 0.3"));
      const lines = recorded.filter((hop) => hop.station.startsWith("vioapic_"));
      assert.deepEqual([recorded.length > 0, lines], [true, []]);
    });

    test("each put_chars of the kernel's log carries at most 16 bytes, a tty's up to a page", async () => {
      const text = "kernel log, longer than sixteen bytes";
      const recorded = await machine.record(() => machine.run(`echo '<1>${text}'>/dev/kmsg; printf '%300s\\n'`));
      const length = (hop: HopRecord) => Number(hop.values.len);
      const writes = recorded.filter((hop) => hop.station === "virtio_console_backend_write");
      const fromLog = writes.filter((hop) =>
        causesOf(recorded, hop).some((cause) => cause.station === "hvc_console_print"),
      );
      assert.ok(fromLog.length >= Math.ceil(text.length / 16), `${fromLog.length} kicks`);
      assert.ok(fromLog.every((hop) => length(hop) <= 16));
      assert.ok(Math.max(...writes.map(length)) > 100);
    });
  });
}
