import {
  bytesTypes,
  type Saved,
  type SavedFields,
  type SavedObject,
  type SavedState,
  StateError,
  type StateTables,
} from "./saved-state.ts";
import { part, plain, readState, type StateField, type StateFields, stateOf, writeState } from "./state.ts";
import { formOf, isObject, visitParts } from "./state-walk.ts";

export interface RestoreOptions {
  /** The objects the state was taken from, in the machine that it was taken from. */
  readonly objects?: readonly object[];
  /** Stands for something of the host's that was at this place and is not there in this machine. */
  readonly outside?: (place: string) => object | undefined;
}

/**
 * Puts a saved state into a machine made of the same configuration, or into the one it was taken from. Throws StateError,
 * with the place, when the machine is made another way; it is of no use then.
 */
export const restore = (root: object, state: SavedState, tables: StateTables, options: RestoreOptions = {}): void =>
  new Restoring(state, tables, options).run(root);

class Restoring {
  readonly #state: SavedState;
  readonly #tables: StateTables;
  readonly #options: RestoreOptions;
  /** By number. */
  readonly #objects: (object | undefined)[];

  constructor(state: SavedState, tables: StateTables, options: RestoreOptions) {
    this.#state = state;
    this.#tables = tables;
    this.#options = options;
    this.#objects = options.objects === undefined ? new Array(state.objects.length) : [...options.objects];
  }

  run(root: object): void {
    if (this.#options.objects === undefined) this.#match(0, root, part, "the root");
    for (let number = 0; number < this.#state.objects.length; number++) this.#object(number);
    for (const [number, saved] of this.#state.objects.entries()) this.#fill(number, saved);
    for (const object of this.#objects) if (object !== undefined) stateOf(object)?.options.restored?.(object);
  }

  /** The object of this machine that is the saved one, and its parts with it. */
  #match(number: number, object: object, field: StateField, place: string): void {
    if (this.#objects[number] !== undefined) return;
    const saved = this.#state.objects[number];
    const form = formOf(object, field, () => place);
    const name = form.kind === "object" ? form.declaration.name : form.kind;
    const savedName = saved.kind === "object" ? saved.class : saved.kind;
    if (name !== savedName) throw new StateError(`${place} is ${name} in this machine, and was ${savedName}`);
    this.#objects[number] = object;
    visitParts(object, form, field, (key, value, partField) => {
      const link = linkAt(saved, key);
      if (link !== undefined && isObject(value)) this.#match(link, value, partField, `${place}.${key}`);
    });
  }

  /** The object with this number; made anew when this machine has none in its place. */
  #object(number: number): object {
    return this.#objects[number] ?? this.#make(number);
  }

  #make(number: number): object {
    const saved = this.#state.objects[number];
    if (saved.kind === "object") return this.#makeInstance(number, saved);
    const made = this.#makeData(saved);
    this.#objects[number] = made;
    return made;
  }

  #makeData(saved: Exclude<SavedObject, { kind: "object" }>): object {
    switch (saved.kind) {
      case "record":
        return {};
      case "list":
        return [];
      case "map":
        return new Map();
      case "set":
        return new Set();
      case "bytes": {
        const View: new (buffer: ArrayBuffer) => ArrayBufferView = bytesTypes[saved.type];
        return new View(saved.bytes.slice(0));
      }
      case "outside": {
        const stand = this.#options.outside?.(saved.place);
        if (stand === undefined) throw new StateError(`${saved.place} was connected, and is not in this machine`);
        return stand;
      }
    }
  }

  #makeInstance(number: number, saved: Extract<SavedObject, { kind: "object" }>): object {
    const known = this.#tables.classOf(saved.class);
    if (known === undefined) throw new StateError(`there is no class ${saved.class} in this machine`);
    const { fields, options } = known.state;
    if (options.make === undefined) {
      const wired = Object.keys(fields).find((key) => fields[key].keeping === "wiring");
      if (wired !== undefined) throw new StateError(`${saved.class}.${wired} is wiring, and this object has none`);
    }
    const made = options.make?.((key) => this.#decode(saved.fields[key])) ?? Object.create(known.prototype);
    this.#match(number, made, part, saved.class);
    return made;
  }

  #decode(value: Saved): unknown {
    if (typeof value !== "object" || value === null) return value;
    if ("to" in value) return this.#object(value.to);
    const thing = this.#tables.thing(value.named);
    if (thing === undefined) throw new StateError(`there is no ${value.named} in this machine`);
    return thing;
  }

  #fill(number: number, saved: SavedObject): void {
    const object = this.#object(number);
    switch (saved.kind) {
      case "object":
        this.#fillFields(object, saved.fields, stateOf(object)?.fields);
        break;
      case "record":
        for (const key of saved.whole ? Object.keys(object) : []) {
          if (!Object.hasOwn(saved.fields, key)) delete (object as { [key: string]: unknown })[key];
        }
        this.#fillFields(object, saved.fields, undefined);
        break;
      case "list": {
        const list = object as unknown[];
        list.length = saved.length;
        for (const [i, item] of saved.items.entries()) list[i] = this.#decode(item);
        list.fill(undefined, saved.items.length);
        break;
      }
      case "map": {
        const map = object as Map<unknown, unknown>;
        map.clear();
        for (const [key, value] of saved.entries) map.set(this.#decode(key), this.#decode(value));
        break;
      }
      case "set": {
        const set = object as Set<unknown>;
        set.clear();
        for (const item of saved.items) set.add(this.#decode(item));
        break;
      }
      case "bytes":
        fillBytes(object as Uint8Array, saved.bytes);
        break;
      case "outside":
    }
  }

  #fillFields(object: object, fields: SavedFields, declared: StateFields | undefined): void {
    for (const key of Object.keys(fields)) {
      const field = declared?.[key] ?? plain;
      const value = this.#decode(fields[key]);
      const isThere = field.get !== undefined || key in object;
      if (!isThere || readState(object, key, field) !== value) writeState(object, key, field, value);
    }
  }
}

/** The number of the object that was at this key. */
function linkAt(saved: SavedObject, key: string | number): number | undefined {
  let value: Saved;
  if (saved.kind === "object" || saved.kind === "record") value = saved.fields[key];
  else if (saved.kind === "list") value = saved.items[key as number];
  else if (saved.kind === "map") value = saved.entries.find(([name]) => name === key)?.[1];
  return typeof value === "object" && value !== null && "to" in value ? value.to : undefined;
}

function fillBytes(target: Uint8Array, source: ArrayBuffer): void {
  if (target.byteLength !== source.byteLength) {
    throw new StateError(`${source.byteLength} bytes were saved, this machine has ${target.byteLength} in their place`);
  }
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(new Uint8Array(source));
}
