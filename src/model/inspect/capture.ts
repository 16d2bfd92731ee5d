import {
  type BytesType,
  type Saved,
  type SavedFields,
  type SavedObject,
  type SavedState,
  StateError,
  type StateTables,
} from "./saved-state.ts";
import { plain, readState, type StateField, type StateFields } from "./state.ts";
import { type Form, formOf, isObject, visitParts } from "./state-walk.ts";

/** A saved state, and the objects it was taken from, by number: for putting it back in the same machine. */
export interface Capture {
  readonly state: SavedState;
  readonly objects: readonly object[];
}

/**
 * Saves what is reached from `root`, which is a plain object whose fields are parts or an object with a declared
 * state. Throws StateError, with the place, where something is no data, and when the machine cannot be saved just now.
 */
export const capture = (root: object, tables: StateTables): Capture => new Capturing(tables).run(root);

interface Entry {
  readonly object: object;
  readonly form: Form;
  /** How its owner keeps it. */
  readonly field: StateField;
  readonly limit: number | undefined;
  readonly owner: number;
  readonly key: string | number;
}

class Capturing {
  readonly #tables: StateTables;
  readonly #entries: Entry[] = [];
  readonly #numbers = new Map<object, number>();
  readonly #objects: SavedObject[] = [];
  /** What is left to the end, when everything else has its number. */
  readonly #seen: (() => void)[] = [];

  constructor(tables: StateTables) {
    this.#tables = tables;
  }

  run(root: object): Capture {
    this.#addParts(root, { ...plain, keeping: "part" }, -1, "");
    // The list grows while it is gone through.
    for (let number = 0; number < this.#entries.length; number++) this.#objects.push(this.#save(number));
    for (const look of this.#seen) look();
    return { state: { objects: this.#objects }, objects: this.#entries.map(({ object }) => object) };
  }

  #addParts(object: object, field: StateField, owner: number, key: string | number): void {
    if (this.#numbers.has(object) || this.#tables.nameOf(object) !== undefined) return;
    const number = this.#add(object, field, owner, key);
    const { form } = this.#entries[number];
    visitParts(object, form, field, (partKey, value, partField) => {
      if (isObject(value)) this.#addParts(value, partField, number, partKey);
    });
  }

  #add(object: object, field: StateField, owner: number, key: string | number): number {
    const number = this.#entries.length;
    const form = formOf(object, field, () => this.#join(owner, key));
    if (form.kind === "object") {
      const reason = form.declaration.options.busy?.(object);
      if (reason !== undefined) throw new StateError(`the machine cannot be saved now: ${reason}`);
    }
    const limit = field.count?.((owner < 0 ? object : this.#entries[owner].object) as never);
    this.#numbers.set(object, number);
    this.#entries.push({ object, form, field, limit, owner, key });
    return number;
  }

  #place(number: number): string {
    return number < 0 ? "" : this.#join(this.#entries[number].owner, this.#entries[number].key);
  }

  #join(owner: number, key: string | number): string {
    const before = this.#place(owner);
    return typeof key === "number" ? `${before}[${key}]` : before === "" ? key : `${before}.${key}`;
  }

  #save(number: number): SavedObject {
    const { object, form, field, limit } = this.#entries[number];
    switch (form.kind) {
      case "object":
        return { kind: "object", class: form.declaration.name, fields: this.#fields(object, form.fields, number) };
      case "record":
        return { kind: "record", fields: this.#fields(object, form.fields, number), whole: form.fields === undefined };
      case "list": {
        const list = object as unknown[];
        const counted = limit === undefined ? list : list.slice(0, limit);
        return { kind: "list", items: this.#items(counted, field, number), length: list.length };
      }
      case "set":
        return { kind: "set", items: this.#items([...(object as Set<unknown>)], field, number) };
      case "map": {
        const entries = [...(object as Map<unknown, unknown>)].map(([key, value]): [Saved, Saved] => {
          const name = isObject(key) ? "(key)" : String(key);
          return [this.#value(key, number, name), this.#value(value, number, name)];
        });
        return { kind: "map", entries };
      }
      case "bytes": {
        const { buffer, byteOffset, byteLength } = object as Uint8Array;
        const bytes = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
        return { kind: "bytes", type: object.constructor.name as BytesType, bytes };
      }
      case "outside":
        return { kind: "outside", place: this.#place(number) };
    }
  }

  #fields(object: object, declared: StateFields | undefined, number: number): SavedFields {
    const fields: SavedFields = {};
    if (declared === undefined) {
      for (const [key, value] of Object.entries(object)) fields[key] = this.#value(value, number, key);
      return fields;
    }
    for (const [key, field] of Object.entries(declared)) {
      if (field.keeping === "wiring" || field.keeping === "derived") continue;
      const value = readState(object, key, field);
      if (field.keeping === "seen" && !Array.isArray(value)) this.#later(fields, key, value);
      else fields[key] = this.#value(value, number, key, field);
    }
    return fields;
  }

  #items(list: readonly unknown[], field: StateField, number: number): Saved[] {
    if (field.keeping !== "seen") return list.map((item, i) => this.#value(item, number, i));
    const items: Saved[] = new Array(list.length).fill(undefined);
    for (const [i, item] of list.entries()) this.#later(items, i, item);
    return items;
  }

  /** What is for people only refers to what is saved anyway. */
  #later<K extends string | number>(into: { [key in K]: Saved }, key: K, value: unknown): void {
    if (isObject(value)) this.#seen.push(() => (into[key] = this.#link(value)));
    else into[key] = value as Saved;
  }

  #value(value: unknown, owner: number, key: string | number, field: StateField = plain): Saved {
    if (!isObject(value)) {
      if (typeof value === "symbol") throw new StateError(`${this.#join(owner, key)} is a symbol`);
      return value as Saved;
    }
    return this.#link(value) ?? { to: this.#add(value, field, owner, key) };
  }

  #link(object: object): Saved {
    const number = this.#numbers.get(object);
    if (number !== undefined) return { to: number };
    const named = this.#tables.nameOf(object);
    return named === undefined ? undefined : { named };
  }
}
