import { readFileSync } from "node:fs";
import { Language, type Node, Parser, Query, type Tree } from "web-tree-sitter";
import { definitionsInText } from "../shared/c-definitions.ts";
import { TextLayout } from "../shared/text-layout.ts";
import type { Limits } from "./limits.ts";
import { calledName, conditionsOf, definedName } from "./syntax.ts";
import type { Call, FileIndex, FunctionDef, SkipReason } from "./types.ts";

/** The two WebAssembly files: tree-sitter itself, and its grammar of C. */
export interface WasmFiles {
  readonly runtime: string;
  readonly grammar: string;
}

export interface Parsed {
  readonly index: FileIndex;
  /** Why only the text was searched: functions without their calls. */
  readonly skipped?: SkipReason;
}

const QUERY = `
  (function_definition) @function
  (call_expression function: (_) @callee)
  (ERROR) @error
  (MISSING) @error`;

interface Definition extends Omit<FunctionDef, "calls"> {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly calls: Call[];
}

interface FoundCall {
  readonly index: number;
  readonly call: Call;
}

interface Found {
  readonly definitions: readonly Definition[];
  readonly calls: FoundCall[];
  readonly problems: Pick<FileIndex, "errors" | "errorLine">;
}

/** Parses C with tree-sitter. It gives functions and calls also for code that does not parse, as far as they can be told. */
export class CParser {
  readonly #parser: Parser;
  readonly #query: Query;

  private constructor(parser: Parser, query: Query) {
    this.#parser = parser;
    this.#query = query;
  }

  /** Rejects when the WebAssembly files are missing or do not fit together. */
  static async create(wasm: WasmFiles): Promise<CParser> {
    await Parser.init({ wasmBinary: readFileSync(wasm.runtime) });
    const language = await Language.load(readFileSync(wasm.grammar));
    const parser = new Parser();
    parser.setLanguage(language);
    return new CParser(parser, new Query(language, QUERY));
  }

  /** Functions with their calls. `isWanted` names those that are searched by text if the parser has not found them. */
  parse(path: string, text: string, isWanted: (name: string) => boolean, limits: Limits): Parsed {
    const layout = new TextLayout(text);
    // Thousands of open brackets take tree-sitter minutes, and then it does not look at the clock.
    if (layout.depth() > limits.nesting) return byTextOnly(path, text, isWanted, "nested too deeply");
    const tree = this.#parseWithin(text, limits.parseMs);
    if (tree === null) return byTextOnly(path, text, isWanted, "parsing took too long");
    try {
      const { definitions, calls, problems } = this.#find(tree, layout, isWanted);
      const functions = withCalls(definitions, calls).map((def) =>
        def.byText ? { ...def, calls: this.#callsAlone(layout, def, limits.parseMs) } : def,
      );
      return { index: { path, functions, ...problems } };
    } finally {
      tree.delete();
    }
  }

  #parseWithin(text: string, ms: number): Tree | null {
    const deadline = performance.now() + ms;
    const tree = this.#parser.parse(text, null, { progressCallback: () => performance.now() > deadline });
    if (tree === null) this.#parser.reset();
    return tree;
  }

  #find(tree: Tree, layout: TextLayout, isWanted: (name: string) => boolean): Found {
    const definitions: Definition[] = [];
    const calls: FoundCall[] = [];
    let errors = 0;
    let errorLine: number | undefined;
    for (const { name, node } of this.#query.captures(tree.rootNode)) {
      if (name === "error") {
        errors++;
        errorLine ??= node.startPosition.row + 1;
      } else if (name === "callee") {
        const called = calledName(node);
        if (called !== undefined) calls.push(called);
      } else {
        const definition = definitionOf(node, layout);
        if (definition !== undefined) definitions.push(definition);
      }
    }
    const known = new Set(definitions.map((definition) => definition.name));
    definitions.push(...definitionsByText(layout, (name) => isWanted(name) && !known.has(name)));
    definitions.sort((a, b) => a.startIndex - b.startIndex);
    const problems = errorLine === undefined ? { errors } : { errors, errorLine };
    return { definitions: endAtNext(definitions, layout), calls, problems };
  }

  /** The calls of a function whose surroundings do not parse: parsed without them. */
  #callsAlone(layout: TextLayout, { start, end, line, column }: FunctionDef, parseMs: number): Call[] {
    const tree = this.#parseWithin(layout.lines(start, end), parseMs);
    const captures = tree === null ? [] : this.#query.captures(tree.rootNode);
    const calls = captures.flatMap(({ name, node }) => (name === "callee" ? (calledName(node)?.call ?? []) : []));
    tree?.delete();
    return calls
      .map((call) => ({ ...call, line: call.line + start - 1 }))
      .filter((call) => byPosition(call, { line, column }) > 0)
      .sort(byPosition);
  }
}

