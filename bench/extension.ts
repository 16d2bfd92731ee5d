import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { findBrowser, startBrowser } from "../test/vscode/browser.ts";
import { makePackage } from "../test/vscode/project.ts";
import { type Server, startServer } from "../test/vscode/server.ts";
import { type FloodPlan, FULL_PLAN, loss, SHORT_PLAN } from "./floods.ts";
import type { Measurement } from "./measurement.ts";
import { PipedGuest } from "./piped-guest.ts";
import { comparison, type Result, type Row, single } from "./report.ts";
import { quantile } from "./stats.ts";
import { type VscodeFigures, vscodeRound } from "./vscode-round.ts";

const OTHER = "CLI, to a pipe";

/** Milliseconds of the shipped command line. */
interface CliFigures {
  readonly prompt: number;
  readonly floods: readonly number[];
}

/** The packaged extension in the real VS Code, the oldest that is supported, as somebody at its window sees it. */
export class Extension implements Measurement {
  readonly #programs: string;
  readonly #cli: string;
  readonly #ours: VscodeFigures[] = [];
  readonly #theirs: CliFigures[] = [];
  readonly #losses: string[] = [];
  #running: { readonly browser: Browser; readonly server: Server; readonly vsix: string } | undefined;
  #sizes: { readonly bundle: number; readonly vsix: number } | undefined;

  /** Why it cannot be measured. */
  readonly #missing: string | undefined;

  readonly #plan: FloodPlan;

  constructor(programs: string, root: string, short: boolean) {
    this.#plan = short ? SHORT_PLAN : FULL_PLAN;
    this.#missing = whyNoBrowser();
    this.#programs = programs;
    this.#cli = join(root, "bin/acrn-virtio.mjs");
  }

  async round(number: number): Promise<void> {
    if (this.#missing !== undefined) return;
    const { browser, server } = await this.#start();
    const sides = [
      async () => void this.#ours.push(await vscodeRound(browser, server, this.#programs, this.#plan)),
      async () => void this.#theirs.push(await this.#withoutVscode()),
    ];
    if (number % 2 === 1) sides.reverse();
    for (const side of sides) await side();
    this.#losses.push(...(this.#ours.at(-1)?.losses ?? []));
  }

  async end(): Promise<void> {
    await this.#running?.browser.close();
    await this.#running?.server.stop();
    if (this.#running !== undefined) rmSync(this.#running.vsix, { force: true });
  }

  async #start() {
    if (this.#running !== undefined) return this.#running;
    const browser = await startBrowser();
    const vsix = await makePackage();
    const server = await startServer("oldest", vsix);
    const installed = readdirSync(server.extensions).find((name) => name.startsWith("acrn-virtio."));
    if (installed === undefined) throw new Error(`no extension in ${server.extensions}`);
    const bundle = join(server.extensions, installed, "dist/extension.cjs");
    this.#sizes = { bundle: statSync(bundle).size, vsix: statSync(vsix).size };
    this.#running = { browser, server, vsix };
    return this.#running;
  }

  async #withoutVscode(): Promise<CliFigures> {
    const { guest, bootMilliseconds } = await PipedGuest.boot(this.#cli);
    try {
      const floods: number[] = [];
      for (const command of this.#plan.preparations) await guest.run(command);
      for (const flood of this.#plan.floods) {
        const { milliseconds, text } = await guest.run(flood.command);
        const lost = loss(flood, text);
        if (lost !== undefined) this.#losses.push(`${OTHER}: ${lost}`);
        floods.push(milliseconds);
      }
      return { prompt: bootMilliseconds, floods };
    } finally {
      await guest.end();
    }
  }

  result(): Result {
    if (this.#missing !== undefined) return { rows: [], skipped: [{ what: "the extension", why: this.#missing }] };
    const ours = (pick: (figures: VscodeFigures) => number): number[] => this.#ours.map(pick);
    const theirs = (pick: (figures: CliFigures) => number): number[] => this.#theirs.map(pick);
    const { bundle, vsix } = this.#sizes ?? { bundle: Number.NaN, vsix: Number.NaN };
    const seconds = (milliseconds: number): number => milliseconds / 1000;
    const interrupts = this.#ours.flatMap((figures) => figures.interrupts);
    const rows: Row[] = [
      single("main bundle", "kB", [bundle / 1000], "under 150"),
      single(".vsix", "MB", [vsix / 1e6], "under 20"),
      single(
        "activation",
        "ms",
        ours(({ activation }) => activation),
        "under 20",
      ),
      single(
        'Boot Guest to "booting"',
        "ms",
        ours(({ booting }) => booting),
        "under 500",
      ),
      single(
        "Boot Guest to the kernel's start",
        "ms",
        ours(({ kernel }) => kernel),
        "under 500",
      ),
      single(
        "Boot Guest to first output",
        "s",
        ours(({ output }) => seconds(output)),
      ),
      comparison(
        "Boot Guest to prompt",
        "s",
        ours(({ prompt }) => seconds(prompt)),
        { name: "CLI", samples: theirs(({ prompt }) => seconds(prompt)) },
      ),
      ...this.#plan.floods.map(({ name, output }, at) => {
        const rate = (milliseconds: number): number => output.length / 1024 / seconds(milliseconds);
        const other = { name: OTHER, samples: theirs(({ floods }) => rate(floods[at])) };
        return comparison(
          name,
          "KiB/s",
          ours(({ floods }) => rate(floods[at])),
          other,
        );
      }),
      single("Ctrl-C to prompt", "ms", interrupts),
      single("Ctrl-C to prompt, p95", "ms", [quantile(interrupts, 0.95)], "under 200"),
    ];
    return { rows, skipped: [], failed: this.#losses };
  }
}

function whyNoBrowser(): string | undefined {
  try {
    findBrowser();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
