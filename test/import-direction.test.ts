/**
 * Keeps the rooms and layers of src/ apart: who may import whom. The rooms are extension, webview, debug-adapter, cli, owner,
 * sources, shared and model; the layers of the model touch only through its doors.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, isTest, resolve, sources } from "./imports.ts";

const LAYERS = ["guest", "hypervisor", "service-vm", "device-model"];
const SHARED = ["doors", "abi", "chain", "util", "inspect"];
/** What clients of the adapter may know of it. */
const PROTOCOL = /^src\/debug-adapter\/protocol[^/]*\.ts$/;
/** What a webview and its host say to each other. */
const MESSAGES = "src/webview/messages.ts";
const DAP_PACKAGE = /^(@vscode\/debug(protocol|adapter)|vscode-debug(protocol|adapter))(\/|$)/;

const room = (file: string): string => file.split("/")[1];
/** `guest` for src/model/guest/x.ts, and the file's name for a file directly in src/model. */
const part = (file: string): string => file.split("/")[2];
const isBoard = (file: string): boolean => file.startsWith("src/model/board/");

/** What is wrong with `file` importing `target` (a path from the root, or a package), or undefined. */
function violation(file: string, target: string, typeOnly: boolean): string | undefined {
  const from = room(file);
  if (target === "vscode") return from === "extension" ? undefined : "only src/extension may import vscode";
  if (!target.startsWith("src/")) {
    if (from === "shared" && !isTest(file))
      return "src/shared runs in browsers too; it may import nothing outside itself";
    if (from === "webview" && !isTest(file)) return "a webview runs in a browser; it may import nothing outside src/";
    const dap = ["model", "owner", "sources"].includes(from) && DAP_PACKAGE.test(target);
    return dap ? `src/${from} knows no DAP; src/debug-adapter may import this` : undefined;
  }
  const to = room(target);
  if (to === "shared" && from !== "model") return undefined;
  switch (from) {
    case "shared":
      return "src/shared may import nothing outside itself";
    case "extension":
      if (to === "extension" || PROTOCOL.test(target)) return undefined;
      if (target === MESSAGES && typeOnly) return undefined;
      return `src/extension may import itself, src/debug-adapter/protocol*.ts and types of ${MESSAGES}`;
    case "webview":
      if (to === "webview" || (PROTOCOL.test(target) && typeOnly)) return undefined;
      return "src/webview may import itself and types of src/debug-adapter/protocol*.ts";
    case "cli":
      return ["cli", "debug-adapter", "owner", "model"].includes(to)
        ? undefined
        : "src/cli may import itself, src/debug-adapter, src/owner and src/model";
    case "debug-adapter":
      return ["debug-adapter", "sources", "owner", "model"].includes(to)
        ? undefined
        : "src/debug-adapter may import itself, src/sources, src/owner and src/model";
    case "sources":
      if (to === "sources" || (to === "model" && isTest(file))) return undefined;
      return to === "model" && part(target) === "chain"
        ? undefined
        : "src/sources may import itself and src/model/chain";
    case "owner":
      return ["owner", "model"].includes(to) ? undefined : "src/owner may import itself and src/model";
    case "model":
      return to === "model" ? modelViolation(file, target, typeOnly) : "src/model may import nothing outside itself";
    default:
      return `src/${from} is not a room; there are extension, webview, debug-adapter, cli, owner, sources, shared and model`;
  }
}

function modelViolation(file: string, target: string, typeOnly: boolean): string | undefined {
  if (isTest(file) || isBoard(file)) return undefined;
  const from = part(file);
  const to = part(target);
  if (from === to || SHARED.includes(to)) return undefined;
  const shared = SHARED.map((name) => `src/model/${name}`).join(", ");
  if (SHARED.includes(from)) return `src/model/${from} is shared by the layers and may import only ${shared}`;
  if (LAYERS.includes(from)) return `the layer ${from} may import itself and ${shared}`;
  // What is neither layer nor shared wires things: it may know the shapes of every layer, but the values of one at most.
  return LAYERS.includes(to) && !typeOnly ? `layer:${to}` : undefined;
}

/** All violations of one file as `file:line: message`. */
function check(file: string, source: string): string[] {
  const problems: string[] = [];
  const layers = new Set<string>();
  for (const { line, specifier, typeOnly } of importsOf(source)) {
    const target = resolve(file, specifier);
    const wrong = violation(file, target, typeOnly);
    if (wrong?.startsWith("layer:")) {
      layers.add(wrong.slice("layer:".length));
      if (layers.size < 2) continue;
      const names = [...layers].join(" and ");
      problems.push(`${file}:${line}: imports values of ${names}; only src/model/board may import several layers`);
    } else if (wrong) {
      problems.push(`${file}:${line}: imports ${target}; ${wrong}`);
    }
  }
  return problems;
}

test("every import in src/ goes the allowed way", () => {
  const problems = sources().flatMap(({ file, text }) => check(file, text));
  assert.equal(problems.length, 0, `\n${problems.join("\n")}`);
});

