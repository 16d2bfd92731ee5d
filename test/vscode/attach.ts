import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { checkoutTold } from "./checkout.ts";
import { root } from "./project.ts";
import type { Step } from "./steps.ts";
import { until } from "./until.ts";
import type { Workbench } from "./workbench.ts";

/** `acrn-virtio run --dap 0`, started outside of VS Code. */
export class Outside {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #text: () => string;

  private constructor(child: ChildProcess, text: () => string) {
    this.#child = child;
    this.#text = text;
    this.port = Number(PORT.exec(text())?.[1]);
  }

  static async start(): Promise<Outside> {
    const child = spawn(process.execPath, [join(root, "bin", "acrn-virtio.mjs"), "run", "--dap", "0"]);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        text += data;
      });
    }
    await until(
      "the port",
      async () => PORT.test(text),
      async () => text,
    );
    return new Outside(child, () => text);
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async shows(pattern: RegExp): Promise<void> {
    await until(
      `${pattern} outside`,
      async () => pattern.test(this.#text()),
      async () => this.#text(),
    );
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

const PORT = /may attach at 127\.0\.0\.1:(\d+)/;

/** The folder has a checkout and a configuration "outside" that attaches to it. Leaves a breakpoint, and no session. */
export async function attach(step: Step, workbench: Workbench, outside: Outside): Promise<void> {
  await step("a machine that was started in a terminal can be attached to, and stops", async () => {
    await outside.shows(/\/root # /);
    await workbench.start("outside");
    await checkoutTold(workbench);
    await workbench.statusShows(/ACRN: running/);
    await workbench.addFunctionBreakpoint("virtio_console_notify_tx");
    // What is typed there does not wait for what VS Code has asked for, as it does in VS Code's own terminal.
    await workbench.page.locator(".debug-breakpoints .codicon-debug-breakpoint-function").waitFor();
    outside.type("echo $((6*7))\n");
    await workbench.rowShows(workbench.debugRows("call-stack"), /^virtio_console_notify_tx/);
    await workbench.statusShows(/ACRN: stopped/);
  });

  await step("when VS Code leaves it goes on", async () => {
    await workbench.debugButton("Disconnect");
    await outside.shows(/^42\r?$/m);
    await until(
      "the session to be gone",
      async () => !/ACRN:/.test(await workbench.statusBar()),
      () => workbench.statusBar(),
    );
    await outside.end();
  });
}
