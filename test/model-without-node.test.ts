/**
 * The model runs wherever there is JavaScript: what is Node's, or a program's own, is in src/model/host and src/model/thread,
 * which hand it in.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const load = (name: string) => import(pathToFileURL(join(ROOT, "scripts", "lib", name)).href);
const { namesUsed } = await load("names-used.mjs");

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Names that no engine but Node promises, or that make something happen later, outside of the machine's own time. */
const FOREIGN = new Set([
  ...["Buffer", "process", "require", "NodeJS", "__dirname", "__filename"],
  ...["setImmediate", "clearImmediate", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "queueMicrotask"],
]);

/** Rooms that may. */
const FREE = /^src\/model\/(host|thread)\/|\/testing\/|\.test\.ts$/;

function violations(sources: readonly Source[]): string[] {
  const used: readonly { path: string; line: number; name: string }[] = namesUsed(sources);
  return used
    .filter(({ name }) => FOREIGN.has(name) || name.startsWith("node:"))
    .map(({ path, line, name }) => `${path}:${line}: ${name} is Node's; src/model/host may have it and hand it in`);
}

test("the model is free of Node but for its host and its thread", () => {
  const sources = readdirSync(join(ROOT, "src/model"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/model/${path.split(sep).join("/")}`)
    .filter((path) => path.endsWith(".ts") && !FREE.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
  assert.ok(sources.length > 0);
  assert.deepEqual(violations(sources), []);
});

test("every use is found, and no other thing of the same name", () => {
  const text = [
    'import { readFile } from "node:fs";',
    `const text = \`\${process.version}\`; // Buffer.from(1)`,
    'import type { A } from "node:stream"; export * from "node:net";',
    "const later = setTimeout; x.process(); const o = { Buffer: 1, require() {} }; interface I { process: string }",
    'const f = await import("node:url"); let e: NodeJS.ErrnoException; const process_ = "process";',
  ].join("\n");
  assert.deepEqual(
    violations([{ path: "a.ts", text }]).map((it) => it.replace(/ is Node's.*/, "")),
    [
      "a.ts:1: node:fs",
      "a.ts:2: process",
      "a.ts:3: node:stream",
      "a.ts:3: node:net",
      "a.ts:4: setTimeout",
      "a.ts:5: node:url",
      "a.ts:5: NodeJS",
    ],
  );
});
