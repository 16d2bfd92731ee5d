import { directionNames, hypercallNames, ioreqTypeNames } from "../../abi/acrn.ts";
import { deliveryModeNames } from "../../abi/apic.ts";
import { exitReasonNames } from "../../abi/vmx.ts";
import { defineStations } from "../station.ts";
import { slotState } from "./state-values.ts";

const uvcpu = ["hv.uvcpu"] as const;
const svcpu = ["hv.svcpu"] as const;
const anyVcpu = ["hv.uvcpu", "hv.svcpu"] as const;

const io = { vcpu: "dec", type: ioreqTypeNames, address: "hex", size: "dec", direction: directionNames } as const;
const pio = { vcpu: "dec", port: "hex", size: "dec", direction: directionNames, value: "hex" } as const;
const request = { vcpu: "dec", type: ioreqTypeNames, direction: directionNames, value: "hex" } as const;
const vcpu = { vcpu: "dec" } as const;
const vm = { vm: "dec" } as const;
const irqline = { gsi: "dec", op: { 0: "SET_HIGH", 1: "SET_LOW", 2: "RAISING_PULSE", 3: "FALLING_PULSE" } } as const;

/** Functions of the hypervisor that the chain passes through. */
export const hypervisorStations = defineStations("hypervisor", "projectacrn/acrn-hypervisor", {
  vcpu_thread: {
    file: "hypervisor/common/hv_main.c",
    contexts: anyVcpu,
    about: "endless loop of a vCPU: pending requests, VM entry, exit handler",
    endless: true,
    values: vcpu,
  },
  vmexit_handler: {
    file: "hypervisor/arch/x86/guest/vmexit.c",
    contexts: anyVcpu,
    about: "dispatches a VM exit by its basic exit reason",
    values: { vcpu: "dec", reason: exitReasonNames, qualification: "hex" },
  },
  pio_instr_vmexit_handler: {
    file: "hypervisor/arch/x86/guest/vmx_io.c",
    contexts: uvcpu,
    about: "decodes a port access from the exit qualification into vcpu->req",
    values: { vcpu: "dec", port: "hex", size: "dec", direction: directionNames },
  },
  ept_violation_vmexit_handler: {
    file: "hypervisor/arch/x86/guest/vmx_io.c",
    contexts: uvcpu,
    about: "decodes an MMIO access; a write is emulated up to its value first",
    values: { vcpu: "dec", gpa: "hex", qualification: "hex" },
  },
  decode_instruction: {
    file: "hypervisor/arch/x86/guest/instr_emul.c",
    contexts: uvcpu,
    about: "decodes the instruction that caused an MMIO exit, gives the access size",
    values: vcpu,
  },
  emulate_instruction: {
    file: "hypervisor/arch/x86/guest/instr_emul.c",
    contexts: uvcpu,
    about: "moves the value between register and request",
    values: request,
  },
  emulate_io: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "tries the hypervisor's own devices, else forwards the request to the Service VM",
    values: io,
  },
  hv_emulate_pio: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "looks for a port handler inside the hypervisor; -ENODEV when there is none or it declines",
    values: pio,
  },
  hv_emulate_mmio: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "looks for an MMIO handler inside the hypervisor; -EIO when the access straddles a region",
    values: io,
  },
  vpci_pio_cfgaddr_read: {
    file: "hypervisor/dm/vpci/vpci.c",
    contexts: uvcpu,
    about: "answers a read of 0xCF8 from the hypervisor's own latch",
    values: { vcpu: "dec", port: "hex", size: "dec" },
    aliases: ["pci_cfgaddr_io_read"], // up to 1.5
  },
  vpci_pio_cfgaddr_write: {
    file: "hypervisor/dm/vpci/vpci.c",
    contexts: uvcpu,
    about: "latches the PCI configuration address; declines when the device is not the hypervisor's",
    values: { vcpu: "dec", port: "hex", size: "dec", value: "hex" },
    aliases: ["pci_cfgaddr_io_write"], // up to 1.5
  },
  vpci_pio_cfgdata_read: {
    file: "hypervisor/dm/vpci/vpci.c",
    contexts: uvcpu,
    about: "takes the latched address and clears it; without one the read ends here with all ones",
    values: { vcpu: "dec", port: "hex", size: "dec", latch: "hex" },
    aliases: ["pci_cfgdata_io_read"], // up to 1.5
  },
  vpci_pio_cfgdata_write: {
    file: "hypervisor/dm/vpci/vpci.c",
    contexts: uvcpu,
    about: "takes the latched address and clears it; without one the write is dropped here",
    values: { vcpu: "dec", port: "hex", size: "dec", latch: "hex", value: "hex" },
    aliases: ["pci_cfgdata_io_write"], // up to 1.5
  },
  vpci_mmio_cfg_access: {
    file: "hypervisor/dm/vpci/vpci.c",
    contexts: uvcpu,
    about: "ECAM access; -ENODEV when the device is not the hypervisor's",
    values: { vcpu: "dec", address: "hex" },
  },
  get_asyncio_desc: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "is the address a registered asyncio notify address?",
    values: { vcpu: "dec", type: ioreqTypeNames, address: "hex", value: "hex" },
  },
  acrn_insert_asyncio: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "puts the eventfd cookie into the shared ring; the vCPU does not wait",
    values: { vcpu: "dec", fd: "hex" },
    needs: "asyncio",
  },
  sbuf_put: {
    file: "hypervisor/common/sbuf.c",
    contexts: uvcpu,
    about: "adds one element to a shared ring; 0 when it is full",
    values: { head: "dec", tail: "dec" },
  },
  acrn_insert_request: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "fills the vCPU's slot, state PENDING, interrupts the Service VM and waits for completion",
    values: {
      vcpu: "dec",
      type: ioreqTypeNames,
      address: "hex",
      size: "dec",
      value: "hex",
      slot: slotState,
    },
  },
  arch_fire_hsm_interrupt: {
    file: "hypervisor/arch/x86/guest/vmx_io.c",
    contexts: uvcpu,
    about: "injects the HSM notification vector into Service VM vCPU 0",
    values: { vector: "hex" },
    aliases: ["fire_vhm_interrupt", "arch_fire_vhm_interrupt"],
  },
  wait_event: {
    file: "hypervisor/common/event.c",
    contexts: uvcpu,
    about: "puts the vCPU thread to sleep until the event is signalled",
    values: { vcpu: "dec", set: "bool" },
  },
  signal_event: {
    file: "hypervisor/common/event.c",
    contexts: anyVcpu,
    about: "sets an event and wakes the thread that waits for it, if any",
    values: { vcpu: "dec", waiting: "bool" },
  },
  wake_thread: {
    file: "hypervisor/common/schedule.c",
    contexts: anyVcpu,
    about: "makes a sleeping vCPU thread runnable",
    values: vcpu,
  },
  dm_emulate_io_complete: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "resume point after the wait; acts only on a slot in state COMPLETE",
    values: { vcpu: "dec", type: ioreqTypeNames, slot: slotState },
  },
  dm_emulate_pio_complete: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "completes a forwarded port access",
    values: vcpu,
  },
  dm_emulate_mmio_complete: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "completes a forwarded MMIO access",
    values: vcpu,
  },
  complete_ioreq: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "copies the value back and sets the slot FREE",
    values: { vcpu: "dec", value: "hex" },
  },
  emulate_pio_complete: {
    file: "hypervisor/arch/x86/guest/vmx_io.c",
    contexts: uvcpu,
    about: "merges the value of a port read into RAX",
    values: request,
  },
  emulate_mmio_complete: {
    file: "hypervisor/dm/io_req.c",
    contexts: uvcpu,
    about: "lets the instruction emulation write the register of an MMIO read",
    values: request,
  },
  reset_vm_ioreqs: {
    file: "hypervisor/dm/io_req.c",
    contexts: svcpu,
    about: "sets all slots of a VM FREE",
    values: vm,
  },
  run_vcpu: {
    file: "hypervisor/arch/x86/guest/vcpu.c",
    contexts: anyVcpu,
    about: "advances RIP past the emulated instruction and enters the guest",
    values: vcpu,
  },
  vcpu_inject_gp: {
    file: "hypervisor/arch/x86/guest/virq.c",
    contexts: uvcpu,
    about: "queues #GP for the next VM entry",
    values: { vcpu: "dec", error: "hex" },
  },
  vcpu_queue_exception: {
    file: "hypervisor/arch/x86/guest/virq.c",
    contexts: uvcpu,
    about: "remembers an exception and requests its injection",
    values: { vcpu: "dec", vector: "dec", error: "hex" },
  },
  vcpu_inject_exception: {
    file: "hypervisor/arch/x86/guest/virq.c",
    contexts: uvcpu,
    about: "writes the queued exception into the VM-entry interruption field",
    values: { vcpu: "dec", vector: "dec", error: "hex" },
  },
  acrn_handle_pending_request: {
    file: "hypervisor/arch/x86/guest/virq.c",
    contexts: anyVcpu,
    about: "works off what was requested of the vCPU, before VM entry",
    values: { vcpu: "dec", pending: "hex" },
  },
  acrn_inject_pending_intr: {
    file: "hypervisor/arch/x86/guest/virq.c",
    contexts: anyVcpu,
    about: "injects interrupts if an event is requested",
    values: vcpu,
    aliases: ["acrn_inject_pending_vector"], // up to 1.0
  },
  vlapic_inject_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "hands over to the injection method of the APICv mode",
    values: vcpu,
  },
  apicv_advanced_inject_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "posted interrupts: a self-IPI lets the hardware merge PIR into the virtual IRR at VM entry",
    values: { vcpu: "dec", on: "bool" },
  },
  vlapic_inject_msi: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: svcpu,
    about: "delivers an MSI to a VM",
    values: { vm: "dec", address: "hex", data: "hex" },
    aliases: ["vlapic_intr_msi"], // up to 2.2
  },
  inject_msi_for_non_lapic_pt: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: svcpu,
    about: "takes destination, mode and vector from the message; -1 when the address is not 0xFEE…",
    values: { vm: "dec", address: "hex", data: "hex" },
    aliases: ["vlapic_intr_msi"], // up to 2.2
  },
  vlapic_receive_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "delivers an interrupt to the vCPUs its destination names",
    values: { level: "bool", dest: "hex", physical: "bool", mode: deliveryModeNames, vector: "hex" },
  },
  vlapic_calc_dest_noshort: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "computes the bitmap of destination vCPUs",
    values: { dest: "hex", physical: "bool", lowest_priority: "bool" },
    aliases: ["vlapic_calc_dest"], // up to 2.4; later its caller for interrupts with a shorthand
  },
  vlapic_set_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "makes a vector pending on one vCPU; below 16 it is refused",
    values: { vm: "dec", vcpu: "dec", vector: "hex", level: "bool" },
  },
  vlapic_accept_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "accepts a vector unless the APIC is software-disabled, wakes a halted vCPU",
    values: { vm: "dec", vcpu: "dec", vector: "hex", level: "bool" },
  },
  apicv_advanced_accept_intr: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: anyVcpu,
    about: "sets PIR and ON; only the first one since the last delivery requests an event",
    values: { vm: "dec", vcpu: "dec", vector: "hex", level: "bool", on: "bool" },
  },
  veoi_vmexit_handler: {
    file: "hypervisor/arch/x86/guest/vlapic.c",
    contexts: uvcpu,
    about: "end of interrupt of a level-triggered vector",
    values: { vcpu: "dec", vector: "hex" },
  },
  vioapic_mmio_access_handler: {
    file: "hypervisor/dm/vioapic.c",
    contexts: uvcpu,
    about: "guest access to the I/O APIC registers; 32 bits wide or -EINVAL",
    values: { address: "hex", direction: directionNames, value: "hex" },
  },
  vioapic_set_irqline_lock: {
    file: "hypervisor/dm/vioapic.c",
    contexts: anyVcpu,
    about: "drives an I/O APIC pin, under the lock",
    values: irqline,
  },
  vioapic_set_irqline_nolock: {
    file: "hypervisor/dm/vioapic.c",
    contexts: anyVcpu,
    about: "turns level or pulse operations into pin states",
    values: irqline,
  },
  vioapic_set_pinstate: {
    file: "hypervisor/dm/vioapic.c",
    contexts: anyVcpu,
    about: "updates the pin; a change to the active level generates an interrupt",
    values: { pin: "dec", level: "dec" },
  },
  vioapic_generate_intr: {
    file: "hypervisor/dm/vioapic.c",
    contexts: anyVcpu,
    about: "sends the pin's vector unless it is masked, or level-triggered with Remote-IRR set",
    values: { pin: "dec", rte: "hex" },
  },
  vioapic_broadcast_eoi: {
    file: "hypervisor/dm/vioapic.c",
    contexts: uvcpu,
    about: "tells every I/O APIC of the VM that a vector has ended",
    values: { vector: "hex" },
  },
  vioapic_process_eoi: {
    file: "hypervisor/dm/vioapic.c",
    contexts: uvcpu,
    about: "clears Remote-IRR; a line still active interrupts again",
    values: { vector: "hex" },
  },
  vpic_set_irqline: {
    file: "hypervisor/dm/vpic.c",
    contexts: svcpu,
    about: "drives a pin of the virtual 8259 pair",
    values: irqline,
  },
  vmcall_vmexit_handler: {
    file: "hypervisor/arch/x86/guest/vmcall.c",
    contexts: svcpu,
    about: "hypercall entry; the result goes to RAX",
    values: { id: hypercallNames },
  },
  dispatch_hypercall: {
    file: "hypervisor/arch/x86/guest/vmcall.c",
    contexts: svcpu,
    about: "finds the handler and the target VM; -ENOTTY for an unknown id",
    values: { id: hypercallNames, arg1: "hex", arg2: "hex" },
    aliases: ["dispatch_sos_hypercall"], // up to 2.4
  },
  hcall_set_callback_vector: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "changes the HSM notification vector",
    values: { vector: "hex" },
    needs: "caller",
  },
  hcall_create_vm: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "creates a User VM and returns its relative id and number of vCPUs",
    values: vm,
  },
  hcall_destroy_vm: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "shuts a paused VM down",
    values: vm,
  },
  hcall_start_vm: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "starts a created VM; -1 without an ioreq page",
    values: vm,
  },
  hcall_pause_vm: { file: "hypervisor/common/hypercall.c", contexts: svcpu, about: "pauses a VM", values: vm },
  hcall_reset_vm: { file: "hypervisor/common/hypercall.c", contexts: svcpu, about: "resets a paused VM", values: vm },
  hcall_set_ioreq_buffer: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "maps the shared ioreq page and sets all 16 slots FREE",
    values: vm,
  },
  hcall_notify_ioreq_finish: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "wakes the vCPU whose request is complete",
    values: { vm: "dec", vcpu: "dec" },
  },
  hcall_inject_msi: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "injects an MSI into a User VM",
    values: { vm: "dec", address: "hex", data: "hex" },
  },
  hcall_set_irqline: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "drives an interrupt line of a User VM",
    values: irqline,
  },
  hcall_setup_sbuf: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "sets up a ring shared with the Service VM",
    values: { vm: "dec", id: "dec" },
  },
  init_asyncio: {
    file: "hypervisor/dm/io_req.c",
    contexts: svcpu,
    about: "takes the asyncio ring of a VM into use, if its magic is right",
    values: vm,
    needs: "asyncio",
  },
  hcall_asyncio_assign: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "registers an asyncio notify address; 0 even when that fails",
    values: vm,
    needs: "asyncio",
  },
  hcall_asyncio_deassign: {
    file: "hypervisor/common/hypercall.c",
    contexts: svcpu,
    about: "removes an asyncio notify address; 0 even when that fails",
    values: vm,
    needs: "asyncio",
  },
  add_asyncio: {
    file: "hypervisor/dm/io_req.c",
    contexts: svcpu,
    about: "adds an asyncio descriptor unless it conflicts, has address 0, or 64 are in use",
    values: { type: { 1: "PIO", 2: "MMIO" }, address: "hex", match: "bool", data: "hex" },
    needs: "asyncio",
  },
  remove_asyncio: {
    file: "hypervisor/dm/io_req.c",
    contexts: svcpu,
    about: "removes the asyncio descriptor that is equal to the one given",
    values: { type: { 1: "PIO", 2: "MMIO" }, address: "hex" },
    needs: "asyncio",
  },
});
