import { ioctlNames, ioreqTypeNames } from "../../abi/acrn.ts";
import { defineStations } from "../station.ts";
import { slotState } from "./state-values.ts";

const HSM = "drivers/virt/acrn/hsm.c";
const VM = "drivers/virt/acrn/vm.c";
const IOREQ = "drivers/virt/acrn/ioreq.c";
const IOEVENTFD = "drivers/virt/acrn/ioeventfd.c";
const IRQFD = "drivers/virt/acrn/irqfd.c";
const CPU = "arch/x86/kernel/cpu/acrn.c";
/** Fork of Linux that has the asyncio ring; mainline has not. */
const ACRN_KERNEL = "projectacrn/acrn-kernel";

const init = ["svm.init"] as const;
const sysvec = ["svm.sysvec"] as const;
const wq = ["svm.wq"] as const;
const kthread = ["svm.kthread"] as const;
const ioctl = ["svm.ioctl", "dm.vcpu", "dm.main"] as const;
const anyDm = ["svm.ioctl", "dm.vcpu", "dm.main", "dm.io"] as const;

const vm = { vmid: "dec" } as const;
const completion = { vcpu: "dec", slot: slotState } as const;
const ioeventfd = { fd: "dec", flags: "hex", address: "hex", length: "dec", data: "hex" } as const;
const irqfd = { fd: "dec", flags: "hex", msi_addr: "hex", msi_data: "hex" } as const;
const range = { type: ioreqTypeNames, start: "hex", end: "hex" } as const;

