import { join } from "node:path";
import type { Step } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

const CONSOLE = "devicemodel/hw/pci/virtio/virtio_console.c";

/** Files of a folder that is a small checkout of acrn-hypervisor. */
export const CHECKOUT: { readonly [path: string]: string } = {
  "hypervisor/Makefile": "",
  "devicemodel/core/main.c": "int main(void)\n{\n\treturn 0;\n}\n",
  [CONSOLE]: "static void\nvirtio_console_notify_tx(void *vdev, struct virtio_vq_info *vq)\n{\n\thelper(vq);\n}\n",
};

const lenses = ({ page }: Workbench) => page.locator(".codelens-decoration");

/** `folder`, the window's, has {@link CHECKOUT}; nothing of the extension has been used yet. */
export async function annotations(step: Step, workbench: Workbench, folder: string): Promise<void> {
  await step("a C file of ACRN says which functions belong to the chain, before a machine was there", async () => {
    await workbench.openFile(join(folder, CONSOLE));
    await workbench.rowShows(lenses(workbench), /station: device-model, .*break here/);
    await workbench.command("View: Close All Editors");
  });
}

/** The first machine has just begun. */
export async function checkoutTold(workbench: Workbench): Promise<void> {
  const found = /The guest's stack frames show the sources in \S+, found in the workspace\./;
  await workbench.notification(found, "Show the Model's Source");
  await workbench.notification(/next guest show the model's own source/);
}

/** Its source is in the editor, and a breakpoint on its function is disabled. It is in the end, too. */
export async function breakHere(step: Step, workbench: Workbench): Promise<void> {
  await step("break here enables the breakpoint that is there", async () => {
    await workbench.editorShows(/virtio_console\.c/);
    await lenses(workbench).locator("a", { hasText: "break here" }).click();
    await workbench.notification(/^The breakpoint on virtio_console_notify_tx is enabled\./);
    await workbench.command("Disable All Breakpoints");
  });
}
