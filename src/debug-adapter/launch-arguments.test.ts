import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { givenOptions } from "../model/device-model/command-line/given.ts";
import { attachOf, launchAttributes, makeLaunch, planLaunch } from "./launch-arguments.ts";
import type { MachineRefusal } from "./launch-options.ts";

/** A program with options of its own. */
const own = ["mode", "initrd", "append", "overlay"].map((long) => ({ long, argument: "text", about: "" }));
const given = (args: readonly string[]) => givenOptions(args, own);

/** The options that a launch comes down to. */
const optionsOf = (launch: object): readonly string[] => planLaunch(launch, { given }).command.args;

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
  assert.throws(() => optionsOf({ initrd: "/i", dmArgs: "-r /o" }), /initrd "\/i" contradicts -r \/o in dmArgs/);
  assert.throws(() => optionsOf({ initrd: "/i", dmArgs: "--initrd=/o" }), /contradicts --initrd \/o in dmArgs/);
  assert.throws(() => optionsOf({ defaults: { memory: 5 } }), /defaults/);
});

test("which settings are part of a launch is known", () => {
  const used = (launch: object) => planLaunch({ defaults, ...launch }, { given }).command.used;
  assert.deepEqual(used({}), ["kernel", "initrd", "memory"]);
  assert.deepEqual(used({ dmArgs: "-m64m" }), ["kernel", "initrd"]);
  assert.deepEqual(used({ initrd: "/own" }), ["memory"]);
  assert.deepEqual(used({ dmArgs: ["--memsize", "64m", "-k", "/own"] }), []);
});

test("a refusal says that it is of dmArgs, where the option it is about is there", () => {
  const refuse = (launch: object, refusal: Omit<MachineRefusal, "message">): void => {
    makeLaunch(planLaunch(launch, { given }), { make: () => ({ message: "bad", ...refusal }) });
  };
  const [options, machine] = ["options", "machine"] as const;
  assert.throws(() => refuse({ dmArgs: "--frob" }, { refused: options, option: undefined }), /^Error: dmArgs: bad/);
  assert.throws(() => refuse({ dmArgs: "-k /n" }, { refused: machine, option: "kernel" }), /^Error: dmArgs: bad/);
  assert.throws(
    () => refuse({ dmArgs: "-m 64m", kernel: "/n" }, { refused: machine, option: "kernel" }),
    /^Error: bad/,
  );
  assert.throws(
    () => refuse({ dmArgs: "-s 3,x", memory: "q" }, { refused: options, option: "memsize" }),
    /^Error: bad/,
  );
  assert.throws(() => refuse({ dmArgs: "-m 64m" }, { refused: machine, option: undefined }), /^Error: bad/);
  assert.throws(() => refuse({}, { refused: options, option: undefined }), /^Error: bad/);
});

const read = (path: string): string => readFileSync(join(process.env.ACRN_VIRTIO_ROOT ?? process.cwd(), path), "utf8");

test("docs/debugging.md names every attribute", () => {
  const docs = read("docs/debugging.md");
  assert.deepEqual(
    Object.keys(launchAttributes).filter((name) => !docs.includes(`\`${name}\``)),
    [],
  );
});

test("the extension's manifest offers what the adapter understands, but for what only programs say", () => {
  const manifest = JSON.parse(read("package.json"));
  const { launch, attach } = manifest.contributes.debuggers[0].configurationAttributes;
  const ofPrograms = ["noDebug", "consoleEvents", "defaults"];
  const known = Object.keys(launchAttributes).filter((name) => !ofPrograms.includes(name));
  assert.deepEqual(Object.keys(launch.properties).sort(), known.sort());
  const attached = Object.fromEntries(Object.keys(attach.properties).map((name) => [name, undefined]));
  assert.deepEqual(attachOf(attached).warnings, []);
});
