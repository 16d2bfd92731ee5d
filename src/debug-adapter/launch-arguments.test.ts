import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MachineSpec } from "../model/protocol/machine.ts";
import { attachOf, launchAttributes, launchOf } from "./launch-arguments.ts";

/** The options that a launch comes down to. */
function optionsOf(launch: object): readonly string[] {
  let options: readonly string[] = [];
  launchOf(launch, (args) => {
    options = args;
    return { spec: { config: { slots: [] } } as unknown as MachineSpec, warnings: [] };
  });
  return options;
}

const defaults = { kernel: "/k", initrd: "/i", memory: "512m" };

test("what neither attributes nor dmArgs say is as in the client's settings", () => {
  const all = ["--memsize=512m", "--kernel=/k", "--initrd=/i"];
  assert.deepEqual(optionsOf({ defaults }), all);
  assert.deepEqual(optionsOf({ defaults, dmArgs: "--mode B" }), [...all, "--mode", "B"]);
  assert.deepEqual(optionsOf({ defaults, memory: 64 }), ["--memsize=64m", "--kernel=/k", "--initrd=/i"]);
  assert.deepEqual(optionsOf({ defaults, dmArgs: "-m 64m" }), ["--kernel=/k", "--initrd=/i", "-m", "64m"]);
});

test("a kernel does not get another kernel's initial RAM disk", () => {
  assert.deepEqual(optionsOf({ defaults, kernel: "/own" }), ["--memsize=512m", "--kernel=/own"]);
  for (const option of ["-k", "-r", "--initrd"]) {
    assert.deepEqual(optionsOf({ defaults, dmArgs: [option, "/own"] }), ["--memsize=512m", option, "/own"]);
  }
});

test("an attribute and the same option contradict each other", () => {
  assert.throws(() => optionsOf({ memory: "64m", dmArgs: "-m 64m" }), /memory "64m" contradicts -m 64m in dmArgs/);
  assert.throws(() => optionsOf({ defaults: { memory: 5 } }), /defaults/);
});

test("a refusal says that it is of dmArgs, where nothing else is refused with the same words", () => {
  const refuse = (launch: object): void => {
    launchOf(launch, (args) => {
      for (const bad of ["--frob", "--kernel=/none"]) if (args.includes(bad)) throw new Error(`bad ${bad}`);
      return { spec: { config: { slots: [] } } as unknown as MachineSpec, warnings: [] };
    });
  };
  assert.throws(() => refuse({ dmArgs: "--frob" }), /^Error: dmArgs: bad --frob/);
  assert.throws(() => refuse({ dmArgs: "--frob", defaults: { kernel: "/none" } }), /^Error: dmArgs: bad --frob/);
  assert.throws(() => refuse({ dmArgs: "-m 64m", kernel: "/none" }), /^Error: bad --kernel/);
});

test("the extension's manifest offers what the adapter understands, but for what only programs say", () => {
  const manifest = JSON.parse(
    readFileSync(join(process.env.ACRN_VIRTIO_ROOT ?? process.cwd(), "package.json"), "utf8"),
  );
  const { launch, attach } = manifest.contributes.debuggers[0].configurationAttributes;
  const ofPrograms = ["noDebug", "consoleEvents", "defaults"];
  const known = Object.keys(launchAttributes).filter((name) => !ofPrograms.includes(name));
  assert.deepEqual(Object.keys(launch.properties).sort(), known.sort());
  const attached = Object.fromEntries(Object.keys(attach.properties).map((name) => [name, undefined]));
  assert.deepEqual(attachOf(attached).warnings, []);
});
