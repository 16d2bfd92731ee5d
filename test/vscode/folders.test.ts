import { test } from "node:test";
import { attach, Outside } from "./attach.ts";
import { startBrowser } from "./browser.ts";
import { annotations, breakHere, CHECKOUT } from "./checkout.ts";
import { Folder } from "./folder.ts";
import { mistakes, unservedPort, WRONG_SETTINGS, wrongConfigurations } from "./mistakes.ts";
import { makePackage } from "./project.ts";
import { startServer } from "./server.ts";
import { stepsOf } from "./steps.ts";
import { STRANGE, trust } from "./trust.ts";
import { CONFIGURATIONS, restarts, twoMachines } from "./two-machines.ts";
import { Workbench } from "./workbench.ts";

test("folders in the oldest VS Code: trust, mistakes, machines of elsewhere, two machines at once", async (t) => {
  const browser = await startBrowser();
  t.after(() => browser.close());
  const server = await startServer("oldest", await makePackage(), { "security.workspace.trust.enabled": true });
  t.after(() => server.stop());

  const strange = new Folder(STRANGE);
  t.after(() => strange.remove());
  const first = await Workbench.open(browser, server, {
    viewport: { width: 1400, height: 1500 },
    folder: strange.path,
  });
  await trust(stepsOf(t, first, "trust"), first, server);
  await first.close();

  const outside = await Outside.start();
  t.after(() => outside.end());
  const port = await unservedPort();
  const configurations = [{ name: "outside", request: "attach", port: outside.port }, ...CONFIGURATIONS];
  const own = new Folder(WRONG_SETTINGS, [...configurations, ...wrongConfigurations(port)], CHECKOUT);
  t.after(() => own.remove());
  const workbench = await Workbench.open(browser, server, {
    viewport: { width: 1400, height: 1500 },
    folder: own.path,
  });
  const step = stepsOf(t, workbench, "folders");
  await workbench.answer(/Do you trust the authors/, "Yes, I trust");
  await annotations(step, workbench, own.path);
  await mistakes(step, workbench, server, port);
  await attach(step, workbench, outside);
  await workbench.command("Disable All Breakpoints");
  await breakHere(step, workbench);
  await twoMachines(step, workbench, server);
  await restarts(step, workbench, server);
});
