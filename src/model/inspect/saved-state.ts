import type { StatefulClass } from "./state.ts";

/** A machine's state as plain data: what structured clone takes. Objects are numbered; number 0 is the root. */
export interface SavedState {
  readonly objects: readonly SavedObject[];
}

/** A value that is in an object; other objects are named by their number, functions and constants by their name. */
export type Saved = undefined | null | boolean | number | string | bigint | { readonly to: number } | NamedLink;

export interface NamedLink {
  readonly named: string;
}

export interface SavedFields {
  [key: string]: Saved;
}

export type SavedObject =
  | { readonly kind: "object"; readonly class: string; readonly fields: SavedFields }
  /** Not `whole`: it has fields besides, which stay as they are. */
  | { readonly kind: "record"; readonly fields: SavedFields; readonly whole: boolean }
  /** `length` may be more than there are items: the rest does not count. */
  | { readonly kind: "list"; readonly items: Saved[]; readonly length: number }
  | { readonly kind: "map"; readonly entries: [Saved, Saved][] }
  | { readonly kind: "set"; readonly items: Saved[] }
  | { readonly kind: "bytes"; readonly type: BytesType; readonly bytes: ArrayBuffer }
  /** Something of the host's, and where it was. */
  | { readonly kind: "outside"; readonly place: string };

export const bytesTypes = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float64Array, DataView } as const;
export type BytesType = keyof typeof bytesTypes;

/** A state that cannot be saved or put back; the message says what was found and where. */
export class StateError extends Error {}

/** What a layer adds to what can be saved. */
export interface StateTable {
  readonly classes: readonly StatefulClass[];
  /** Functions and constants that data refers to, by a name that is unique in the machine. */
  readonly named?: { readonly [name: string]: object };
}

/** The tables of all layers, joined. */
export class StateTables {
  readonly #classes = new Map<string, StatefulClass>();
  readonly #named = new Map<string, object>();
  readonly #names = new Map<object, string>();

  /** Throws StateError when two classes, or two things, have the same name. */
  constructor(tables: readonly StateTable[]) {
    for (const { classes, named = {} } of tables) {
      for (const known of classes) this.#addClass(known);
      for (const [name, thing] of Object.entries(named)) this.#addNamed(name, thing);
    }
  }

  #addClass(added: StatefulClass): void {
    const { name } = added.state;
    if (this.#classes.has(name)) throw new StateError(`two classes declare their state as ${name}`);
    this.#classes.set(name, added);
  }

  #addNamed(name: string, thing: object): void {
    if (this.#named.has(name)) throw new StateError(`two functions or constants are named ${name}`);
    this.#named.set(name, thing);
    this.#names.set(thing, name);
  }

  classOf(name: string): StatefulClass | undefined {
    return this.#classes.get(name);
  }

  nameOf(thing: object): string | undefined {
    return this.#names.get(thing);
  }

  thing(name: string): object | undefined {
    return this.#named.get(name);
  }
}
