import type { Writable } from "node:stream";
import type { LogLevel } from "../model/doors/host.ts";

const NAMES = ["", "error", "warning", "notice", "info", "debug"];

/** Prints messages up to `level`, a line each; the line ends suit a terminal in raw mode as well. */
export function logTo(stream: Writable, level: number) {
  return (severity: LogLevel, source: string, message: string): void => {
    if (severity > level) return;
    stream.write(`${source} ${NAMES[severity]}: ${message.replace(/\s*\n\s*/g, " ").trim()}\r\n`);
  };
}
