import { spec } from "../guest.ts";
import { startPlainV86 } from "./plain-v86.ts";

/** Boots v86 with its own devices; its console is stdout. Runs until it is ended. */

await startPlainV86(spec("console").commandLine, (bytes) => void process.stdout.write(bytes));
