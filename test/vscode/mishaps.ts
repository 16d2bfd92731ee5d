import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { processesWith } from "./processes.ts";
import type { Server } from "./server.ts";
import { until } from "./until.ts";
import { Workbench } from "./workbench.ts";

/** A title, a link, a write to the clipboard, and a string without an end, each as a shell's printf writes it. */
const HOSTILE = [
  "\\033]0;st\\157len title\\007",
  "\\033]8;;http://192.0.2.1/\\033\\\\link\\033]8;;\\033\\\\",
  "\\033]52;c;c3RvbGVu\\007",
  "\\033P+q",
];
const LINE_BYTES = 1_000_000;

/** What a guest prints to harm its terminal does not; it must be at its prompt. */
export async function hostileOutput(workbench: Workbench): Promise<void> {
  await workbench.type(`printf '${HOSTILE.join("")}'; printf '\\030seen\\n'\n`);
  await workbench.terminalShows(/^linkseen$/m);
  assert.equal(await workbench.page.locator(".xterm-rows [class*=xterm-underline]").count(), 0);
  const said = [await workbench.page.title(), await workbench.page.locator("body").textContent()];
  assert.doesNotMatch(said.join("\n"), /stolen/);
  await workbench.type(`head -c ${LINE_BYTES} /dev/zero | tr '\\0' x; echo; echo $((6*9))\n`);
  await workbench.terminalShows(/^x+\n54\n\/root #$/m);
}

/** Ends the adapter as a crash does. A machine must be at its prompt in the terminal in front; afterwards none is left. */
export async function killedAdapter(workbench: Workbench, server: Server): Promise<void> {
  const adapters = processesWith(`${server.extensions}/acrn-virtio`);
  assert.notDeepEqual(adapters, []);
  for (const { pid } of adapters) process.kill(pid, "SIGKILL");
  await workbench.terminalShows(/^The machine's process has ended unexpectedly\. Enter boots a new machine\.$/m);
  await until(
    "the session to be gone from the status bar",
    async () => !/ACRN: /.test(await workbench.statusBar()),
    () => workbench.statusBar(),
  );
}

/** A window that is loaded again during a session leaves no process. */
export async function reload(workbench: Workbench, server: Server): Promise<void> {
  await workbench.type("\n");
  await workbench.statusShows(/ACRN: /);
  assert.notDeepEqual(processesWith(`${server.extensions}/acrn-virtio`), []);
  await workbench.page.reload();
  await noProcess(server);
}

export const noProcess = (server: Server): Promise<unknown> =>
  until(
    "the adapter to end",
    async () => processesWith(`${server.extensions}/acrn-virtio`).length === 0,
    async () => processesWith(`${server.extensions}/acrn-virtio`),
  );

/** A launch.json with a wrong attribute is refused with a message that says what is wrong. */
export async function wrongConfiguration(browser: Browser, server: Server): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "acrn-workspace-"));
  try {
    const configuration = { type: "acrn", request: "launch", name: "Wrong", memory: 0 };
    mkdirSync(join(folder, ".vscode"));
    writeFileSync(join(folder, ".vscode", "launch.json"), JSON.stringify({ configurations: [configuration] }));
    const workbench = await Workbench.open(browser, server, { folder });
    await workbench.press("F5");
    const dialog = workbench.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await workbench.screenshot("wrong-configuration");
    assert.match((await dialog.textContent()) ?? "", /launch\.memory: expected a size as "256m" or a number of MiB/);
    await workbench.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.doesNotMatch(await workbench.statusBar(), /ACRN: /);
    await workbench.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
