import { availableParallelism } from "node:os";
import { machineProcessOptions } from "../src/shared/machine-process.ts";

/** With which the extension and `npm run guest` start a machine's process; all sides of a comparison get them. */
export const MACHINE_OPTIONS: readonly string[] = machineProcessOptions(availableParallelism());
