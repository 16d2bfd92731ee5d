import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { v86Limits } from "../../guest/v86/limits.ts";
import { builtInDeviceClasses } from "../hw/pci/devices.ts";
import { DmOptionError } from "./error.ts";
import { parseCommandLine } from "./parse.ts";
import { splitArguments } from "./split-arguments.ts";
import { type LaunchLine, launchLines } from "./testing/launch-lines.ts";

const parse = (line: string) => parseCommandLine(splitArguments(line), { engine: v86Limits });

/** The `-s` options with devices that are not modelled. */
const leftOut = (line: string): string[] =>
  [...line.matchAll(/-s (\S+?,([\w-]+)\S*)/g)].flatMap(([, option, device]) =>
    builtInDeviceClasses.some(({ className }) => className === device) ? [] : [option],
  );

function check({ line, warnings = [], refused }: LaunchLine): void {
  if (refused !== undefined) {
    assert.throws(
      () => parse(line),
      (error) => error instanceof DmOptionError && refused.test(error.message),
    );
    return;
  }
  const result = parse(line);
  assert.equal(result.kind, "run");
  const said = result.kind === "run" ? [...result.warnings] : [];
  for (const option of leftOut(line)) {
    const at = said.findIndex(
      (text) => text.startsWith(`-s ${option}: `) && text.includes("it is left out of the guest"),
    );
    assert.ok(at >= 0, `nothing is said of -s ${option}`);
    said.splice(at, 1);
  }
  assert.equal(said.length, warnings.length, said.join("\n"));
  for (const [index, warning] of warnings.entries()) assert.match(said[index], warning);
}

describe("ACRN's own launch lines are taken with true warnings, or refused with what to change", () => {
  for (const launch of launchLines) it(launch.from, () => check(launch));
});
