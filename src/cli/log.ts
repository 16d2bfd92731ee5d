import type { Writable } from "node:stream";
import type { Log } from "../model/doors/host.ts";

const NAMES = ["", "error", "warning", "notice", "info", "debug"];

/**
 * Prints messages up to `level`, a line each; the line ends suit a terminal in raw mode as well. What acrn-dm announces as an
 * error is called a notice.
 */
export function logTo(stream: Writable, level: number): Log {
  return (severity, source, message, kind) => {
    if (severity > level) return;
    const name = kind === "announcement" ? "notice" : NAMES[severity];
    stream.write(`${source} ${name}: ${message.replace(/\s*\n\s*/g, " ").trim()}\r\n`);
  };
}
