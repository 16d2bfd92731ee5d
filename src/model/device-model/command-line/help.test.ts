import assert from "node:assert/strict";
import { it } from "node:test";
import { builtInDeviceClasses } from "../hw/pci/devices.ts";
import { helpText } from "./help.ts";
import { dmOptions, type OptionSpec } from "./options.ts";

it("names every option that is not refused, once, within 120 columns", () => {
  const text = helpText("acrn-virtio run", builtInDeviceClasses);
  for (const spec of (dmOptions as readonly OptionSpec[]).filter((option) => option.long !== undefined)) {
    assert.equal(text.match(new RegExp(`^ +(-\\w, )?--${spec.long}( |$)`, "gm"))?.length, 1, spec.long);
  }
  assert.doesNotMatch(text, /-U/);
  for (const line of text.split("\n")) assert.ok(line.length <= 120 || line.startsWith("Accepted"), line);
});

it("says that the VM's name may be left out here", () => {
  assert.match(helpText("x", []), /acrn-dm demands it; here it may be left out/);
});
