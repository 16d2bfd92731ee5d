import { defineStruct } from "./struct.ts";

/** Ring shared between hypervisor and Service VM; the asyncio ring carries eventfd cookies. */
export const SBUF_MAGIC = 0x5aa57aa71aa13aa3n;
export const SBUF_PAGE_SIZE = 4096;

/** Head of the ring; the elements follow. `head` and `tail` are byte offsets behind the head. */
export const sharedBuf = defineStruct("shared_buf", 64, "hypervisor/include/public/acrn_common.h", {
  magic: { offset: 0, type: "u64", about: "0x5aa57aa71aa13aa3" },
  ele_num: { offset: 8, type: "u32", about: "elements" },
  ele_size: { offset: 12, type: "u32", about: "bytes of an element" },
  head: { offset: 16, type: "u32", about: "where the reader is" },
  tail: { offset: 20, type: "u32", about: "where the writer is; a full ring has one element left" },
  flags: { offset: 24, type: "u32", about: "overwriting and counting of overruns" },
  overrun_cnt: { offset: 32, type: "u32", about: "overruns" },
  size: { offset: 36, type: "u32", about: "bytes of all elements" },
});

/** Argument of HC_SETUP_SBUF. */
export const acrnSbufParam = defineStruct("acrn_sbuf_param", 16, "hypervisor/include/public/acrn_hv_defs.h", {
  cpu_id: { offset: 0, type: "u16", about: "pCPU, for rings that belong to one" },
  reserved: { offset: 2, type: "u16", about: "0" },
  sbuf_id: { offset: 4, type: "u32", about: "which ring", values: { names: { 64: "ASYNCIO", 65: "VM_EVENT" } } },
  gpa: { offset: 8, type: "u64", about: "guest-physical address of the ring" },
});
export const ACRN_ASYNCIO = 64;

/** Argument of HC_ASYNCIO_ASSIGN and HC_ASYNCIO_DEASSIGN. */
export const acrnAsyncioInfo = defineStruct("acrn_asyncio_info", 32, "hypervisor/include/public/acrn_common.h", {
  type: { offset: 0, type: "u32", about: "kind of access", values: { names: { 1: "PIO", 2: "MMIO" } } },
  match_data: { offset: 4, type: "u32", about: "0: any data" },
  addr: { offset: 8, type: "u64", about: "port or guest-physical address, not 0" },
  fd: { offset: 16, type: "u64", about: "cookie put into the ring: the Service VM's eventfd context" },
  data: { offset: 24, type: "u64", about: "value to match" },
});
export const AsyncioType = { PIO: 1, MMIO: 2 } as const;
/** Descriptors of a VM. */
export const ACRN_ASYNCIO_MAX = 64;
