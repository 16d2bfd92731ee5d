import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { noProcess } from "./mishaps.ts";
import type { Server } from "./server.ts";
import type { Step } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

/** Settings of wrong types: defaults are used instead. */
export const WRONG_SETTINGS = {
  "acrn.guest.memory": 5,
  "acrn.guest.dmArgs": 7,
  "acrn.views.refreshSeconds": "fast",
};

type Configuration = { readonly name: string };

/** Configurations no machine can be started with, and what VS Code says of them in a dialog. Nobody serves the port. */
const refused = (port: number): readonly [configuration: Configuration, says: RegExp][] => [
  [config("type", { memory: true }), /launch\.memory: expected a size as "256m" or a number of MiB, given true/],
  [
    config("option", { dmArgs: "-s 0,hostbridge -s 3,virtio-consle" }),
    /dmArgs: pci slot 3:0: unknown device "virtio-consle".*Did you mean "virtio-console"\?/s,
  ],
  [config("file", { kernel: "/no/such/kernel" }), /The kernel \/no\/such\/kernel cannot be read: no such file/],
  [config("size", { memory: "64m" }), /invalid memsize '64m'.*at least 128m/s],
  [
    config("port", { request: "attach", port: String(port) }),
    new RegExp(`No machine answers at port ${port}\\. Start one in a terminal with "acrn-virtio run --dap ${port}"`),
  ],
];

export const wrongConfigurations = (unservedPort: number): Configuration[] => [
  ...refused(unservedPort).map(([it]) => it),
  config("no port", { request: "attach" }),
];

function config(name: string, attributes: object): Configuration {
  return { name, ...attributes };
}

/** A port that was bound and released: nobody serves it. */
export async function unservedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The folder of the window has the above, with this port. Afterwards no machine runs. */
export async function mistakes(step: Step, workbench: Workbench, server: Server, port: number): Promise<void> {
  for (const [{ name }, says] of refused(port)) {
    await step(`a configuration with a wrong ${name} is refused in a dialog that leads to it`, async () => {
      await workbench.start(name);
      await workbench.answer(says, name === "type" ? "Open 'launch.json'" : "Cancel");
      if (name !== "type") return;
      await workbench.editorShows(/launch\.json/);
      await workbench.notification(/not used, because.*: acrn\.guest\.memory: 5, acrn\.guest\.dmArgs: 7$/);
      await workbench.command("View: Close All Editors");
      await workbench.command("Notifications: Clear All Notifications");
    });
  }

  await step("one without a port, too", async () => {
    await workbench.start("no port");
    await workbench.notification(/port is missing; expected the number/, "Open launch.json");
    await workbench.editorShows(/launch\.json/);
    await workbench.command("View: Close All Editors");
  });

  await step("nothing is left of machines that have not started", async () => {
    await noProcess(server);
    await workbench.terminals();
    await workbench.terminalShows(/^The machine has not started:\ninvalid memsize '64m'\n(.*\n)*Enter tries again/m);
    assert.doesNotMatch(await workbench.statusBar(), /ACRN:/);
  });
}