test("imports are found in every form and not in comments", () => {
  const source = [
    'import a, { b } from "./a.ts";',
    'import type { C } from "./c.ts"; // import "./no.ts"',
    'import { type D, type E } from "./d.ts";',
    'export * from "./f.ts"; /* export * from "./no.ts"',
    '*/ const g = await import("./g.ts");',
    'import "./h.ts"; const text = "// import";',
    'new Worker(new URL("./i.ts", import.meta.url));',
    "import {",
    "  j,",
    '} from "./j.ts";',
  ].join("\n");
  assert.deepEqual(
    importsOf(source).map(({ specifier, line, typeOnly }) => `${line} ${specifier}${typeOnly ? " type" : ""}`),
    ["1 ./a.ts", "2 ./c.ts type", "3 ./d.ts type", "4 ./f.ts", "5 ./g.ts", "6 ./h.ts", "7 ./i.ts", "10 ./j.ts"],
  );
});

const RULES: readonly [file: string, source: string, expected: RegExp | undefined][] = [
  ["src/cli/main.ts", 'import "vscode";', /src\/cli\/main\.ts:1: imports vscode; only src\/extension/],
  ["src/extension/main.ts", 'import "vscode"; import "../debug-adapter/protocol.ts";', undefined],
  ["src/extension/main.ts", '\nimport "../debug-adapter/server.ts";', /main\.ts:2: .*may import itself,/],
  ["src/extension/main.ts", 'import "../model/machine.ts";', /src\/extension may import itself/],
  ["src/extension/views/a.ts", 'import type { X } from "../../webview/messages.ts";', undefined],
  ["src/extension/views/a.ts", 'import "../../webview/messages.ts";', /types of src\/webview\/messages/],
  ["src/extension/views/a.ts", 'import type { X } from "../../webview/dom.ts";', /may import itself/],
  ["src/webview/a/main.ts", 'import "../dom.ts"; import type { X } from "../../debug-adapter/protocol.ts";', undefined],
  ["src/webview/a/main.ts", 'import "../../debug-adapter/protocol.ts";', /src\/webview may import itself and types/],
  ["src/webview/a/main.ts", 'import type { X } from "../../extension/main.ts";', /src\/webview may import itself/],
  ["src/webview/a/main.ts", 'import "node:fs";', /runs in a browser/],
  ["src/webview/a/main.ts", 'import "vscode";', /only src\/extension may import vscode/],
  ["src/cli/main.ts", 'import "../debug-adapter/server.ts"; import "../model/machine.ts";', undefined],
  [
    "src/debug-adapter/server.ts",
    'import "../cli/main.ts";',
    /src\/debug-adapter may import itself, src\/sources, src\/owner/,
  ],
  ["src/extension/main.ts", 'import "../shared/hex.ts";', undefined],
  ["src/webview/a/main.ts", 'import "../../shared/hex.ts";', undefined],
  ["src/model/machine.ts", 'import "../shared/hex.ts";', /nothing outside itself/],
  ["src/shared/hex.ts", 'import "node:fs";', /runs in browsers too/],
  ["src/shared/hex.ts", 'import "../webview/dom.ts";', /src\/shared may import nothing/],
  ["src/model/board/a.ts", 'import "../guest/a.ts"; import "../hypervisor/b.ts";', undefined],
  ["src/model/machine.ts", 'import "./guest/a.ts"; import "./hypervisor/b.ts";', /several layers/],
  ["src/model/guest/a.ts", 'import "../doors/guest.ts"; import "./boot/b.ts"; import "node:fs";', undefined],
  ["src/model/guest/a.ts", 'import "../hypervisor/b.ts";', /the layer guest may import itself and src\/model\/doors/],
  ["src/model/guest/a.test.ts", 'import "../hypervisor/b.ts";', undefined],
  ["src/model/guest/a.test.ts", 'import "../../cli/b.ts";', /nothing outside itself/],
  ["src/model/guest/a.ts", 'import "@vscode/debugprotocol";', /knows no DAP/],
  ["src/sources/a.ts", 'import "../model/chain/station.ts"; import "../shared/hex.ts";', undefined],
  ["src/sources/a.ts", 'import "../model/machine.ts";', /src\/sources may import itself and src\/model\/chain/],
  ["src/owner/a.ts", 'import "../debug-adapter/server.ts";', /src\/owner may import itself and src\/model/],
  ["src/model/chain/a.ts", 'import type { X } from "../guest/b.ts";', /shared by the layers/],
  ["src/model/thread/a.ts", 'import type { X } from "../guest/b.ts"; import "../hypervisor/c.ts";', undefined],
  ["src/model/thread/a.ts", 'import "../guest/b.ts";\nimport "../hypervisor/c.ts";', /a\.ts:2: .*several layers/],
];
for (const [file, source, expected] of RULES) {
  test(`${file}: ${source.trim().replaceAll("\n", " ")} is ${expected ? "refused" : "allowed"}`, () => {
    const problems = check(file, source);
    if (expected) assert.match(problems.join("\n"), expected);
    else assert.deepEqual(problems, []);
  });
}
