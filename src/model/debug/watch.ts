import { formatScalar, normalStyle, toHex } from "../inspect/format.ts";
import { isNode, type Node, type Scalar } from "../inspect/node.ts";
import type { DataInfoAnswer } from "../protocol/debug.ts";
import { evaluate, type Scope } from "./expression/evaluate.ts";
import { parseExpression } from "./expression/parse.ts";
import { parseMemoryReference, pieces } from "./memory.ts";
import { DebugError, type DebugTarget } from "./target.ts";

/** Something whose change stops. */
export interface Watch {
  readonly description: string;
  /** What changed since the last look, "3 -> 4", or undefined. */
  changed(): string | undefined;
  /** Takes the value as it is now for the last one. */
  refresh(): void;
}

/** Longest range of memory that is compared at each station. */
const MAX_WATCHED_BYTES = 4096;
const MEMORY_ID = /^memory:((?:guest|service):0x[0-9a-f]+):(\d+)$/;

/** Data that can be watched: by the path of a node, or a range of memory. */
export class WatchSet {
  readonly #target: DebugTarget;
  readonly #tree: Scope;

  constructor(target: DebugTarget, tree: Scope) {
    this.#target = target;
    this.#tree = tree;
  }

  infoOf(node: Node): DataInfoAnswer {
    if (node.path === undefined) return refused(`${node.name} belongs to this stop only`);
    if (node.get === undefined) return refused(`${node.path} is a group of values; one of its fields can be watched`);
    return { dataId: node.path, description: node.path, accessTypes: ["write"] };
  }

  memoryInfo(reference: string, bytes: number): DataInfoAnswer {
    const { space, address } = parseMemoryReference(reference);
    if (space === "linear") return refused("linear addresses change their meaning; watch the guest-physical one");
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > MAX_WATCHED_BYTES) {
      return refused(`${bytes} bytes asked; 1 to ${MAX_WATCHED_BYTES} can be watched`);
    }
    const place = `${space}:${toHex(address)}`;
    const there = pieces(this.#target, space, address, bytes)[0]?.length ?? 0;
    if (there < bytes) return refused(`${place}: only ${there} of ${bytes} bytes are there`);
    return { dataId: `memory:${place}:${bytes}`, description: `${bytes} bytes at ${place}`, accessTypes: ["write"] };
  }

  /** Throws DebugError for what does not exist. */
  resolve(dataId: string): Watch {
    const memory = MEMORY_ID.exec(dataId);
    if (memory !== null) return this.#memoryWatch(memory[1], Number(memory[2]));
    const node = evaluate(parseExpression(dataId), this.#tree);
    if (!isNode(node) || node.get === undefined) throw new DebugError(`${dataId} is nothing that can be watched`);
    return new NodeWatch(node, node.get);
  }

  #memoryWatch(reference: string, bytes: number): Watch {
    const info = this.memoryInfo(reference, bytes);
    if (info.dataId === undefined) throw new DebugError(info.description);
    const { space, address } = parseMemoryReference(reference);
    return new MemoryWatch(info.description, () => pieces(this.#target, space, address, bytes)[0] ?? new Uint8Array(0));
  }
}

const refused = (description: string): DataInfoAnswer => ({ dataId: undefined, description, accessTypes: [] });

class NodeWatch implements Watch {
  readonly description: string;
  readonly #node: Node;
  readonly #get: () => Scalar | undefined;
  #last: Scalar | undefined;

  constructor(node: Node, get: () => Scalar | undefined) {
    this.#node = node;
    this.#get = get;
    this.description = node.path ?? node.name;
    this.#last = get();
  }

  changed(): string | undefined {
    const now = this.#get();
    if (now === this.#last) return undefined;
    const text = `${this.#show(this.#last)} -> ${this.#show(now)}`;
    this.#last = now;
    return text;
  }

  refresh(): void {
    this.#last = this.#get();
  }

  #show(value: Scalar | undefined): string {
    return value === undefined ? "(not there)" : formatScalar(value, this.#node, normalStyle);
  }
}

class MemoryWatch implements Watch {
  readonly description: string;
  readonly #bytes: () => Uint8Array;
  #last: Uint8Array;

  constructor(description: string, bytes: () => Uint8Array) {
    this.description = description;
    this.#bytes = bytes;
    this.#last = bytes().slice();
  }

  changed(): string | undefined {
    const now = this.#bytes();
    const last = this.#last;
    const at = now.findIndex((byte, i) => byte !== last[i]);
    if (at < 0 && now.length === last.length) return undefined;
    const text = `byte ${at}: ${toHex(last[at] ?? 0)} -> ${toHex(now[at] ?? 0)}`;
    this.#last = now.slice();
    return text;
  }

  refresh(): void {
    this.#last = this.#bytes().slice();
  }
}
