import { IoreqDirection } from "../../abi/acrn.ts";
import { station } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
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

/** A port range's owner. `handler` returns 0, or UNHANDLED. */
export interface InoutPort {
  readonly name: string;
  readonly port: number;
  readonly size: number;
  readonly handler: (access: PortAccess) => number;
}

interface TableEntry {
  readonly name: string;
  /** Claimed by nobody: IOPORT_F_DEFAULT. */
  readonly isDefault: boolean;
  readonly handler: (access: PortAccess) => number;
}

const defaultPort: TableEntry = {
  name: "default",
  isDefault: true,
  /** default_inout: reads all ones, ignores writes. */
  handler(access) {
    if (access.in) access.value = access.bytes === 4 ? 0xffffffff : access.bytes === 2 ? 0xffff : 0xff;
    return 0;
  },
};

export class InoutState {
  /** By port number. */
  readonly handlers: TableEntry[] = new Array(MAX_IOPORTS).fill(defaultPort);
  /** The access under way; the thread `vcpu 0` has one at a time. */
  readonly access: PortAccess = { vcpu: 0, in: false, port: 0, bytes: 0, value: 0 };
}

/** Gives every port the default handler. */
export function initInout(ctx: Vmctx): void {
  ctx.inout.handlers.fill(defaultPort);
}

const valid = (iop: { port: number; size: number }): boolean =>
  iop.port >= 0 && iop.size > 0 && iop.port + iop.size <= MAX_IOPORTS;

/** Claims a port range. UNHANDLED when it leaves the port space or somebody has a part of it already. */
export function registerInout(ctx: Vmctx, iop: InoutPort): number {
  if (!valid(iop)) {
    prErr(ctx, `invalid input: port:${hex(iop.port)}, size:${iop.size}`);
    return UNHANDLED;
  }
  const { handlers } = ctx.inout;
  for (let port = iop.port; port < iop.port + iop.size; port++) if (!handlers[port].isDefault) return UNHANDLED;
  handlers.fill({ name: iop.name, isDefault: false, handler: iop.handler }, iop.port, iop.port + iop.size);
  return 0;
}

/** Gives a port range back to the default handler, whoever had it. */
export function unregisterInout(ctx: Vmctx, iop: { readonly port: number; readonly size: number }): number {
  if (!valid(iop)) {
    prErr(ctx, `invalid input: port:${hex(iop.port)}, size:${iop.size}`);
    return UNHANDLED;
  }
  ctx.inout.handlers.fill(defaultPort, iop.port, iop.port + iop.size);
  return 0;
}

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
    const error = handlers[port].handler(access);
    request.value = access.value;
    return error;
  },
  (emit, _ctx, request) => emit(request.address, request.size, request.direction, request.value),
);
