import assert from "node:assert/strict";
import { processesWith } from "./processes.ts";
import type { Server } from "./server.ts";
import type { Step } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

/** Settings of a folder that make programs read other files; with them no machine can be started. */
export const STRANGE = {
  "acrn.guest.kernel": "/no/such/kernel",
  "acrn.guest.initrd": "/no/such/initrd",
  "acrn.guest.dmArgs": "--no-such-option",
  "acrn.sources.acrn": "/no/such/acrn",
  "acrn.sources.linux": "/no/such/linux",
};
const LABELS = ["Guest: Kernel", "Guest: Initrd", "Guest: Dm Args", "Sources: Acrn", "Sources: Linux"];

/** A folder with {@link STRANGE} is opened for the first time. */
export async function trust(step: Step, workbench: Workbench, server: Server): Promise<void> {
  await step("in a folder that is not trusted, what it names as kernel, devices and sources is not used", async () => {
    await workbench.answer(/Do you trust the authors of the files in this folder/, "No, I don't trust");
    await workbench.command("ACRN: Open Settings");
    await workbench.page.locator(".settings-tabs-widget .action-label", { hasText: /^Workspace$/ }).click();
    const settings = workbench.page.locator(".setting-item-contents");
    for (const label of LABELS) await workbench.rowShows(settings, new RegExp(`${label}.*Requires workspace trust`));
    await workbench.command("View: Close All Editors");
  });

  await step("and VS Code asks for trust before a machine is started", async () => {
    await workbench.command("ACRN: Boot Guest");
    await workbench.answer(/Do you trust the authors.*Debugging executes/s, "Cancel");
    assert.deepEqual(processesWith(`${server.extensions}/acrn-virtio`), []);
    assert.doesNotMatch(await workbench.statusBar(), /ACRN:/);
  });

  await step("with trust they are used; a mistake in them is told, with the way to them", async () => {
    await workbench.command("ACRN: Boot Guest");
    await workbench.answer(/Do you trust the authors/, "Trust Folder");
    await workbench.answer(/dmArgs: unrecognized option '--no-such-option'/, "Cancel");
    await workbench.terminalShows(
      /The machine has not started:\ndmArgs: unrecognized option.*\n(.*\n)*Enter tries again/,
    );
    await workbench.notification(
      /had these settings: acrn\.sources\.acrn, acrn\.sources\.linux, acrn\.guest\.dmArgs, acrn\.guest\.kernel, .*initrd$/,
      "Open Settings",
    );
    await workbench.editorShows(/Settings/);
  });
}
