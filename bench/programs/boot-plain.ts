import { spec } from "../guest.ts";
import { startPlainV86 } from "./plain-v86.ts";

await startPlainV86(process.env.CMDLINE ?? spec("default").commandLine, (bytes) => process.stdout.write(bytes));
