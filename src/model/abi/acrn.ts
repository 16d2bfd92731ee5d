import { defineStruct } from "./struct.ts";

/** ABI between hypervisor, HSM and acrn-dm (acrn_common.h, include/uapi/linux/acrn.h). */

const UAPI = "include/uapi/linux/acrn.h";

/** `type` of an I/O request. */
export const IoreqType = { PORTIO: 0, MMIO: 1, PCICFG: 2, WP: 3 } as const;
/** `processed`: PENDING -> PROCESSING -> COMPLETE -> FREE. A zeroed slot reads as PENDING. */
export const IoreqState = { PENDING: 0, COMPLETE: 1, PROCESSING: 2, FREE: 3 } as const;
export const IoreqDirection = { READ: 0, WRITE: 1 } as const;

export const ioreqTypeNames = { 0: "PORTIO", 1: "MMIO", 2: "PCICFG", 3: "WP" } as const;
export const ioreqStateNames = { 0: "PENDING", 1: "COMPLETE", 2: "PROCESSING", 3: "FREE" } as const;
export const directionNames = { 0: "READ", 1: "WRITE" } as const;

/** Slots of the shared page; the slot's index is the User VM's vCPU id. */
export const IOREQ_SLOTS = 16;
export const IOREQ_PAGE_SIZE = 4096;

/** One slot. The `reqs` union starts at 64; pio, mmio and pci share direction, size and value. */
export const acrnIoRequest = defineStruct("acrn_io_request", 256, UAPI, {
  type: { offset: 0, type: "u32", about: "kind of access", values: { names: ioreqTypeNames } },
  completion_polling: { offset: 4, type: "u32", about: "1: the hypervisor busy-waits, no notify hypercall is needed" },
  direction: { offset: 64, type: "u32", about: "0 read, 1 write", values: { names: directionNames } },
  address: { offset: 72, type: "u64", about: "port or guest-physical address (pio, mmio)" },
  size: { offset: 80, type: "u64", about: "bytes of the access" },
  value: { offset: 88, type: "u64", about: "value written, or result of the read (pio: 32 bits, mmio: 64 bits)" },
  pci_bus: { offset: 92, type: "i32", about: "bus (pci)" },
  pci_dev: { offset: 96, type: "i32", about: "device (pci)" },
  pci_func: { offset: 100, type: "i32", about: "function (pci)" },
  pci_reg: { offset: 104, type: "i32", about: "register (pci)" },
  kernel_handled: {
    offset: 132,
    type: "u32",
    about: "1: a kernel client of the HSM owns the slot, acrn-dm ignores it",
  },
  processed: { offset: 136, type: "u32", about: "state of the request", values: { names: ioreqStateNames } },
});

/** Offset and size of the union that travels as a whole between `vcpu->req` and the slot. */
export const IOREQ_UNION = { offset: 64, size: 64 } as const;

export const acrnIoeventfd = defineStruct("acrn_ioeventfd", 32, UAPI, {
  fd: { offset: 0, type: "u32", about: "file descriptor of the eventfd" },
  flags: {
    offset: 4,
    type: "u32",
    about: "what to match and whether to remove",
    values: { bits: true, names: { 1: "PIO", 2: "DATAMATCH", 4: "DEASSIGN", 8: "ASYNCIO" } },
  },
  addr: { offset: 8, type: "u64", about: "port or guest-physical address" },
  len: { offset: 16, type: "u32", about: "bytes: 1, 2, 4 or 8" },
  reserved: { offset: 20, type: "u32", about: "must be 0" },
  data: { offset: 24, type: "u64", about: "value to match with DATAMATCH" },
});
export const IoeventfdFlag = { PIO: 1, DATAMATCH: 2, DEASSIGN: 4, ASYNCIO: 8 } as const;

export const acrnMsiEntry = defineStruct("acrn_msi_entry", 16, UAPI, {
  msi_addr: { offset: 0, type: "u64", about: "MSI address, 0xFEExxxxx" },
  msi_data: { offset: 8, type: "u64", about: "MSI data: vector and delivery mode" },
});

export const acrnIrqfd = defineStruct("acrn_irqfd", 24, UAPI, {
  fd: { offset: 0, type: "i32", about: "file descriptor of the eventfd" },
  flags: { offset: 4, type: "u32", about: "1: remove", values: { bits: true, names: { 1: "DEASSIGN" } } },
  msi_addr: { offset: 8, type: "u64", about: "MSI address" },
  msi_data: { offset: 16, type: "u64", about: "MSI data" },
});

export const acrnIoreqNotify = defineStruct("acrn_ioreq_notify", 8, UAPI, {
  vmid: { offset: 0, type: "u16", about: "relative id of the User VM" },
  reserved: { offset: 2, type: "u16", about: "must be 0" },
  vcpu: { offset: 4, type: "u32", about: "vCPU whose request is finished" },
});

