import { noProcess } from "./mishaps.ts";
import { processesWith } from "./processes.ts";
import type { Server } from "./server.ts";
import type { Step } from "./steps.ts";
import { until } from "./until.ts";
import { PROMPT, type Workbench } from "./workbench.ts";

/** The second word is a mistake. */
export const CONFIGURATIONS = [{ name: "one", stopOnKik: true }, { name: "two" }];

/** The folder has the above; no breakpoint is enabled. Afterwards "one" is left. */
export async function twoMachines(step: Step, workbench: Workbench, server: Server): Promise<void> {
  /** As a click in the call stack does; the toolbar's buttons are for that machine then. */
  const focus = async (name: string): Promise<void> => {
    await workbench
      .debugRows("call-stack")
      .filter({ hasText: new RegExp(`^${name}`) })
      .click();
    const chosen = workbench.page.locator(".debug-toolbar select");
    await until(`${name} in the toolbar`, async () => (await chosen.inputValue()) === name);
  };

  await step("an attribute nobody knows is told, and the machine boots all the same", async () => {
    await workbench.start("one");
    await workbench.notification(/"stopOnKik" is no attribute of a configuration.*Did you mean "stopOnKick"\?/);
    // Before it runs VS Code starts no other one.
    await workbench.rowShows(workbench.debugRows("call-stack"), /^guest:vcpu0/);
  });

  await step("a second machine boots beside it, each with a console of its own", async () => {
    await workbench.start("two");
    await workbench.terminals(/^1: one$/, /^2: two$/);
    for (const [machine, name] of [
      ["one", "first"],
      ["two", "second"],
    ]) {
      await workbench.terminal(machine);
      await workbench.terminalShows(PROMPT);
      await workbench.type(`name="$name"${name}; echo I am the $name\n`);
      await workbench.terminalShows(new RegExp(`^I am the ${name}$`, "m"));
    }
  });

  await step("when one stops the other goes on; status bar and views show the one that is chosen", async () => {
    await focus("one");
    await workbench.debugButton("Pause");
    await workbench.statusShows(/ACRN: stopped/);
    await workbench.terminals(/^1: one \(stopped\)$/, /^2: two$/);
    await workbench.type("echo still the $name\n");
    await workbench.terminalShows(/^still the second$/m);
    await workbench.command("ACRN: Show Notify Chain");
    await workbench.webviewShows(/Machine stopped/);
    await focus("two");
    await workbench.statusShows(/ACRN: running/);
    await workbench.webviewShows(/Machine running/);
    await focus("one");
    await workbench.statusShows(/ACRN: stopped/);
    await workbench.webviewShows(/Machine stopped/);
    await workbench.debugButton("Continue");
    await workbench.statusShows(/ACRN: running/);
  });

  await step("when one is switched off the other is left", async () => {
    await focus("two");
    await workbench.debugButton("Stop");
    await workbench.terminalShows(/^The machine is switched off/m);
    await until(
      "one adapter",
      async () => processesWith(`${server.extensions}/acrn-virtio`).length === 1,
      async () => processesWith(`${server.extensions}/acrn-virtio`),
    );
    await workbench.command("Terminal: Kill the Active Terminal Instance");
    await workbench.terminals();
    await workbench.type("echo I am the $name\n");
    await workbench.terminalShows(/^I am the first$/m);
  });
}

/** A machine is at its prompt; breakpoints are disabled, one of them is virtio_console_notify_tx. Afterwards it is off. */
export async function restarts(step: Step, workbench: Workbench, server: Server): Promise<void> {
  await step("Restart at a breakpoint boots the guest again, which stops there", async () => {
    await workbench.type("clear\n");
    await workbench.terminalShows(/^\/root #\n*$/);
    await workbench.command("Enable All Breakpoints");
    await workbench.type("x");
    await workbench.rowShows(workbench.debugRows("call-stack"), /^virtio_console_notify_tx/);
    await workbench.debugButton("Restart");
    await workbench.terminalShows(/^The machine boots again\.$/m);
    await workbench.statusShows(/ACRN: stopped/);
    // Its frame may be below the rows of the call stack that are drawn.
    await workbench.rowShows(workbench.debugRows("variables"), /^last_avail/);
  });

  await step("Restart Guest there boots it up to its prompt", async () => {
    await workbench.command("Disable All Breakpoints");
    await workbench.command("ACRN: Restart Guest");
    await workbench.terminalShows(/(The machine boots again\.\n(.*\n)*){2}\/root #\n*$/);
    await workbench.type("echo $((6*7))\n");
    await workbench.terminalShows(/^42$/m);
    await workbench.rowShows(workbench.debugRows("breakpoints"), /^virtio_console_notify_tx/);
  });

  await step("and it leaves no process", async () => {
    await workbench.debugButton("Stop");
    await noProcess(server);
  });
}
