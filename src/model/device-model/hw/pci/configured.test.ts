import assert from "node:assert/strict";
import { test } from "node:test";
import { slotConfig } from "../../testing/slots.ts";
import { hasWorkbenchPort, isWorkbenchOwn } from "./configured.ts";
import { builtInDeviceClasses } from "./devices.ts";

const READY_PORT = "org.acrn-virtio.ready";

test("only a console without any other port is the workbench's own", () => {
  const own = (emul: string, opts: string): boolean => isWorkbenchOwn(slotConfig(31, emul, opts), builtInDeviceClasses);
  assert.ok(own("virtio-console", "workbench:org.acrn-virtio.ready,workbench:org.acrn-virtio.kallsyms"));
  assert.ok(!own("virtio-console", "workbench:a,@stdio:b"));
  assert.ok(!own("hostbridge", "workbench:a"));
});

test("a port of the workbench is told from one of the same name on a file", () => {
  const has = (opts: string) =>
    hasWorkbenchPort([slotConfig(31, "virtio-console", opts)], READY_PORT, builtInDeviceClasses);
  assert.ok(has(`pty:a,workbench:${READY_PORT}`));
  assert.ok(!has(`file:${READY_PORT}=/log`));
});
