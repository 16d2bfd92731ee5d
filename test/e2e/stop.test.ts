import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { TestMachine } from "./harness.ts";

/** A stop inside a kick, longer than any watchdog of the guest's kernel waits (RCU reports a stall after 21 s). */

const STOP_MS = 26_000;
const NOMINAL = 4;
/** A busy computer makes each wait a little longer; the stop would make it 26 s longer. */
const TOLERANCE = 0.25 * NOMINAL;

let machine: TestMachine;
let dmesgLines = 0;
const durations: Record<"before" | "across" | "after", number> = { before: 0, across: 0, after: 0 };

/** Only what the shell does itself: a new process would take its time. */
const MEASURE = "up; a=$t; read -t 2; echo middle; read -t 2; up; echo $a $t";

/** What MEASURE printed: the seconds between its two looks at the guest's clock. */
function seconds(output: string): number {
  const [, from, to] = /^(\d+\.\d+) (\d+\.\d+)$/m.exec(output) ?? [];
  assert.ok(from !== undefined, output);
  return Number(to) - Number(from);
}

before(async () => {
  machine = await TestMachine.boot();
  // The last of its own accord that the guest writes; nothing else may kick in between.
  await machine.named();
  await machine.run("up() { read t x </proc/uptime; }");
  dmesgLines = Number(await machine.run("dmesg | wc -l"));
  durations.before = seconds(await machine.run(MEASURE));
});
after(() => machine.close());

test("the guest stands still in the middle of its write, and the machine answers", async () => {
  const finished = machine.run(MEASURE);
  await machine.output("the command's echo", /a \$t\n$/);
  await machine.thread.request("stopAt", ["virtio_console_backend_write"]);
  await machine.until("the stop", () => machine.stops.length > 0);
  assert.doesNotMatch(machine.shell.output, /^middle$/m);
  const counters = await machine.thread.request("counters", undefined);
  const stopped = performance.now();
  await delay(STOP_MS);
  const contexts = await machine.thread.request("contexts", undefined);
  const vcpu = contexts.find(({ name }) => name === "vm1:vcpu0");
  assert.deepEqual([vcpu?.state, vcpu?.waitingFor], ["blocked", "VCPU_EVENT_IOREQ"]);
  assert.deepEqual(await machine.thread.request("counters", undefined), counters);
  assert.doesNotMatch(machine.shell.output, /^middle$/m);
  await machine.thread.request("stopAt", []);
  await machine.thread.request("resume", undefined);
  durations.across = seconds(await finished);
  assert.ok(performance.now() - stopped > STOP_MS);
});

test("the guest measures the same time before, across and after the stop", async () => {
  durations.after = seconds(await machine.run(MEASURE));
  for (const [when, measured] of Object.entries(durations)) {
    assert.ok(Math.abs(measured - NOMINAL) < TOLERANCE, `${when}: ${measured} s, not ${NOMINAL} s`);
  }
});

test("the kernel's log has no line more: no lockup, no stall, no clock found unstable", async () => {
  assert.equal(await machine.run(`dmesg | tail -n +${dmesgLines + 1}`), "");
});
