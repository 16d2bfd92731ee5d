import { IoreqDirection } from "../../abi/acrn.ts";
import { station } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { declareState, derived, part, plain } from "../../inspect/state.ts";
import type { IoRequest } from "./io-request.ts";
import { hex, prErr } from "./log.ts";
import type { Vmctx } from "./vmctx.ts";

/** Port I/O: one handler for each of the 65536 ports (devicemodel/core/inout.c). */

const MAX_IOPORTS = 65536;
/** A handler or table search that did not take the access. */
export const UNHANDLED = -1;

/** One port access; `value` is what is written, or where a read puts its result (unsigned). */
export interface PortAccess {
  vcpu: number;
  in: boolean;
  port: number;
  /** 1, 2 or 4. */
  bytes: number;
  value: number;
}

/** `struct inout_port`: a port range's owner. */
export interface InoutPort<T = unknown> {
  readonly name: string;
  readonly port: number;
  readonly size: number;
  /** Returns 0, or UNHANDLED. */
  handler(arg: T, access: PortAccess): number;
  readonly arg: T;
}

const defaultPort: InoutPort = {
  name: "default",
  port: 0,
  size: MAX_IOPORTS,
  /** default_inout: reads all ones, ignores writes. */
  handler(_arg, access) {
    if (access.in) access.value = access.bytes === 4 ? 0xffffffff : access.bytes === 2 ? 0xffff : 0xff;
    return 0;
  },
  arg: undefined,
};

export class InoutState {
  static readonly state = declareState<InoutState>(
    "device-model.InoutState",
    { handlers: derived, claimed: plain, access: part },
    { restored: (inout) => inout.#fill() },
  );
  /** By port number. */
  readonly handlers: InoutPort[] = new Array(MAX_IOPORTS).fill(defaultPort);
  /** What is claimed, as the table above has it. */
  claimed: readonly InoutPort[] = [];
  /** The access under way; the thread `vcpu 0` has one at a time. */
  readonly access: PortAccess = { vcpu: 0, in: false, port: 0, bytes: 0, value: 0 };

  isClaimed(port: number): boolean {
    return this.handlers[port] !== defaultPort;
  }

  claim(iop: InoutPort): void {
    this.claimed = [...this.claimed, iop];
    this.handlers.fill(iop, iop.port, iop.port + iop.size);
  }

  /** Gives ports from `from` up to and without `to` back; who had more of them keeps the rest. */
  release(from: number, to: number): void {
    this.claimed = this.claimed.flatMap((iop) => {
      const end = iop.port + iop.size;
      if (end <= from || iop.port >= to) return iop;
      const before = { ...iop, size: Math.max(0, from - iop.port) };
      const behind = { ...iop, port: Math.min(to, end), size: Math.max(0, end - to) };
      return [before, behind].filter(({ size }) => size > 0);
    });
    this.#fill();
  }

  #fill(): void {
    this.handlers.fill(defaultPort);
    for (const iop of this.claimed) this.handlers.fill(iop, iop.port, iop.port + iop.size);
  }
}

/** Gives every port the default handler. */
export function initInout(ctx: Vmctx): void {
  ctx.inout.release(0, MAX_IOPORTS);
}

const valid = (iop: { port: number; size: number }): boolean =>
  iop.port >= 0 && iop.size > 0 && iop.port + iop.size <= MAX_IOPORTS;

/** Claims a port range. UNHANDLED when it leaves the port space or somebody has a part of it already. */
export function registerInout<T>(ctx: Vmctx, iop: InoutPort<T>): number {
  if (!valid(iop)) {
    prErr(ctx, `invalid input: port:${hex(iop.port)}, size:${iop.size}`);
    return UNHANDLED;
  }
  const { inout } = ctx;
  for (let port = iop.port; port < iop.port + iop.size; port++) if (inout.isClaimed(port)) return UNHANDLED;
  inout.claim(iop as InoutPort);
  return 0;
}

/** Gives a port range back to the default handler, whoever had it. */
export function unregisterInout(ctx: Vmctx, iop: { readonly port: number; readonly size: number }): number {
  if (!valid(iop)) {
    prErr(ctx, `invalid input: port:${hex(iop.port)}, size:${iop.size}`);
    return UNHANDLED;
  }
  ctx.inout.release(iop.port, iop.port + iop.size);
  return 0;
}

/** Names of those who have claimed a part of the ports. */
export const inoutOwners = (ctx: Vmctx, port: number, size: number): string[] =>
  ctx.inout.claimed.filter((iop) => iop.port < port + size && port < iop.port + iop.size).map(({ name }) => name);

/** Runs the handler of the request's port and puts what it read into the request. UNHANDLED for a bad port or size. */
export const emulateInout = station(
  stations.emulate_inout,
  (ctx: Vmctx, request: IoRequest, vcpu: number): number => {
    const bytes = request.size;
    const port = request.address;
    if (port + bytes - 1 >= MAX_IOPORTS || (bytes !== 1 && bytes !== 2 && bytes !== 4)) return UNHANDLED;
    const { access, handlers } = ctx.inout;
    access.vcpu = vcpu;
    access.in = request.direction === IoreqDirection.READ;
    access.port = port;
    access.bytes = bytes;
    access.value = request.value;
    const owner = handlers[port];
    const error = owner.handler(owner.arg, access);
    request.value = access.value;
    return error;
  },
  (emit, _ctx, request) => emit(request.address, request.size, request.direction, request.value),
);
