import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchClient } from "./dap-client.ts";
import { quantile } from "./stats.ts";

/** Stops at the function of a kick, after some to warm up. */
export interface StepCounts {
  readonly kicks: number;
  readonly warmUp: number;
}

export const FULL: StepCounts = { kicks: 120, warmUp: 20 };
export const SHORT: StepCounts = { kicks: 12, warmUp: 2 };

/** Steps from each; all before the guest goes on, whose time would count otherwise. */
const STEPS = 2;
export const FUNCTION = "virtio_console_notify_tx";

/** Milliseconds of a step: bare, and with stackTrace, scopes and variables. */
export interface StepFigures {
  readonly bare: readonly [p50: number, p95: number];
  readonly looking: readonly [p50: number, p95: number];
}

/** A guest that kicks all the time by itself: arguments of `launch`. */
export function kickingGuest(): object {
  const overlay = mkdtempSync(join(tmpdir(), "acrn-bench-"));
  mkdirSync(join(overlay, "etc", "acrn"), { recursive: true });
  writeFileSync(join(overlay, "etc", "acrn", "rc.local"), "while :; do echo kick; done >/dev/hvc0 &\n");
  return { overlay };
}

/** Steps within kicks of an adapter, a program of Node. `launch`: which guest. */
export async function steps(
  program: readonly string[],
  launch: object,
  { kicks, warmUp }: StepCounts,
): Promise<StepFigures> {
  const client = new BenchClient(program);
  const bare: number[] = [];
  const looking: number[] = [];
  try {
    await client.request("initialize", { adapterID: "acrn", linesStartAt1: true, pathFormat: "path" });
    const launched = client.request("launch", { console: "none", sources: { prefer: "model" }, ...launch });
    await Promise.all([launched, client.event("initialized")]);
    await client.request("setFunctionBreakpoints", { breakpoints: [{ name: FUNCTION }] });
    await client.request("configurationDone");
    for (let kick = 0; kick < kicks; kick++) {
      let { threadId } = await client.event("stopped");
      for (let step = 0; step < STEPS; step++) {
        const start = performance.now();
        await client.request("next", { threadId });
        ({ threadId } = await client.event("stopped"));
        // In turns, so that what disturbs one disturbs the other.
        if (kick % 2 === 1) await look(client, threadId);
        if (kick >= warmUp) (kick % 2 === 1 ? looking : bare).push(performance.now() - start);
      }
      await client.request("continue", { threadId });
    }
  } finally {
    await client.end();
  }
  const figures = (samples: number[]): [number, number] => [quantile(samples, 0.5), quantile(samples, 0.95)];
  return { bare: figures(bare), looking: figures(looking) };
}

async function look(client: BenchClient, threadId: number): Promise<void> {
  const { stackFrames } = await client.request("stackTrace", { threadId });
  const { scopes } = await client.request("scopes", { frameId: stackFrames[0].id });
  await client.request("variables", { variablesReference: scopes[0].variablesReference });
}
