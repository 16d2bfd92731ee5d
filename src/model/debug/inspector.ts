import type { Context, Frame } from "../chain/context.ts";
import { isNode } from "../inspect/node.ts";
import type {
  CompletionRecord,
  CompletionsRequest,
  DataInfoAnswer,
  DataInfoRequest,
  EvaluateRequest,
  FrameId,
  FrameRecord,
  Look,
  ScopeRecord,
  SetVariableRequest,
  StackAnswer,
  StackRequest,
  ValueRecord,
} from "../protocol/debug.ts";
import { completions } from "./completions.ts";
import { evaluate } from "./expression/evaluate.ts";
import { parseExpression } from "./expression/parse.ts";
import { FrameScope } from "./frame-scope.ts";
import { help, isHelp } from "./help.ts";
import type { MachineTree } from "./machine-tree.ts";
import { readMemory, writeMemory } from "./memory.ts";
import { scopeNodes } from "./scopes.ts";
import { causalStack, type StackFrame } from "./stack.ts";
import { contextOf } from "./stepping.ts";
import { DebugError, type DebugTarget } from "./target.ts";
import { assign, References } from "./variables.ts";
import type { WatchSet } from "./watch.ts";

/** A stack that has been looked at; its frames have the ids `first`, `first + 1`, … */
interface Shown {
  readonly context: Context;
  readonly frames: readonly StackFrame[];
  readonly first: number;
}

/** Answers questions about a machine that stands still. What it hands out holds until `forget`. */
export class Inspector {
  readonly #target: DebugTarget;
  readonly #tree: MachineTree;
  readonly #watches: WatchSet;
  readonly #shown = new Map<number, Shown>();
  readonly references = new References();
  #nextFrame = 1;

  constructor(target: DebugTarget, tree: MachineTree, watches: WatchSet) {
    this.#target = target;
    this.#tree = tree;
    this.#watches = watches;
  }

  /** The machine goes on: frames and references are void. */
  forget(): void {
    this.#shown.clear();
    this.references.clear();
  }

  stack({ context: id, start = 0, count = 0, look = false }: StackRequest): StackAnswer {
    const { frames, first } = this.#stackOf(contextOf(this.#target.chain, id));
    const from = Math.max(0, start);
    const to = count > 0 ? from + count : frames.length;
    const records = frames.slice(from, to).map(({ record }, i): FrameRecord => ({ ...record, id: first + from + i }));
    const [record] = records;
    const seen = look && record?.kind === "function" ? this.#look(record.id) : undefined;
    return { frames: records, total: frames.length, ...(seen === undefined ? {} : { look: seen }) };
  }

  #look(frame: FrameId): Look | undefined {
    try {
      const scopes = this.scopes(frame);
      const locals = scopes.find(({ kind }) => kind === "locals");
      const reference = locals?.reference ?? 0;
      return { frame, scopes, locals: reference === 0 ? [] : this.references.list({ reference }) };
    } catch {
      // Why is told when it is asked for.
      return undefined;
    }
  }

  #stackOf(context: Context): Shown {
    let shown = this.#shown.get(context.id);
    if (shown === undefined) {
      const frames = causalStack(this.#target, context);
      shown = { context, frames, first: this.#nextFrame };
      this.#nextFrame += frames.length;
      this.#shown.set(context.id, shown);
    }
    return shown;
  }

  #find(id: number): { readonly shown: Shown; readonly index: number } {
    for (const shown of this.#shown.values()) {
      const index = id - shown.first;
      if (index >= 0 && index < shown.frames.length) return { shown, index };
    }
    throw new DebugError(`there is no frame ${id} (any more)`);
  }

  #scope(id: number | undefined): FrameScope {
    if (id === undefined) return new FrameScope(this.#target, this.#tree, [], () => [], undefined);
    const { shown, index } = this.#find(id);
    const around = (): Frame[] =>
      [...shown.frames.slice(index), ...shown.frames.slice(0, index).reverse()].flatMap(({ frame }) => frame ?? []);
    const { frame } = shown.frames[index];
    return new FrameScope(this.#target, this.#tree, frame === undefined ? [] : [frame], around, shown.context);
  }

  scopes(id: number): ScopeRecord[] {
    const { shown, index } = this.#find(id);
    const frame = shown.frames[index];
    if (frame.record.kind === "handOver") return [];
    const context = contextOf(this.#target.chain, frame.record.context);
    const nodes = scopeNodes(this.#target, frame.record, context, this.#scope(id));
    return nodes.map(({ kind, node }) => ({
      kind,
      name: node.name,
      reference: this.references.of(node),
      expensive: kind === "device" || kind === "queue",
    }));
  }

  setVariable(request: SetVariableRequest): ValueRecord {
    const node = this.references.child(request.reference, request.name);
    assign(node, request.value, this.#scope(request.frame));
    return this.references.record(node, { hex: request.hex === true, plain: false });
  }

  evaluate(request: EvaluateRequest): ValueRecord {
    const scope = this.#scope(request.frame);
    if (request.context === "repl" && isHelp(request.expression)) return this.references.text(help(scope, this.#tree));
    const value = evaluate(parseExpression(request.expression), scope);
    return this.references.record(value, { hex: request.hex === true, plain: request.context === "clipboard" });
  }

  completions(request: CompletionsRequest): CompletionRecord[] {
    return completions(request, this.#scope(request.frame), this.#tree);
  }

  dataInfo(request: DataInfoRequest): DataInfoAnswer {
    if ("memoryReference" in request) return this.#watches.memoryInfo(request.memoryReference, request.bytes);
    if ("reference" in request) return this.#watches.infoOf(this.references.child(request.reference, request.name));
    const value = evaluate(parseExpression(request.expression), this.#scope(request.frame));
    if (isNode(value)) return this.#watches.infoOf(value);
    return { dataId: undefined, description: `${request.expression} is a value, not a place`, accessTypes: [] };
  }

  readMemory = (request: Parameters<typeof readMemory>[1]) => readMemory(this.#target, request);
  writeMemory = (request: Parameters<typeof writeMemory>[1]) => writeMemory(this.#target, request);
}
