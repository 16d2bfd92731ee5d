import { READY_PORT, SYMBOLS_PORT } from "../model/thread/workbench-ports.ts";

/** What is on the bus when the command line names no device. The last one is the workbench's own (an extension). */
export const DEFAULT_SLOTS: readonly string[] = [
  ...["-s", "0:0,hostbridge"],
  ...["-s", "1:0,lpc"],
  ...["-s", "3,virtio-console,@stdio:stdio_port"],
  ...["-s", `31,virtio-console,workbench:${READY_PORT},workbench:${SYMBOLS_PORT}`],
];
