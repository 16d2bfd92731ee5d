import { acrnIoRequest, IoreqDirection, IoreqType } from "../abi/acrn.ts";
import type { Context, Frame } from "../chain/context.ts";
import type { IoRequest } from "../device-model/core/io-request.ts";
import type { Vmctx } from "../device-model/core/vmctx.ts";
import type { ConsoleBackend } from "../device-model/hw/pci/virtio/console/backend.ts";
import type { GuestEnd } from "../guest/guest-end.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import { toHex } from "../inspect/format.ts";
import type { ExceptionFilter, ExceptionRecord } from "../protocol/debug.ts";
import type { AcrnIoreqClient } from "../service-vm/vm-state.ts";

/** Something went wrong; the guest's part is added where the machine stops. */
export type Fault = Omit<ExceptionRecord, "guestCode">;

/** `caller`: the station it was called from. */
type Detector = (frame: Frame, caller: string | undefined) => Fault | undefined;

const { at } = acrnIoRequest;
const direction = (value: number): string => (value === IoreqDirection.READ ? "read" : "write");

function access(request: IoRequest, kind: string): string[] {
  const value = request.direction === IoreqDirection.WRITE ? [`value ${toHex(request.value)}`] : [];
  return [`${direction(request.direction)} of ${request.size} bytes at ${kind} ${toHex(request.address)}`, ...value];
}

function unhandledPort({ args }: Frame): Fault | undefined {
  const [ctx, request] = args as [Vmctx, IoRequest];
  if (ctx.inout.isClaimed(request.address)) return undefined;
  return {
    id: "unhandledIo",
    description: `no device claims port ${toHex(request.address)}`,
    rule: "devicemodel/core/inout.c, default_inout: a read gives all ones, a write is ignored",
    details: access(request, "port"),
  };
}

/** The ranges of last resort are holes in which no device is. */
function unhandledMemory({ args }: Frame): Fault | undefined {
  const [ctx, request] = args as [Vmctx, IoRequest];
  const { address } = request;
  if (ctx.mem.ranges.some(({ base, size }) => address >= base && address < base + size)) return undefined;
  return {
    id: "unhandledIo",
    description: `no device claims address ${toHex(address)}`,
    rule: "devicemodel/hw/pci/core.c, pci_emul_fallback_handler, or core/main.c, vmexit_mmio_emul: a read gives all ones",
    details: access(request, "guest-physical"),
  };
}

/** `hsm_ioeventfd_match` finds nothing: the request is completed and nobody is told. */
function lostKick({ args }: Frame): Fault | undefined {
  const [{ vm }, slot] = args as [AcrnIoreqClient, number];
  const { view } = vm.kernel.memory;
  const u32 = (offset: number): number => view.getUint32(slot + offset, true);
  if (u32(at.direction) === IoreqDirection.READ) return undefined;
  const type = u32(at.type);
  const address = u32(at.address);
  const size = u32(at.size);
  const value = type === IoreqType.MMIO ? Number(view.getBigUint64(slot + at.value, true)) : u32(at.value);
  const near = vm.ioeventfds.filter((entry) => entry.type === type && entry.addr === address);
  if (near.some((entry) => entry.length >= size && (entry.wildcard || entry.data === value))) return undefined;
  const bound = near.map(({ data, wildcard, eventfd }) => `data ${wildcard ? "any" : data} -> fd ${eventfd.fd}`);
  return {
    id: "lostKick",
    description: `write of ${value} to ${toHex(address)} matches no ioeventfd: nobody is told`,
    rule: "drivers/virt/acrn/ioeventfd.c, acrn_ioeventfd_handler: without a match the request is completed all the same",
    details: [`${size} bytes at ${toHex(address)}, value ${value}`, `bound there: ${bound.join("; ") || "nothing"}`],
  };
}

/** What acrn-dm closes by itself, at its end, is not lost; neither is a connection that has gone before. */
function backendLost({ station, args }: Frame, caller: string | undefined): Fault | undefined {
  const be = args[0] as ConsoleBackend;
  if (be.fd === undefined || caller === "virtio_console_close_backend") return undefined;
  const port = be.port === undefined ? "a port" : `port ${be.port.id} (${be.port.name})`;
  return {
    id: "backendLost",
    description: `the ${be.beType} backend of ${port} is lost`,
    rule: `devicemodel/hw/pci/virtio/virtio_console.c, ${station.id}: output of the guest is dropped from here on`,
    details: [
      `${be.bytesWritten} bytes written, ${be.bytesRead} read`,
      ...(be.portpath === undefined ? [] : [be.portpath]),
    ],
  };
}

/** Filters that are decided where a station is entered, and there. */
const detectors: { readonly [station: string]: { readonly filter: ExceptionFilter; readonly detect: Detector } } = {
  emulate_inout: { filter: "unhandledIo", detect: unhandledPort },
  emulate_mem: { filter: "unhandledIo", detect: unhandledMemory },
  acrn_ioeventfd_handler: { filter: "lostKick", detect: lostKick },
  virtio_console_reset_backend: { filter: "backendLost", detect: backendLost },
  virtio_console_socket_clear: { filter: "backendLost", detect: backendLost },
};

/** Filters for which every entry has to be looked at. */
export const entryFilters: readonly ExceptionFilter[] = Object.values(detectors).map(({ filter }) => filter);

/** What is wrong about the station just entered, if its filter is wanted. */
export function faultAt(context: Context, isWanted: (filter: ExceptionFilter) => boolean): Fault | undefined {
  const id = context.stations[context.depth - 1]?.id ?? "";
  if (!Object.hasOwn(detectors, id)) return undefined;
  const { filter, detect } = detectors[id];
  const frame = isWanted(filter) ? context.top() : undefined;
  return frame === undefined ? undefined : detect(frame, context.caller?.id);
}

export function stuckFault(vcpu: AcrnVcpu): Fault {
  return {
    id: "stuck",
    description: `vCPU ${vcpu.vcpuId} waits for ${vcpu.context.waitingFor}, and nobody is left who could end that`,
    rule: "hypervisor/dm/io_req.c, acrn_insert_request: the vCPU waits until its slot is COMPLETE",
    details: [`request at ${toHex(vcpu.req.address)}, ${direction(vcpu.req.direction)}`],
  };
}

/** `end`: how the guest's life ended. */
export function panicFault(end: Extract<GuestEnd, { kind: "panic" | "fault" }>): Fault {
  if (end.kind === "fault") {
    const rule = "a processor would shut down (triple fault)";
    return { id: "guestPanic", description: end.message, rule, details: [] };
  }
  const reason = end.reason === undefined ? "" : `: ${end.reason}`;
  const description = `the guest's kernel is in panic()${reason}`;
  return { id: "guestPanic", description, rule: "kernel/panic.c, panic", details: [] };
}
