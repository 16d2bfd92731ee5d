/** Two hundred stops, in the host's functions and in the guest's own, leave the guest's log, clock and data as they would be. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DapClient, launch } from "./client.ts";

const STOPS = 200;
/** Long enough in sum to be seen in a clock that ran on. */
const STOP_MS = 20;
/** What a clock may be wrong by: the time from a stop to its event, two hundred times, on a busy computer. */
const TOLERANCE_MS = 2000;
const FUNCTIONS = ["virtio_console_notify_tx", "acrn_ioreq_dispatch", "hvc_write", "vring_interrupt"];
const PROMPT = / # $/;
const WORK = "seq 1 400 | md5sum; seq 1 400; dmesg; cat /proc/uptime; echo done-$((40+2))\n";
/** Lines that measure the computer, or tell when something happened to be ready. */
const MEASURES =
  /MHz|BogoMIPS|clocksource|sched_clock|random:|crng|tsc:|lpj|delay loop|audit\(|Memory:|Freeing|evm:|setting system clock|interrupt took/i;

interface Run {
  readonly text: string;
  /** The guest's clock, and that of the computer without the stops, milliseconds. */
  readonly uptime: number;
  readonly elapsed: number;
  readonly stopped: number;
  readonly stops: number;
}

async function run(stops: number): Promise<Run> {
  const client = DapClient.start();
  await launch(client, { sources: { prefer: "model" } });
  const breakpoints = stops > 0 ? FUNCTIONS.map((name) => ({ name })) : [];
  await client.request("setFunctionBreakpoints", { breakpoints });
  await client.request("configurationDone");
  const start = performance.now();
  let typed = false;
  let count = 0;
  let stopped = 0;
  const isDone = (): boolean => client.consoleText.includes("done-42");
  const isStopped = (): boolean => client.events.some(({ event }) => event === "stopped");
  for (;;) {
    await client.until(() => isStopped() || isDone() || (!typed && PROMPT.test(client.consoleText)), "what is next");
    if (isStopped()) {
      const since = performance.now();
      const { threadId } = await client.event("stopped");
      // Someone looks: at least once, and for a while.
      do await client.request("stackTrace", { threadId });
      while (performance.now() - since < STOP_MS);
      if (++count === stops) await client.request("setFunctionBreakpoints", { breakpoints: [] });
      stopped += performance.now() - since;
      await client.request("continue", { threadId });
    } else if (!typed) {
      typed = true;
      await client.type(WORK);
    } else if (isDone()) break;
  }
  const elapsed = performance.now() - start - stopped;
  await client.request("disconnect");
  await client.ended();
  const text = client.consoleText.replaceAll("\r", "");
  const uptime = Number(/^(\d+\.\d\d) \d+\.\d\d$/m.exec(text)?.[1]) * 1000;
  return { text, uptime, elapsed, stopped, stops: count };
}

/** The kernel's log without times and measures, in a fixed order. */
function log({ text }: Run): string[] {
  const lines = text.split("\n").filter((line) => /^\[ *\d+\.\d+\] /.test(line) && !MEASURES.test(line));
  return lines.map((line) => line.replace(/^\[ *\d+\.\d+\] /, "")).sort();
}

/** What the shell and its programs have written: numbers and their checksum. */
function data({ text }: Run): string[] {
  return text.split("\n").filter((line) => /^\d+$|^[0-9a-f]{32} /.test(line));
}

test("two hundred stops, and the guest has noticed nothing", async () => {
  const free = await run(0);
  const halting = await run(STOPS);
  assert.equal(halting.stops, STOPS);
  assert.ok(log(free).length > 100, free.text);
  assert.deepEqual(log(halting), log(free));
  assert.equal(data(free).length, 401);
  assert.deepEqual(data(halting), data(free));
  assert.ok(halting.stopped >= STOPS * STOP_MS && halting.stopped > TOLERANCE_MS, `stopped ${halting.stopped} ms`);
  for (const { uptime, elapsed } of [free, halting]) {
    assert.ok(uptime > 0 && uptime <= elapsed + TOLERANCE_MS, `the guest counts ${uptime} ms, ${elapsed} ms it ran`);
  }
  assert.doesNotMatch(halting.text, /lockup|stall|unstable|hung task|spurious/i);
});
