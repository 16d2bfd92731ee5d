import { bytesTypes, type SavedObject, StateError } from "./saved-state.ts";
import { part, readState, type StateDeclaration, type StateField, type StateFields, stateOf } from "./state.ts";

/** What saving and putting back have in common: what an object is, and which objects are parts of it. */

export type Form =
  | { readonly kind: "object"; readonly declaration: StateDeclaration; readonly fields: StateFields }
  /** `fields`: declared by its owner; undefined for a record all of which is kept. */
  | { readonly kind: "record"; readonly fields: StateFields | undefined }
  | { readonly kind: Exclude<SavedObject["kind"], "object" | "record"> };

/** `field`: how its owner keeps it. Throws StateError for an object of a class that declares nothing. */
export function formOf(object: object, field: StateField | undefined, place: () => string): Form {
  if (field?.keeping === "outside") return { kind: "outside" };
  const declaration = stateOf(object);
  if (declaration !== undefined) return { kind: "object", declaration, fields: declaration.fields };
  if (Array.isArray(object)) return { kind: "list" };
  if (object instanceof Map) return { kind: "map" };
  if (object instanceof Set) return { kind: "set" };
  if (ArrayBuffer.isView(object) && object.constructor.name in bytesTypes) return { kind: "bytes" };
  const prototype = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return { kind: "record", fields: field?.record };
  const what = typeof object === "function" ? `a function that is not named (${object.name})` : className(object);
  throw new StateError(`${place()} is ${what}; expected plain data, or a class with a declared state`);
}

const className = (object: object): string => `a ${object.constructor?.name ?? "nameless object"}`;

/** Called with a part's key in its owner, its value and how it is kept; the value may be anything. */
export type PartVisitor = (key: string | number, value: unknown, field: StateField) => void;

/** Visits the places in an object where parts are, and things of the host's. `keeping` is the object's own. */
export function visitParts(object: object, form: Form, keeping: StateField | undefined, visit: PartVisitor): void {
  switch (form.kind) {
    case "object":
    case "record":
      if (form.fields === undefined) {
        for (const [key, value] of Object.entries(object)) visit(key, value, part);
      } else {
        for (const [key, field] of Object.entries(form.fields)) {
          const value = isPlace(field) ? readState(object, key, field) : undefined;
          if (value !== undefined && (field.keeping !== "seen" || Array.isArray(value))) visit(key, value, field);
        }
      }
      break;
    case "list":
      if (keeping?.keeping === "part") for (const [i, item] of (object as unknown[]).entries()) visit(i, item, part);
      break;
    case "map":
      for (const [key, value] of object as Map<string | number, unknown>) visit(key, value, part);
      break;
    default:
  }
}

const isPlace = ({ keeping }: StateField): boolean => keeping === "part" || keeping === "outside" || keeping === "seen";

export const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";