type Position = Pick<Call, "line" | "column">;
const byPosition = (a: Position, b: Position): number => a.line - b.line || a.column - b.column;

/** A file the parser cannot be given: its wanted functions, found by their text, without their calls. */
export function byTextOnly(
  path: string,
  text: string,
  isWanted: (name: string) => boolean,
  skipped: SkipReason,
): Parsed {
  const layout = new TextLayout(text);
  const functions = withCalls(endAtNext(definitionsByText(layout, isWanted), layout), []);
  return { index: { path, functions, errors: 1, errorLine: 1 }, skipped };
}

function definitionOf(node: Node, layout: TextLayout): Definition | undefined {
  const name = definedName(node);
  if (name === undefined) return undefined;
  const body = node.childForFieldName("body");
  // Code that does not parse makes a body too long or too short; the closing brace in column 0 is the better witness.
  const isBroken = node.hasError && body !== null;
  const endIndex = isBroken ? layout.endOfBody(body.startIndex) : node.endIndex - 1;
  const conditions = conditionsOf(node);
  return {
    name: name.text,
    line: name.startPosition.row + 1,
    column: name.startPosition.column + 1,
    start: node.startPosition.row + 1,
    end: isBroken ? layout.lineAt(endIndex) : node.endPosition.row + 1,
    isStatic: /\bstatic\b/.test(layout.text.slice(node.startIndex, name.startIndex)),
    ...(conditions.length > 0 ? { conditions } : {}),
    startIndex: node.startIndex,
    endIndex,
    calls: [],
  };
}

function definitionsByText(layout: TextLayout, isWanted: (name: string) => boolean): Definition[] {
  return definitionsInText(layout, isWanted).map(({ name, startIndex, index, endIndex }) => ({
    name,
    line: layout.lineAt(index),
    column: layout.columnAt(index),
    start: layout.lineAt(startIndex),
    end: layout.lineAt(endIndex),
    isStatic: /\bstatic\b/.test(layout.text.slice(startIndex, index)),
    byText: true,
    startIndex,
    endIndex,
    calls: [],
  }));
}

/**
 * A function never reaches into the next one: where a closing brace is missing, it ends in front of the next that begins
 * in column 0. What seems to begin further right inside of a function is a macro the grammar does not know.
 */
function endAtNext(definitions: readonly Definition[], layout: TextLayout): Definition[] {
  const kept: Definition[] = [];
  for (const definition of definitions) {
    const last = kept.at(-1);
    if (last !== undefined && definition.startIndex <= last.endIndex) {
      if (!layout.isFirstColumn(definition.startIndex)) continue;
      const endIndex = definition.startIndex - 1;
      kept[kept.length - 1] = { ...last, endIndex, end: Math.max(last.line, layout.lineAt(endIndex)) };
    }
    kept.push(definition);
  }
  return kept;
}

/** Gives every call to the function it is in. Both lists are in the order of the text. */
function withCalls(definitions: readonly Definition[], calls: FoundCall[]): FunctionDef[] {
  calls.sort((a, b) => a.index - b.index);
  let at = 0;
  for (const { index, call } of calls) {
    while (at < definitions.length && definitions[at].endIndex < index) at++;
    if (at < definitions.length && index > definitions[at].startIndex) definitions[at].calls.push(call);
  }
  return definitions.map(({ startIndex: _start, endIndex: _end, ...definition }) => definition);
}
