import type { Node } from "../inspect/node.ts";
import { Enumerations } from "./enumerators.ts";
import type { Scope } from "./expression/evaluate.ts";
import { classesOf, DebugError, type DebugTarget } from "./target.ts";

/** What an expression knows without a frame. */
export class MachineTree implements Scope {
  readonly enumerations: Enumerations;
  readonly #target: DebugTarget;
  readonly #roots: { readonly [name: string]: () => Node | undefined };

  constructor(target: DebugTarget) {
    this.#target = target;
    this.enumerations = new Enumerations(classesOf(target).map(({ view }) => view?.enumerations ?? {}));
    this.#roots = Object.assign({}, ...target.layers.map(({ roots }) => roots));
  }

  get names(): string[] {
    return Object.keys(this.#roots);
  }

  lookUp(name: string): readonly Node[] {
    const node = Object.hasOwn(this.#roots, name) ? this.#roots[name]() : undefined;
    return node === undefined ? [] : [node];
  }

  readGuest(address: number, bytes: 1 | 2 | 4 | 8): bigint {
    const { memory } = this.#target;
    if (!Number.isSafeInteger(address) || address < 0 || address + bytes > memory.size) {
      throw new DebugError(`0x${address.toString(16)} is outside of the guest's RAM of ${memory.size} bytes`);
    }
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(memory.bytes[address + i]);
    return value;
  }
}
