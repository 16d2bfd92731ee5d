import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { noProcess } from "../test/vscode/mishaps.ts";
import type { Server } from "../test/vscode/server.ts";
import { until } from "../test/vscode/until.ts";
import { Workbench } from "../test/vscode/workbench.ts";
import { type FloodPlan, terminalLoss } from "./floods.ts";
import type { Boot, Recording } from "./page/figures.ts";
import { within } from "./within.ts";

const FLOOD_PATIENCE_MS = 600_000;
/** It has started when there is a prompt. */
const KERNEL_PATIENCE_MS = 10_000;
/** What a guest may write before it is interrupted, so that everything on the way is full. */
const FLOODED_MS = 1000;

/** Milliseconds, from a key if nothing else is said. */
export interface VscodeFigures extends Boot {
  /** The extension's code is loaded and its activate() called, as VS Code counts it. */
  readonly activation: number;
  /** The adapter has said that the kernel boots. */
  readonly kernel: number;
  /** One for each of the plan's floods. */
  readonly floods: readonly number[];
  readonly losses: readonly string[];
  readonly interrupts: readonly number[];
}

/** A window of its own, with an extension host in which nothing of the extension is loaded yet. */
export async function vscodeRound(
  browser: Browser,
  server: Server,
  programs: string,
  plan: FloodPlan,
): Promise<VscodeFigures> {
  let onFrame: (payload: string | Buffer) => void = () => {};
  const prepare = async (page: Page): Promise<void> => {
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => onFrame(payload)));
    await page.addInitScript({ path: join(programs, "terminal-probe.js") });
  };
  const workbench = await Workbench.open(browser, server, { prepare });
  try {
    const boot = await bootGuest(workbench, (listener) => {
      onFrame = listener;
    });
    const activation = await activationTime(workbench);
    const floods: number[] = [];
    const losses: string[] = [];
    for (const command of plan.preparations) await record(workbench, command);
    for (const flood of plan.floods) {
      const recording = await record(workbench, flood.command);
      floods.push(recording.milliseconds);
      const lost = terminalLoss(flood, recording);
      if (lost !== undefined) losses.push(lost);
    }
    const interrupts: number[] = [];
    while (interrupts.length < plan.interrupts) interrupts.push(await interrupt(workbench));
    await workbench.command("ACRN: Power Off Guest");
    await noProcess(server);
    return { ...boot, activation, floods, losses, interrupts };
  } catch (error) {
    await workbench.screenshot("failed-bench");
    throw error;
  } finally {
    await workbench.close();
  }
}

async function bootGuest(
  workbench: Workbench,
  listen: (listener: (payload: string | Buffer) => void) => void,
): Promise<Boot & { readonly kernel: number }> {
  await workbench.press("F1");
  await workbench.page.locator(".quick-input-widget input").first().fill(">ACRN: Boot Guest");
  const entry = '.quick-input-list .monaco-list-row.focused[aria-label^="ACRN: Boot Guest"]';
  await workbench.page.locator(`${entry}:not([aria-label*="Stop"])`).waitFor();
  await workbench.page.evaluate('terminalProbe.begin("boot")');
  const start = performance.now();
  const kernel = new Promise<number>((resolve) => {
    listen((payload) => {
      if (payload.includes("the kernel boots")) resolve(performance.now() - start);
    });
  });
  await workbench.press("Enter");
  const boot = await result<Boot>(workbench);
  const times = { ...boot, kernel: await within(KERNEL_PATIENCE_MS, "the kernel's start in a message", kernel) };
  listen(() => {});
  return times;
}

/** As "Developer: Show Running Extensions" tells it, in whole milliseconds. */
async function activationTime(workbench: Workbench): Promise<number> {
  await workbench.command("Developer: Show Running Extensions");
  const rows = workbench.page.locator(".runtime-extensions-editor .monaco-list-row");
  const time = await until(
    "the extension's activation time",
    async () => {
      const ours = (await workbench.rows(rows)).find((text) => text.includes("ACRN Virtio Workbench"));
      return /Activation: (\d+)ms/.exec(ours ?? "")?.[1];
    },
    () => workbench.rows(rows),
  );
  await workbench.command("View: Close Editor");
  return Number(time);
}

async function record(workbench: Workbench, command: string): Promise<Recording> {
  await typed(workbench, command);
  await workbench.page.evaluate('terminalProbe.begin("record")');
  await workbench.press("Enter");
  return result<Recording>(workbench);
}

async function interrupt(workbench: Workbench): Promise<number> {
  await typed(workbench, "yes");
  await workbench.press("Enter");
  await sleep(FLOODED_MS);
  await workbench.page.evaluate('terminalProbe.begin("interrupt")');
  await workbench.press("Control+c");
  return result<number>(workbench);
}

/** What the probe has begun, when the guest is at its prompt. */
function result<T>({ page }: Workbench): Promise<T> {
  const patience = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error("no prompt in the terminal")), FLOOD_PATIENCE_MS);
    timer.unref();
  });
  return Promise.race([page.evaluate<T>("terminalProbe.result()"), patience]);
}

/** Types a command and waits for its echo. */
async function typed(workbench: Workbench, command: string): Promise<void> {
  await workbench.type(command);
  const escaped = command.replace(/[|()$\\]/g, "\\$&");
  await workbench.terminalShows(new RegExp(`^/root # ${escaped}$`, "m"));
}
