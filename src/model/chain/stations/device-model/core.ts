import { directionNames, ioreqTypeNames } from "../../../abi/acrn.ts";
import type { StationInfo } from "../../station.ts";
import { boot, io, irqlineNames, loop, queue, startOrVcpu, suspendNames, vcpu } from "./shared.ts";

/** acrn-dm's core: start, ioreq thread, ioctls, tables, event loop, iothreads. */

const MAIN = "devicemodel/core/main.c";
const VMMAPI = "devicemodel/core/vmmapi.c";
const INOUT = "devicemodel/core/inout.c";
const MEM = "devicemodel/core/mem.c";
const MEVENT = "devicemodel/core/mevent.c";
const IOTHREAD = "devicemodel/core/iothread.c";

export const coreStations = {
  // Start and end
  main: {
    file: MAIN,
    contexts: boot,
    about: "start-up, then the event loop under the thread name mevent",
  },
  vm_init_asyncio: {
    file: MAIN,
    contexts: boot,
    about: "prepares the asyncio ring's page and offers it to the kernel",
    values: { base: "hex" },
  },
  vm_init_vdevs: {
    file: MAIN,
    contexts: boot,
    about: "makes the virtual devices",
  },
  add_cpu: {
    file: MAIN,
    contexts: boot,
    about: "starts the thread vcpu 0",
  },
  delete_cpu: {
    file: MAIN,
    contexts: boot,
    about: "ends the thread vcpu 0",
  },
  sig_handler_term: {
    file: MAIN,
    contexts: boot,
    about: "asks for the end of the VM",
  },
  // The ioreq thread
  start_thread: {
    file: MAIN,
    contexts: vcpu,
    about: "body of the thread vcpu 0",
    endless: true,
  },
  vm_loop: {
    file: MAIN,
    contexts: vcpu,
    about: "waits for requests and looks at the slots of all vCPUs",
    endless: true,
  },
  handle_vmexit: {
    file: MAIN,
    contexts: vcpu,
    about: "dispatches a request on its type, then reports it finished",
    values: { vcpu: "dec", type: ioreqTypeNames },
  },
  vmexit_inout: {
    file: MAIN,
    contexts: vcpu,
    about: "port access; what nobody handles reads all ones",
    values: { vcpu: "dec", port: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  vmexit_mmio_emul: {
    file: MAIN,
    contexts: vcpu,
    about: "memory access outside RAM; what nobody handles reads all ones",
    values: { vcpu: "dec", address: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  vmexit_pci_emul: {
    file: MAIN,
    contexts: vcpu,
    about: "PCI configuration access",
    values: { bus: "dec", dev: "dec", func: "dec", reg: "hex", direction: directionNames, value: "hex" },
  },
  vm_system_reset: {
    file: MAIN,
    contexts: vcpu,
    about: "pauses and resets the VM, without ending acrn-dm",
  },
  vm_suspend: {
    file: VMMAPI,
    contexts: startOrVcpu,
    about: "says what is to become of the VM: reset, made anew, or powered off",
    values: { how: suspendNames },
  },
  reset_handler: {
    file: "devicemodel/arch/x86/pm.c",
    contexts: vcpu,
    about: "the reset control register, port 0xCF9",
    values: { direction: directionNames, value: "hex" },
  },
  atkbdc_sts_ctl_handler: {
    file: "devicemodel/hw/platform/atkbdc.c",
    contexts: vcpu,
    about: "status and command port of the keyboard controller, which can reset the machine",
    values: { direction: directionNames, value: "hex" },
  },
  // ioctls
  vm_create: {
    file: VMMAPI,
    contexts: boot,
    about: "opens the HSM device and creates the User VM with the shared ioreq page",
  },
  vm_setup_asyncio: {
    file: VMMAPI,
    contexts: boot,
    about: "ioctl SETUP_ASYNCIO",
    values: { base: "hex" },
    aliases: ["vm_setup_sbuf"], // 3.2
  },
  vm_setup_memory: {
    file: VMMAPI,
    contexts: boot,
    about: "places the guest's RAM",
    values: { size: "hex" },
  },
  vm_create_ioreq_client: {
    file: VMMAPI,
    contexts: vcpu,
    about: "becomes the default ioreq client",
  },
  vm_destroy_ioreq_client: {
    file: VMMAPI,
    contexts: loop,
    about: "ends the default ioreq client",
  },
  vm_attach_ioreq_client: {
    file: VMMAPI,
    contexts: vcpu,
    about: "sleeps until the default client has a request",
  },
  vm_notify_request_done: {
    file: VMMAPI,
    contexts: vcpu,
    about: "ioctl NOTIFY_REQUEST_FINISH: the vCPU may go on",
    values: { vcpu: "dec" },
  },
  vm_run: {
    file: VMMAPI,
    contexts: vcpu,
    about: "starts the User VM",
  },
  vm_reset: {
    file: VMMAPI,
    contexts: vcpu,
    about: "resets the paused User VM",
  },
  vm_clear_ioreq: {
    file: VMMAPI,
    contexts: vcpu,
    about: "completes the requests the HSM has in hand",
  },
  vm_pause: {
    file: VMMAPI,
    contexts: startOrVcpu,
    about: "pauses the User VM",
  },
  vm_destroy: {
    file: VMMAPI,
    contexts: loop,
    about: "destroys the User VM and closes the device",
  },
  vm_lapic_msi: {
    file: VMMAPI,
    contexts: queue,
    about: "ioctl INJECT_MSI",
    values: { address: "hex", data: "hex" },
  },
  vm_set_gsi_irq: {
    file: VMMAPI,
    contexts: queue,
    about: "ioctl SET_IRQLINE",
    values: { gsi: "dec", operation: irqlineNames },
  },
  vm_ioeventfd: {
    file: VMMAPI,
    contexts: vcpu,
    about: "ioctl IOEVENTFD",
    values: { fd: "dec", address: "hex", len: "dec", data: "dec", flags: "hex" },
    needs: "iothread",
  },
  vm_irqfd: {
    file: VMMAPI,
    contexts: queue,
    about: "ioctl IRQFD",
    values: { fd: "dec", flags: "dec", address: "hex", data: "hex" },
    needs: "irqfd",
  },
  // Port and memory tables
  emulate_inout: {
    file: INOUT,
    contexts: vcpu,
    about: "finds the port's handler in the table of 65536",
    values: { port: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  emulate_mem: {
    file: MEM,
    contexts: vcpu,
    about: "finds the range of a guest-physical address",
    values: { address: "hex", size: "dec", direction: directionNames, value: "hex" },
  },
  mem_read: {
    file: MEM,
    contexts: vcpu,
    about: "lets the range's handler read",
    values: { address: "hex", size: "dec" },
  },
  mem_write: {
    file: MEM,
    contexts: vcpu,
    about: "lets the range's handler write",
    values: { address: "hex", size: "dec", value: "hex" },
  },
  // Event loop and iothreads
  mevent_init: {
    file: MEVENT,
    contexts: boot,
    about: "makes the event loop's epoll instance",
  },
  mevent_dispatch: {
    file: MEVENT,
    contexts: loop,
    about: "the event loop: waits for backends' input",
    endless: true,
  },
  mevent_handle: {
    file: MEVENT,
    contexts: loop,
    about: "runs the callbacks of what is readable",
    values: { events: "dec" },
  },
  iothread_create: {
    file: IOTHREAD,
    contexts: boot,
    about: "reserves iothread contexts",
    values: { count: "dec" },
    aliases: ["iothread_init"], // 3.1 and 3.2, the one for the process
  },
  iothread_add: {
    file: IOTHREAD,
    contexts: vcpu,
    about: "watches a file in an iothread",
    values: { iothread: "dec" },
    needs: "iothread",
  },
  iothread_del: {
    file: IOTHREAD,
    contexts: vcpu,
    about: "stops watching a file in an iothread",
    values: { iothread: "dec" },
    needs: "iothread",
  },
  iothread_start: {
    file: IOTHREAD,
    contexts: vcpu,
    about: "starts the thread with the first file",
    values: { iothread: "dec" },
    needs: "iothread",
  },
  io_thread: {
    file: IOTHREAD,
    contexts: io,
    about: "waits for its files and runs what belongs to them",
    endless: true,
    values: { iothread: "dec" },
    needs: "iothread",
  },
} as const satisfies { readonly [id: string]: StationInfo };
