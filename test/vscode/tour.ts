import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { hostileOutput, killedAdapter, noProcess, reload } from "./mishaps.ts";
import { processesWith } from "./processes.ts";
import { makePackage } from "./project.ts";
import { type Server, startServer, type Which } from "./server.ts";
import { stepsOf } from "./steps.ts";
import { PROMPT, Workbench } from "./workbench.ts";

/** Uses the packaged extension in a real VS Code as a new user does, through its window. */
export function tour(which: Which): void {
  test(`the ${which} VS Code boots a guest, stops on its way to the host and cleans up`, async (t) => {
    const browser = await startBrowser();
    t.after(() => browser.close());
    const server = await startServer(which, await makePackage());
    t.after(() => server.stop());
    t.diagnostic(`VS Code ${server.version}`);
    await followChain(t, which, browser, server);
  });
}

async function followChain(t: TestContext, which: Which, browser: Browser, server: Server): Promise<void> {
  const workbench = await Workbench.open(browser, server);
  const step = stepsOf(t, workbench, which);

  /** The transcripts of test/dap follow a kick to its end; here it is seen that VS Code's button does it. */
  async function stepThroughKick(): Promise<void> {
    await workbench.command("Disable All Breakpoints");
    await workbench.command("ACRN: Continue to Next Kick");
    await workbench.type("y");
    await workbench.rowShows(workbench.debugRows("call-stack"), /^vmexit_handler/);
    for (const name of ["pio_instr_vmexit_handler", "emulate_io", "hv_emulate_pio"]) {
      await workbench.debugButton("Step Into");
      await workbench.rowShows(workbench.debugRows("call-stack"), new RegExp(`^${name}`));
    }
    await workbench.screenshot(`${which}-chain`);
  }

  async function traceWhileTyping(): Promise<void> {
    await workbench.command("ACRN: Trace Next Kick");
    await workbench.notification(/Waiting for the guest's next kick/);
    await workbench.type("#");
    await workbench.webviewShows(/Machine running/, /Kick \d+ of queue \d+, slot 3(?!, under way)/);
    // The terminal has kept the focus.
    await workbench.page.keyboard.type(" traced\n");
    await workbench.terminalShows(/^\/root # # traced\n\/root #$/m);
    // Of a function of the guest there is a page, where no checkout is.
    await workbench.clickInWebview('[data-station="put_chars"]');
    await workbench.editorShows(/put_chars \(virtio_console\.c\)/);
  }

  await step("nothing of the extension is loaded before it is used", async () => {
    assert.doesNotMatch(workbench.extensionHostLog(), /_doActivateExtension acrn-virtio/);
  });

  await step("F5 in an empty window boots Linux, and its prompt is in the terminal", async () => {
    await workbench.press("F5");
    await workbench.choose("ACRN Guest");
    await workbench.statusShows(/ACRN: /);
    await workbench.terminalShows(PROMPT);
    await workbench.screenshot(`${which}-prompt`);
  });

  await step("the guest answers what is typed", async () => {
    await workbench.type("uname -a\n");
    await workbench.terminalShows(/^Linux .* i686 GNU\/Linux$/m);
  });

  await step("a function breakpoint stops in the device model", async () => {
    await workbench.addFunctionBreakpoint("virtio_console_notify_tx");
    await workbench.type("x");
    await workbench.rowShows(workbench.debugRows("call-stack"), /^virtio_console_notify_tx/);
    await workbench.rowShows(workbench.debugRows("variables"), /queue/i);
    await workbench.statusShows(/ACRN: stopped/);
    await workbench.screenshot(`${which}-stopped`);
  });

  await step("the views show the kick under way and its virtqueue", async () => {
    await workbench.command("ACRN: Show Virtqueue");
    await workbench.webviewShows(/avail/i, /used/i, /desc/i);
    await workbench.screenshot(`${which}-virtqueue`);
    await workbench.command("ACRN: Show Notify Chain");
    await workbench.webviewShows(/Machine stopped/, /Kick \d+ of queue \d+, slot \d+, under way/);
    await workbench.command("ACRN: Focus on Machine View");
    await workbench.rowShows(workbench.page.locator(".pane-body .monaco-list-row"), /ioreq slots/);
    await workbench.screenshot(`${which}-machine`);
    await workbench.command("View: Show Run and Debug");
  });

  // The newest VS Code runs a shorter list.
  if (which === "oldest") await step("step into follows a kick into the hypervisor", stepThroughKick);

  await step("nothing was lost when the guest goes on", async () => {
    await workbench.command("Disable All Breakpoints");
    await workbench.debugButton("Continue");
    await workbench.statusShows(/ACRN: running/);
    await workbench.type(`${which === "oldest" ? "" : "y"}z; echo $((6*7))\n`);
    await workbench.terminalShows(/^.*xyz; echo .*\n(.*\n)*42\n\/root #$/m);
  });

  if (which === "oldest") await step("a kick is traced while somebody types", traceWhileTyping);

  if (which === "oldest") await step("hostile output does no harm", () => hostileOutput(workbench));

  await step("stop leaves no process behind", async () => {
    assert.notDeepEqual(processesWith(`${server.extensions}/acrn-virtio`), []);
    await workbench.debugButton("Stop");
    await noProcess(server);
  });

  await step("no error in the extension host's log", async () => {
    const errors = workbench.extensionHostLog().match(/^.*\[(error|critical)\].*$/gm);
    assert.equal(errors, null);
  });
  if (which === "newest") return;

  await step("a view offers to boot a guest; its group is locked, and none is left so when it is closed", async () => {
    const locked = workbench.page.locator(".editor-group-container.locked");
    await workbench.command("View: Close All Editors");
    await locked.waitFor({ state: "detached" });
    await workbench.command("ACRN: Show Notify Chain");
    await workbench.webviewShows(/No ACRN machine is running/, /Boot Guest and Stop at First Kick/);
    await locked.waitFor();
    await workbench.command("View: Close Editor");
    await locked.waitFor({ state: "detached" });
  });

  await step("a killed adapter is told, and the guest boots again", async () => {
    await workbench.type("\n");
    await workbench.statusShows(/ACRN: running/);
    await workbench.terminalShows(PROMPT);
    await killedAdapter(workbench, server);
  });

  await step("a window that is loaded again leaves no process", () => reload(workbench, server));
}