export const acrnVmCreation = defineStruct("acrn_vm_creation", 48, UAPI, {
  vmid: { offset: 0, type: "u16", about: "out: relative id of the User VM" },
  reserved0: { offset: 2, type: "u16", about: "must be 0" },
  vcpu_num: { offset: 4, type: "u16", about: "out: vCPUs of the User VM" },
  reserved1: { offset: 6, type: "u16", about: "must be 0" },
  name: { offset: 8, type: "bytes", count: 16, about: "name of the User VM" },
  vm_flag: { offset: 24, type: "u64", about: "guest flags" },
  ioreq_buf: { offset: 32, type: "u64", about: "address of the page-aligned ioreq page" },
  cpu_affinity: { offset: 40, type: "u64", about: "bitmap of pCPUs" },
});
/** Guest flag: completion polling (`--rtvm`, `--lapic_pt`). */
export const GUEST_FLAG_IO_COMPLETION_POLLING = 1 << 2;

/** What SET_IRQLINE does with the line: the high 32 bits of its argument (struct acrn_irqline_ops), the line in the low ones. */
export const IrqlineOp = { SET_HIGH: 0, SET_LOW: 1, RAISING_PULSE: 2, FALLING_PULSE: 3 } as const;

/** Argument of HC_SET_IOREQ_BUFFER. */
export const acrnIoreqBuffer = defineStruct("acrn_set_ioreq_buffer", 8, "hypervisor/include/public/acrn_common.h", {
  req_buf: { offset: 0, type: "u64", about: "guest-physical address of the ioreq page" },
});

/** Linux's HYPERVISOR_CALLBACK_VECTOR, the hypervisor's HYPERVISOR_CALLBACK_HSM_VECTOR. */
export const HYPERVISOR_CALLBACK_VECTOR = 0xf3;

/** Hypercall ids (R8). */
export const Hypercall = {
  HC_SET_CALLBACK_VECTOR: 0x80000002,
  HC_CREATE_VM: 0x80000010,
  HC_DESTROY_VM: 0x80000011,
  HC_START_VM: 0x80000012,
  HC_PAUSE_VM: 0x80000013,
  HC_RESET_VM: 0x80000015,
  HC_SET_VCPU_REGS: 0x80000016,
  HC_INJECT_MSI: 0x80000023,
  HC_VM_INTR_MONITOR: 0x80000024,
  HC_SET_IRQLINE: 0x80000025,
  HC_SET_IOREQ_BUFFER: 0x80000030,
  HC_NOTIFY_REQUEST_FINISH: 0x80000031,
  HC_ASYNCIO_ASSIGN: 0x80000032,
  HC_ASYNCIO_DEASSIGN: 0x80000033,
  HC_VM_SET_MEMORY_REGIONS: 0x80000042,
  HC_SETUP_SBUF: 0x80000044,
} as const;

/** Commands of /dev/acrn_hsm (type 0xA2). */
export const Ioctl = {
  CREATE_VM: 0xc030a210,
  DESTROY_VM: 0xa211,
  START_VM: 0xa212,
  PAUSE_VM: 0xa213,
  RESET_VM: 0xa215,
  INJECT_MSI: 0x4010a223,
  VM_INTR_MONITOR: 0x4008a224,
  SET_IRQLINE: 0x4008a225,
  NOTIFY_REQUEST_FINISH: 0x4008a231,
  CREATE_IOREQ_CLIENT: 0xa232,
  ATTACH_IOREQ_CLIENT: 0xa233,
  DESTROY_IOREQ_CLIENT: 0xa234,
  CLEAR_VM_IOREQ: 0xa235,
  SET_MEMSEG: 0x4020a241,
  UNSET_MEMSEG: 0x4020a242,
  IOEVENTFD: 0x4020a270,
  IRQFD: 0x4018a271,
  SETUP_ASYNCIO: 0x4008a290,
  SETUP_VM_EVENT_RING: 0x4008a2a0,
  SETUP_VM_EVENT_FD: 0x4004a2a1,
} as const;

const nameOf = (table: { readonly [name: string]: number }, value: number, prefix: string): string =>
  prefix + (Object.keys(table).find((name) => table[name] === value) ?? `0x${value.toString(16)}`);

/** "HC_INJECT_MSI", for messages and views. */
export const hypercallName = (id: number): string => nameOf(Hypercall, id, "");
/** "ACRN_IOCTL_CREATE_VM", for messages and views. */
export const ioctlName = (command: number): string => nameOf(Ioctl, command, "ACRN_IOCTL_");

/** Names for recorded values: id or command to name. */
export const hypercallNames: { readonly [id: number]: string } = invert(Hypercall);
export const ioctlNames: { readonly [command: number]: string } = invert(Ioctl);

function invert(table: { readonly [name: string]: number }): { [value: number]: string } {
  const names: { [value: number]: string } = {};
  for (const name of Object.keys(table)) names[table[name]] = name;
  return names;
}
