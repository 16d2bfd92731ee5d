import { acrnIoRequest, IoreqDirection, IoreqType } from "../abi/acrn.ts";
import type { Context, Frame } from "../chain/context.ts";
import type { IoRequest } from "../device-model/core/io-request.ts";
import type { Vmctx } from "../device-model/core/vmctx.ts";
import type { DeviceException } from "../device-model/hw/pci/device-view.ts";
import type { GuestEnd } from "../doors/guest.ts";
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

/** Decided where a station is entered, and there. */
interface EntryDetector {
  readonly filter: ExceptionFilter;
  readonly detect: Detector;
}

const general: readonly (readonly [station: string, detector: EntryDetector])[] = [
  ["emulate_inout", { filter: "unhandledIo", detect: unhandledPort }],
  ["emulate_mem", { filter: "unhandledIo", detect: unhandledMemory }],
  ["acrn_ioeventfd_handler", { filter: "lostKick", detect: lostKick }],
];

/** What goes wrong where a station is entered: on any machine, and in its devices. */
export class EntryFaults {
  /** Filters for which every entry has to be looked at. */
  readonly filters: ReadonlySet<ExceptionFilter>;
  readonly #detectors: ReadonlyMap<string, EntryDetector>;

  constructor(ofDevices: readonly DeviceException[]) {
    this.#detectors = new Map([...general, ...ofDevices.flatMap(detectorsOf)]);
    this.filters = new Set([...this.#detectors.values()].map(({ filter }) => filter));
  }

  /** What is wrong about the station just entered, if its filter is wanted. */
  at(context: Context, isWanted: (filter: ExceptionFilter) => boolean): Fault | undefined {
    const detector = this.#detectors.get(context.stations[context.depth - 1]?.id ?? "");
    const frame = detector !== undefined && isWanted(detector.filter) ? context.top() : undefined;
    return frame === undefined ? undefined : detector?.detect(frame, context.caller?.id);
  }
}

function detectorsOf({ id, stations, detect }: DeviceException): (readonly [string, EntryDetector])[] {
  const find: Detector = (frame, caller) => {
    const fault = detect(frame, caller);
    return fault === undefined ? undefined : { id, ...fault };
  };
  return stations.map((station) => [station, { filter: id, detect: find }] as const);
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
