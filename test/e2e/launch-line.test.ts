import assert from "node:assert/strict";
import { after, test } from "node:test";
import { splitArguments } from "../../src/model/device-model/command-line/split-arguments.ts";
import { launchLines } from "../../src/model/device-model/command-line/testing/launch-lines.ts";
import { killAll, start } from "./program.ts";

/** Lines of ACRN's own documents and tools, as they are, with a guest that boots to its prompt. */

after(killAll);

const MEMORY = /MemTotal: +(\d+) kB/;

/** Boots what `source` says and returns the guest's memory in MiB, and what the program said. */
async function boot(source: RegExp): Promise<{ memory: number; warnings: string[] }> {
  const launch = launchLines.find(({ from }) => source.test(from));
  assert.ok(launch);
  const program = start(["run", ...splitArguments(launch.line)], { stdio: ["pipe", "pipe", "pipe"] });
  program.type("grep MemTotal /proc/meminfo; poweroff\n");
  await program.until(MEMORY);
  const { status, stdout, stderr } = await program.end();
  assert.equal(status, 0);
  const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
  return { memory: Number(MEMORY.exec(stdout)?.[1]) / 1024, warnings };
}

test("ACRN in QEMU: the tutorial's line", async () => {
  const { memory, warnings } = await boot(/acrn_on_qemu/);
  assert.ok(memory > 900 && memory < 1024, String(memory));
  assert.equal(warnings.filter((warning) => warning.includes("cpu_affinity")).length, 0);
});

test("a sample of the config tool: two CPUs, 4 GiB and Windows", async () => {
  const { memory, warnings } = await boot(/launch_user_vm_id1/);
  assert.ok(memory > 1900 && memory < 2047, String(memory));
  assert.ok(warnings.includes("warning: --cpu_affinity 0,2: ACRN gives the VM 2 vCPUs; the guest here has one"));
  assert.ok(warnings.includes("warning: -m 4096M: a guest has at most 2047m here, which it gets"));
});
