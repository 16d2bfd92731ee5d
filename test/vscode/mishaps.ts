import assert from "node:assert/strict";
import { processesWith } from "./processes.ts";
import type { Server } from "./server.ts";
import { until } from "./until.ts";
import type { Workbench } from "./workbench.ts";

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

/** Ends the adapter as a crash does, while output is on its way. A machine must be at its prompt; afterwards none is left. */
export async function killedAdapter(workbench: Workbench, server: Server): Promise<void> {
  await workbench.type("yes\n");
  await workbench.terminalShows(/^y\n(y\n){10}/m);
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
