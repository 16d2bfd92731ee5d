import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbenchOwn } from "./workbench-ports.ts";

test("only a console without any other port is the workbench's own", () => {
  const own = (emul: string, opts: string | undefined): boolean =>
    isWorkbenchOwn({ bus: 0, slot: 31, func: 0, emul, opts });
  assert.ok(own("virtio-console", "workbench:org.acrn-virtio.ready,workbench:org.acrn-virtio.kallsyms"));
  assert.ok(!own("virtio-console", "workbench:a,@stdio:b"));
  assert.ok(!own("virtio-console", undefined));
  assert.ok(!own("hostbridge", "workbench:a"));
});
