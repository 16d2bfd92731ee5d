import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Call, FileIndex, FunctionDef } from "./types.ts";

/** Where the model's TypeScript implements the stations: what is shipped as `model-sources.json`. */
export interface ModelIndex {
  readonly version: typeof MODEL_INDEX_VERSION;
  /** Paths begin with `src/model/`. */
  readonly files: readonly FileIndex[];
  /** By station id: the TypeScript functions it is made of. */
  readonly stations: { readonly [id: string]: readonly ModelPlace[] };
}

export interface ModelPlace {
  readonly path: string;
  readonly name: string;
}

export const MODEL_INDEX_VERSION = 1;
const FOLDER = "src/model";
/** Stations that are no function of their own in the model. */
const ELSEWHERE: { readonly [id: string]: readonly ModelPlace[] } = {
  vcpu_thread: ["handleExit", "enterGuest"].map((name) => ({ path: "src/model/hypervisor/hv-main.ts", name })),
};

/** Reads the model below the project's root. Test files are no part of it. */
export function readModel(root: string): ModelIndex {
  const files = readdirSync(join(root, FOLDER), { recursive: true, encoding: "utf8" })
    .map((path) => `${FOLDER}/${path.split(sep).join("/")}`)
    .filter((path) => path.endsWith(".ts") && !/\.(test|fixture)\.ts$|\/testing\//.test(path))
    .sort();
  return scanModel(files.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })));
}

/**
 * Finds the functions of formatted TypeScript and which of them are stations, by text: a definition begins in
 * column 0 and ends in front of the next line there, methods of classes are indented by two blanks.
 */
export function scanModel(sources: readonly { readonly path: string; readonly text: string }[]): ModelIndex {
  const stations = new Map<string, ModelPlace[]>();
  const files = sources.map(({ path, text }): FileIndex => {
    const lines = text.split("\n");
    const functions: FunctionDef[] = [];
    for (const [at, line] of lines.entries()) {
      const head = CONST.exec(line) ?? FUNCTION.exec(line) ?? METHOD.exec(line);
      if (head === null || KEYWORDS.has(head[2])) continue;
      const end = endOf(lines, at, head[1].length);
      functions.push(definition(lines, at, end, head));
      const id = STATION.exec(lines.slice(at, at + 2).join(" "))?.[1];
      if (id !== undefined) stations.set(id, [...(stations.get(id) ?? []), { path, name: head[2] }]);
    }
    return { path, functions, errors: 0 };
  });
  const known = files.filter(({ functions }) => functions.length > 0);
  return { version: MODEL_INDEX_VERSION, files: known, stations: { ...ELSEWHERE, ...Object.fromEntries(stations) } };
}

const CONST = /^()(?:export )?const (\w+) = .*(?:=>|\bstation(?:Thread)?\()/;
const FUNCTION = /^()(?:export )?(?:async )?function\*? (\w+)/;
const METHOD = /^( {2})(?:(?:static|async|override|get|set|private) )*\*?#?(\w+)\(.*\{$/;
const STATION = /= station(?:Thread)?\(\s*\w+\.(\w+)/;
const CALLED = /([A-Za-z_$][\w$]*)(?:<[^<>()]*>|\?\.)?\(/g;
const KEYWORDS = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "function",
  "return",
  "super",
  "station",
  "constructor",
]);

function definition(lines: readonly string[], at: number, end: number, head: RegExpExecArray): FunctionDef {
  const [, , name] = head;
  return {
    name,
    line: at + 1,
    column: lines[at].indexOf(name) + 1,
    start: at + 1,
    end: end + 1,
    isStatic: !lines[at].startsWith("export "),
    calls: lines.slice(at, end + 1).flatMap((line, i) => callsIn(line, at + i + 1, name)),
  };
}

/** The last line of what begins at `at`: its closing bracket, or the last one that is indented deeper. */
function endOf(lines: readonly string[], at: number, indent: number): number {
  let end = at;
  for (let i = at + 1; i < lines.length; i++) {
    const line = lines[i];
    if (line.trim() === "") continue;
    const depth = line.length - line.trimStart().length;
    if (depth <= indent) return /^\s*[)\]}]/.test(line) ? i : end;
    end = i;
  }
  return end;
}

function callsIn(line: string, number: number, self: string): Call[] {
  const code = line.replace(/^\s*(\*|\/\*|\/\/).*|\/\/.*$/, "");
  return [...code.matchAll(CALLED)]
    .map((match) => ({ name: match[1], line: number, column: match.index + 1 }))
    .filter(({ name }) => name !== self && !KEYWORDS.has(name) && name !== "stationThread");
}
