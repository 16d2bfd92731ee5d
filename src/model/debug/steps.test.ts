import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepRequest } from "../protocol/debug.ts";
import { Session } from "./testing/session.ts";

/** Steps of one kind from a breakpoint on; returns where each stop was. */
function walk(s: Session, start: string, kind: StepRequest["kind"], steps: number): string[] {
  s.arm({ breakpoints: [{ id: 1, stations: [start], oneShot: true }] });
  const step = () => s.request("step", { kind, context: s.stops.at(-1)?.context ?? 0 });
  const stops = s.run(() => s.send("x"), ...Array<() => void>(steps).fill(step));
  return stops.map((stop) => s.where(stop));
}

test("step in follows a kick through every context and back to the VM entry", () => {
  const s = new Session("iothread,@stdio:p").probe();
  assert.deepEqual(walk(s, "acrn_insert_request", "in", 60), [
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
    "VM1-ioeventfd-1 acrn_ioeventfd_handler",
    "VM1-ioeventfd-1 hsm_ioeventfd_match",
    "VM1-ioeventfd-1 eventfd_signal",
    "VM1-ioeventfd-1 acrn_ioreq_complete_request",
    "VM1-ioeventfd-1 ioreq_complete_request",
    "VM1-ioeventfd-1 hcall_notify_req_finish",
    "vm0:vcpu0 vmexit_handler",
    "vm0:vcpu0 vmcall_vmexit_handler",
    "vm0:vcpu0 dispatch_hypercall",
    "vm0:vcpu0 hcall_notify_ioreq_finish",
    "vm0:vcpu0 signal_event",
    "vm0:vcpu0 wake_thread",
    "vm0:vcpu0 acrn_handle_pending_request",
    "vm0:vcpu0 acrn_inject_pending_intr",
    "vm0:vcpu0 run_vcpu",
    "VM1-ioeventfd-1 acrn_ioreq_client_wait",
    "iothr-0-con3:0 iothread_handler",
    "iothr-0-con3:0 virtio_console_notify_tx",
    "iothr-0-con3:0 vq_has_descs",
    "iothr-0-con3:0 vq_getchain",
    "iothr-0-con3:0 virtio_console_backend_write",
    "iothr-0-con3:0 vq_relchain",
    "iothr-0-con3:0 vq_has_descs",
    "iothr-0-con3:0 vq_endchains",
    "iothr-0-con3:0 vq_interrupt",
    "iothr-0-con3:0 pci_generate_msi",
    "iothr-0-con3:0 pci_lintr_assert",
    "iothr-0-con3:0 pci_irq_assert",
    "iothr-0-con3:0 vm_set_gsi_irq",
    "iothr-0-con3:0 acrn_dev_ioctl",
    "vm0:vcpu0 vmexit_handler",
    "vm0:vcpu0 vmcall_vmexit_handler",
    "vm0:vcpu0 dispatch_hypercall",
    "vm0:vcpu0 hcall_set_irqline",
    "vm0:vcpu0 vioapic_set_irqline_lock",
    "vm0:vcpu0 vioapic_set_irqline_nolock",
    "vm0:vcpu0 vioapic_set_pinstate",
    "vm0:vcpu0 acrn_handle_pending_request",
    "vm0:vcpu0 acrn_inject_pending_intr",
    "vm0:vcpu0 run_vcpu",
    "vm1:vcpu0 dm_emulate_io_complete",
    "vm1:vcpu0 dm_emulate_pio_complete",
    "vm1:vcpu0 complete_ioreq",
    "vm1:vcpu0 emulate_pio_complete",
    "vm1:vcpu0 acrn_handle_pending_request",
    "vm1:vcpu0 acrn_inject_pending_intr",
    "vm1:vcpu0 run_vcpu",
  ]);
});

test("step over stays in its context and does not go deeper", () => {
  const s = new Session().probe();
  assert.deepEqual(walk(s, "acrn_insert_request", "over", 4), [
    "vm1:vcpu0 acrn_insert_request",
    "vm1:vcpu0 dm_emulate_io_complete",
    "vm1:vcpu0 acrn_handle_pending_request",
    "vm1:vcpu0 run_vcpu",
  ]);
});

test("step out leaves its caller too; a thread's endless function counts as left", () => {
  const s = new Session().probe();
  assert.deepEqual(walk(s, "vq_getchain", "out", 2), [
    "vcpu 0 vq_getchain",
    "vcpu 0 vm_notify_request_done",
    "vcpu 0 vm_attach_ioreq_client",
  ]);
});

test("step in can go to one of the contexts that were woken", () => {
  const s = new Session("iothread,@stdio:p").probe();
  s.arm({ breakpoints: [{ id: 1, stations: ["acrn_ioreq_complete_request"], oneShot: true }] });
  const io = s.contextId("iothr-0-con3:0");
  const stops = s.run(
    () => s.send("x"),
    () => {
      const context = s.stops[0].context;
      assert.deepEqual(s.request("stepInTargets", context), [
        { context: io, contextName: "iothr-0-con3:0", by: "eventfd_signal", how: "eventfd" },
      ]);
      s.request("step", { kind: "in", context, target: io });
    },
  );
  assert.deepEqual(stops.map((stop) => s.where(stop)).at(-1), "iothr-0-con3:0 iothread_handler");
});

test("bad steps are refused", () => {
  const s = new Session().probe();
  s.run(
    () => s.request("pause", undefined),
    () => {
      assert.throws(() => s.request("step", { kind: "in", context: 999 }), /there is no context 999/);
      assert.throws(() => s.request("step", { kind: "in", context: 0, target: -1 }), /there is no context -1/);
    },
  );
});
