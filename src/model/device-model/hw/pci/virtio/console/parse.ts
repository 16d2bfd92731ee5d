import { type IothreadsChoice, iothreadParseOptions } from "../../../../core/iothread-options.ts";

/** The option syntax of a port (devicemodel/hw/pci/virtio/virtio_console.c: virtio_console_add_backend). */

/** acrn-dm's five, and `workbench`: an extension, a port whose other end is this program itself. */
const backendTypes = ["stdio", "tty", "pty", "file", "socket", "workbench"] as const;
/** Ports of one device. */
export const VIRTIO_CONSOLE_MAXPORTS = 16;

export type BackendType = (typeof backendTypes)[number];

export interface PortOption {
  /** With a leading `@`: the guest is to use the port as a console. */
  readonly isConsole: boolean;
  readonly type: BackendType;
  readonly portname: string;
  readonly portpath: string | undefined;
  /** Socket only; undefined counts as "server". What else it may be is looked at when the socket is made. */
  readonly socketType: string | undefined;
}

/** Splits at the first `separator`; the second half is undefined when there is none (strsep). */
function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** `[@]type:name[=path[:socktype]]`; an error is acrn-dm's message. */
export function parsePortOption(option: string): PortOption | { readonly error: string } {
  const [head, rest] = split(option, ":");
  const isConsole = head.startsWith("@");
  const written = isConsole ? head.slice(1) : head;
  const type = backendTypes.find((name) => name === written.toLowerCase());
  if (type === undefined) return { error: `vtcon: invalid backend ${written}!` };
  if (rest === undefined) return { error: "vtcon: please at least config portname" };
  const [portname, path] = split(rest, "=");
  const [portpath, socketType] = type === "socket" && path !== undefined ? split(path, ":") : [path, undefined];
  if (portpath === undefined && (type === "tty" || type === "file")) {
    return { error: `vtcon: portpath missing for ${portname}` };
  }
  return { isConsole, type, portname, portpath, socketType };
}

/**
 * Extension, not in acrn-dm: a leading element `iothread[=N[@CPUs]]`, as virtio-blk has it, gives the console's queues N
 * iothreads. Returns them, undefined without the element, and what follows it.
 */
export function splitIothreadOption(options: string): {
  readonly iothreads: IothreadsChoice | undefined;
  readonly rest: string;
  readonly error?: string;
} {
  const [first, rest = ""] = split(options, ",");
  const [word, number] = split(first, "=");
  if (word !== "iothread") return { iothreads: undefined, rest: options };
  const choice = iothreadParseOptions(number);
  return "error" in choice ? { iothreads: undefined, rest, error: choice.error } : { iothreads: choice, rest };
}