/** Functions of the Service VM's kernel that the chain passes through. */
export const serviceVmStations = defineStations("service-vm", "torvalds/linux", {
  acrn_detect: { file: CPU, contexts: init, about: "recognises the hypervisor by its CPUID signature" },
  acrn_init_platform: { file: CPU, contexts: init, about: "installs the callback at vector 0xF3 in the IDT" },
  sysvec_acrn_hv_callback: {
    file: CPU,
    contexts: sysvec,
    about: "entry of the hypervisor's upcall; calls the registered handler",
    values: { count: "dec" },
    aliases: ["acrn_hv_vector_handler"],
  },
  acrn_setup_intr_handler: { file: CPU, contexts: [...init, ...ioctl], about: "registers the upcall's handler" },
  acrn_remove_intr_handler: { file: CPU, contexts: [...init, ...ioctl], about: "removes the upcall's handler" },
  hsm_init: { file: HSM, contexts: init, about: "loads the HSM driver: device node, upcall handler, workqueue" },
  acrn_ioreq_intr_setup: { file: IOREQ, contexts: init, about: "sets the upcall's handler and creates ioreq_wq" },
  ioreq_intr_handler: {
    file: IOREQ,
    contexts: sysvec,
    about: "queues the dispatcher; a queued one is not queued again",
  },
  ioreq_dispatcher: { file: IOREQ, contexts: wq, about: "walks all VMs; stops at one without an ioreq page" },
  acrn_ioreq_dispatch: {
    file: IOREQ,
    contexts: wq,
    about: "assigns each PENDING slot of a VM to a client and wakes it",
    values: { vmid: "dec", pending: "hex" },
  },
  acrn_asyncio_dispatch: {
    file: IOREQ,
    repository: ACRN_KERNEL,
    contexts: wq,
    about: "drains the asyncio ring: each element is an eventfd to signal",
    values: { vmid: "dec", head: "dec", tail: "dec" },
    needs: "asyncio",
  },
  handle_cf8cfc: {
    file: IOREQ,
    contexts: wq,
    about: "latches the PCI configuration address, turns data accesses into PCICFG requests",
    values: { vcpu: "dec", type: ioreqTypeNames, address: "hex", conf_addr: "hex" },
  },
  find_ioreq_client: {
    file: IOREQ,
    contexts: wq,
    about: "finds the client whose range has the request, else the default client",
    values: { type: ioreqTypeNames, address: "hex", size: "dec", is_default: "bool" },
  },
  ioreq_task: {
    file: IOREQ,
    contexts: kthread,
    about: "thread of a kernel client: waits, handles, completes",
    endless: true,
    values: vm,
  },
  acrn_ioreq_client_wait: {
    file: IOREQ,
    contexts: [...kthread, ...ioctl],
    about: "sleeps until the client has a request or is to end",
    values: { is_default: "bool", ioreqs_map: "hex" },
  },
  acrn_ioreq_complete_request: {
    file: IOREQ,
    contexts: [...kthread, ...ioctl],
    about: "takes the request off the client; -EINVAL for a vCPU the VM has not",
    values: { vcpu: "dec", is_default: "bool" },
  },
  ioreq_complete_request: {
    file: IOREQ,
    contexts: [...kthread, ...wq, ...ioctl],
    about: "sets the slot COMPLETE and, unless the hypervisor polls, makes the hypercall",
    values: completion,
  },
  hcall_notify_req_finish: {
    file: "drivers/virt/acrn/hypercall.h",
    contexts: [...kthread, ...wq, ...ioctl],
    about: "hypercall: the request of a vCPU is finished",
    values: { vmid: "dec", vcpu: "dec" },
  },
  acrn_ioreq_request_default_complete: {
    file: IOREQ,
    contexts: ioctl,
    about: "completes the slot on behalf of the default client",
    values: completion,
  },
  acrn_ioreq_request_clear: {
    file: IOREQ,
    contexts: ioctl,
    about: "VM reset: lets kernel clients finish and completes what the default client has",
    values: vm,
  },
  acrn_ioreq_range_add: {
    file: IOREQ,
    contexts: ioctl,
    about: "adds a range to a client; ranges may overlap",
    values: range,
    needs: "iothread",
  },
  acrn_ioreq_range_del: {
    file: IOREQ,
    contexts: ioctl,
    about: "removes one range that is equal",
    values: range,
    needs: "iothread",
  },
  acrn_ioreq_client_create: {
    file: IOREQ,
    contexts: ioctl,
    about: "creates a client; one with a handler gets a kernel thread",
    values: { vmid: "dec", is_default: "bool" },
  },
  acrn_ioreq_client_destroy: {
    file: IOREQ,
    contexts: ioctl,
    about: "ends a client: its waiter gets -ENODEV, its thread stops",
    values: { vmid: "dec", is_default: "bool" },
  },
  acrn_ioreq_init: {
    file: IOREQ,
    contexts: ioctl,
    about: "pins the ioreq page and gives it to the hypervisor",
    values: { vmid: "dec", page: "hex" },
  },
  acrn_ioreq_deinit: { file: IOREQ, contexts: ioctl, about: "destroys all clients and unpins the page", values: vm },
  acrn_dev_open: { file: HSM, contexts: ioctl, about: "opens the HSM device: a VM object without a VM yet" },
  acrn_dev_ioctl: {
    file: HSM,
    contexts: anyDm,
    about: "system call of acrn-dm on the HSM device",
    values: { command: ioctlNames, arg: "hex" },
  },
  acrn_dev_release: { file: HSM, contexts: ioctl, about: "the device is closed: the VM is destroyed", values: vm },
  acrn_vm_create: {
    file: VM,
    contexts: ioctl,
    about: "creates the VM, its ioreq page, its ioeventfd client and its irqfd workqueue",
  },
  acrn_vm_destroy: { file: VM, contexts: ioctl, about: "tears down what acrn_vm_create made", values: vm },
  acrn_msi_inject: {
    file: VM,
    contexts: [...kthread, ...anyDm],
    about: "injects an MSI by hypercall",
    values: { vmid: "dec", address: "hex", data: "hex" },
    needs: "irqfd",
  },
  acrn_ioeventfd_init: {
    file: IOEVENTFD,
    contexts: ioctl,
    about: "creates the ioeventfd client and its thread",
    values: vm,
  },
  acrn_ioeventfd_deinit: { file: IOEVENTFD, contexts: ioctl, about: "ends the client and all ioeventfds", values: vm },
  acrn_ioeventfd_config: {
    file: IOEVENTFD,
    contexts: ioctl,
    about: "assigns or deassigns, by the DEASSIGN flag",
    values: ioeventfd,
    needs: "iothread",
  },
  acrn_ioeventfd_assign: {
    file: IOEVENTFD,
    contexts: ioctl,
    about: "binds an eventfd to an address and adds the range to the client",
    values: ioeventfd,
    needs: "iothread",
  },
  acrn_ioeventfd_deassign: {
    file: IOEVENTFD,
    contexts: ioctl,
    about: "unbinds an eventfd; one that is not bound is no error",
    values: { fd: "dec" },
    needs: "iothread",
  },
  acrn_ioeventfd_asyncio_config: {
    file: IOEVENTFD,
    repository: ACRN_KERNEL,
    contexts: ioctl,
    about: "registers the address with the hypervisor's asyncio instead",
    values: ioeventfd,
    needs: "asyncio",
  },
  acrn_ioeventfd_handler: {
    file: IOEVENTFD,
    contexts: kthread,
    about: "signals the eventfd that matches a write; a read gives 0, no match does nothing",
    values: { type: ioreqTypeNames, direction: { 0: "READ", 1: "WRITE" }, address: "hex", size: "dec", value: "hex" },
    needs: "iothread",
  },
  hsm_ioeventfd_match: {
    file: IOEVENTFD,
    contexts: kthread,
    about: "exact address, length at least the size, and the data unless it is a wildcard",
    values: { address: "hex", data: "hex", length: "dec", type: ioreqTypeNames },
    needs: "iothread",
  },
  eventfd_signal: {
    file: "fs/eventfd.c",
    contexts: [...kthread, ...wq],
    about: "adds 1 to the counter and wakes who waits",
    values: { fd: "dec", count: "dec" },
    aliases: ["eventfd_signal_mask"],
    needs: "iothread",
  },
  acrn_irqfd_init: { file: IRQFD, contexts: ioctl, about: "creates the workqueue acrn_irqfd-<vmid>", values: vm },
  acrn_irqfd_deinit: { file: IRQFD, contexts: ioctl, about: "removes all irqfds and the workqueue", values: vm },
  acrn_irqfd_config: {
    file: IRQFD,
    contexts: ioctl,
    about: "assigns or deassigns, by the flag",
    values: irqfd,
    needs: "irqfd",
  },
  acrn_irqfd_assign: {
    file: IRQFD,
    contexts: ioctl,
    about: "binds an MSI to an eventfd; one that is readable already injects at once",
    values: irqfd,
    needs: "irqfd",
  },
  acrn_irqfd_deassign: {
    file: IRQFD,
    contexts: ioctl,
    about: "unbinds an eventfd",
    values: { fd: "dec" },
    needs: "irqfd",
  },
  hsm_irqfd_wakeup: {
    file: IRQFD,
    contexts: [...kthread, ...anyDm],
    about: "runs in the context that signals the eventfd: injects, or on its end queues the shutdown",
    values: { hangup: "bool" },
    needs: "irqfd",
  },
  acrn_irqfd_inject: {
    file: IRQFD,
    contexts: [...kthread, ...anyDm],
    about: "injects the MSI of an irqfd",
    values: { msi_addr: "hex", msi_data: "hex" },
    needs: "irqfd",
  },
  hsm_irqfd_shutdown_work: {
    file: IRQFD,
    contexts: wq,
    about: "removes an irqfd whose eventfd was closed",
    values: { fd: "dec" },
    needs: "irqfd",
  },
  acrn_asyncio_setup: {
    file: IOREQ,
    repository: ACRN_KERNEL,
    contexts: ioctl,
    about: "pins the asyncio ring and checks it",
    values: { vmid: "dec", page: "hex" },
    needs: "asyncio",
  },
  acrn_sbuf_setup: {
    file: "drivers/virt/acrn/sbuf.c",
    repository: ACRN_KERNEL,
    contexts: ioctl,
    about: "gives a ring to the hypervisor",
    values: { vmid: "dec", id: "dec", address: "hex" },
  },
});
