import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnd } from "../../src/cli/guest-end.ts";
import { TestMachine } from "./harness.ts";

/** How a guest can end, and what the program says of it. */

/** Boots, types a command and waits for the end; a guest that ends as it should leaves no complaint in the log. */
async function endAfter(command: string, args: readonly string[] = []) {
  const machine = await TestMachine.boot(args);
  try {
    await machine.shell.type(`${command}\n`);
    const end = await machine.end();
    return { end, status: describeEnd(end).status, output: machine.shell.output, complaints: machine.messages(2) };
  } finally {
    await machine.close();
  }
}

test("poweroff, with iothreads too: the end is orderly", async () => {
  const { end, status, complaints } = await endAfter("poweroff", ["--mode", "B"]);
  assert.deepEqual([end.kind, status, complaints], ["power-off", 0, []]);
});

test("reboot, by the keyboard controller", async () => {
  const { end, complaints } = await endAfter("reboot");
  assert.deepEqual([end.kind, complaints], ["reboot", []]);
});

test("reboot, by port 0xCF9", async () => {
  const { end, complaints } = await endAfter("reboot -f", ["--append", "reboot=p"]);
  assert.deepEqual([end.kind, complaints], ["reboot", []]);
});

test("reboot by triple fault", async () => {
  const { end, status } = await endAfter("reboot -f", ["--append", "reboot=t"]);
  assert.deepEqual([end.kind, status], ["fault", 3]);
  assert.match(describeEnd(end).text, /triple fault/);
});

test("halt", async () => {
  const { end, status, complaints } = await endAfter("halt");
  assert.deepEqual([end.kind, status, complaints], ["halt", 0, []]);
});

test("panic: its last words reach the console", async () => {
  const { end, status, output } = await endAfter("echo c >/proc/sysrq-trigger");
  assert.deepEqual([end.kind, status], ["panic", 3]);
  assert.match(output, /Kernel panic - not syncing: sysrq triggered crash/);
});
