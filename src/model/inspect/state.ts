import type { Names } from "../abi/struct.ts";
import type { Scalar } from "./node.ts";

/**
 * What a class keeps, declared once inside the class: the debugger's tree is made from it (state-node.ts), and a
 * machine is saved and put back by it (capture.ts, restore.ts).
 */

export type Keeping =
  /** Data: saved, and put back. Objects in it are saved with it, or are references to what is saved elsewhere. */
  | "plain"
  /** An object, array, record or bytes that are there as long as their owner. The contents are saved and put back in place. */
  | "part"
  /** Fixed when the machine is made, and the same in every machine of that configuration. */
  | "wiring"
  /** Follows from the rest, or means nothing between two steps. */
  | "derived"
  /** Belongs to the host. What the machine has at this place stays when it is put back. */
  | "outside"
  /** For people only: references to what is saved elsewhere are kept, all other objects are not. */
  | "seen";

/** How a field is shown. */
export interface Look {
  /** The field's name in C, where it is not the key in snake case. */
  readonly name?: string;
  /** What it means, units included. */
  readonly about?: string;
  readonly hex?: boolean;
  readonly names?: Names;
  /** It can be set to whole numbers below `2 ** bits`; a field that is true or false has one bit. */
  readonly bits?: number;
  /** The memory its value is an address in. */
  readonly memory?: "guest" | "service";
  /** What is shown in place of the value. */
  readonly as?: (value: never) => Scalar | undefined;
  /** Of a record: what stands for the group of its fields. */
  readonly summary?: (value: never) => string;
}

export interface StateField {
  readonly keeping: Keeping;
  readonly look?: Look;
  /** The fields of a plain object, each kept in its own way. */
  readonly record?: StateFields;
  /** How many elements of a list count. */
  readonly count?: (owner: never) => number;
  /** How a #private field is reached. */
  readonly get?: (owner: never) => unknown;
  readonly set?: (owner: never, value: never) => void;
}

export interface StateFields {
  readonly [key: string]: StateField;
}

export const plain: StateField = { keeping: "plain" };
export const part: StateField = { keeping: "part" };
export const wiring: StateField = { keeping: "wiring" };
export const derived: StateField = { keeping: "derived" };
export const outside: StateField = { keeping: "outside" };
export const seen: StateField = { keeping: "seen" };

/** The same field, shown to the user. */
export const shown = (field: StateField, about?: string, look: Look = {}): StateField => ({
  ...field,
  look: { about, ...look },
});

/** A plain object that is there as long as its owner; its fields are shown among those of the owner, or as a group if it is shown. */
export const record = <R extends object>(fields: { readonly [K in keyof R]: StateField }): StateField => ({
  ...part,
  record: fields as StateFields,
});

/** A list of which the first elements count. */
export const first = <T>(field: StateField, count: (owner: T) => number): StateField => ({ ...field, count });

/** A #private field. Of a part, a derived field or wiring nothing is ever set. */
export const hidden = <T, V>(
  field: StateField,
  get: (owner: T) => V,
  set?: (owner: T, value: V) => void,
): StateField => ({ ...field, get, ...(set === undefined ? {} : { set }) });

export interface StateOptions<T> {
  /** The structure's name in C: `struct acrn_vcpu`. */
  readonly type?: string;
  /** Where the structure is declared. */
  readonly about?: string;
  /** An object made while the machine runs, from its saved fields; without it, one with the class's methods and no fields. */
  readonly make?: (field: (key: string) => unknown) => T;
  /** Brings up to date what is derived, when everything has been put back. */
  readonly restored?: (object: T) => void;
  /** Why the machine cannot be saved just now. */
  readonly busy?: (object: T) => string | undefined;
}

/** A class's declaration, its static member `state`. */
export class StateDeclaration {
  /** Unique in the machine: `layer.Class`. */
  readonly name: string;
  readonly fields: StateFields;
  readonly options: StateOptions<object>;

  constructor(name: string, fields: StateFields, options: StateOptions<object>) {
    this.name = name;
    this.fields = fields;
    this.options = options;
  }
}

export type FieldsOf<T> = { readonly [K in keyof T]?: StateField } & { readonly [key: `#${string}`]: StateField };

/** Declares the state of a class, or of an interface whose values are plain objects. Shown fields come in this order. */
export const declareState = <T extends object>(
  name: string,
  fields: FieldsOf<T>,
  options: StateOptions<T> = {},
): StateDeclaration => new StateDeclaration(name, fields as StateFields, options as unknown as StateOptions<object>);

/** A class that declares its state. */
export interface StatefulClass {
  readonly prototype: object;
  readonly state: StateDeclaration;
}

/** The declaration of an object's class. */
export function stateOf(object: object): StateDeclaration | undefined {
  const state = (object.constructor as { readonly state?: unknown } | undefined)?.state;
  return state instanceof StateDeclaration ? state : undefined;
}

/** The value of a declared field. */
export const readState = (owner: object, key: string, field: StateField): unknown =>
  field.get === undefined ? (owner as { [key: string]: unknown })[key] : field.get(owner as never);

/** Sets a declared field, be it `readonly` for everybody else. Throws for a #private field that is never set. */
export function writeState(owner: object, key: string, field: StateField, value: unknown): void {
  if (field.get === undefined) (owner as { [key: string]: unknown })[key] = value;
  else if (field.set !== undefined) field.set(owner as never, value as never);
  else throw new TypeError(`${key} is declared without a way to set it`);
}

/** `exitReason` in C: `exit_reason`. */
export const cName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
