import { Session } from "node:inspector";
import { type StateField, stateOf } from "../../src/model/inspect/state.ts";

/** A walk over all that an object reaches, #private fields included. */

export interface Walk {
  /** `Class.field`: a field nobody declares, or a declared one that is not there. */
  readonly problems: string[];
  /** The objects of classes that declare their state. */
  readonly declared: Set<object>;
}

/** Reads #private fields, which only a debugger can. */
class PrivateFields {
  readonly #session = new Session();
  /** How the inspected value is handed over. */
  readonly #desk = globalThis as { stateWalk?: unknown };

  constructor() {
    this.#session.connect();
  }

  of(object: object): Map<string, unknown> {
    const values = new Map<string, unknown>();
    const id = this.#idOf(object);
    const { privateProperties = [] } = this.#ask("Runtime.getProperties", { objectId: id, ownProperties: true });
    for (const { name, value } of privateProperties) {
      // A private method has no value of the object's own.
      if (value !== undefined && !isMethod(name, value)) values.set(name, this.#take(value));
    }
    return values;
  }

  #idOf(object: object): string {
    this.#desk.stateWalk = object;
    return this.#ask("Runtime.evaluate", { expression: "globalThis.stateWalk" }).result?.objectId ?? "";
  }

  #take({ objectId, value }: Remote): unknown {
    if (objectId === undefined) return value;
    this.#ask("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: "function () { globalThis.stateWalk = this; }",
    });
    return this.#desk.stateWalk;
  }

  #ask(method: string, parameters: object): Answer {
    let answer: Answer = {};
    this.#session.post(method, parameters, (error: Error | null, result?: object) => {
      if (error !== null) throw error;
      answer = result as Answer;
    });
    return answer;
  }

  close(): void {
    this.#desk.stateWalk = undefined;
    this.#session.disconnect();
  }
}

interface Remote {
  readonly type?: string;
  readonly objectId?: string;
  readonly value?: unknown;
  readonly description?: string;
}

interface Answer {
  readonly result?: Remote;
  readonly privateProperties?: readonly { readonly name: string; readonly value?: Remote }[];
}

const isMethod = (name: string, { type, description = "" }: Remote): boolean =>
  type === "function" && description.replace(/^(async )?\*?\s*/, "").startsWith(`${name}(`);

/** `except`: names of classes that are not looked into. */
export function walkState(root: object, except: readonly string[]): Walk {
  const privates = new PrivateFields();
  const problems = new Set<string>();
  const declared = new Set<object>();
  const seen = new Set<unknown>([undefined, null]);
  const queue: { readonly value: unknown; readonly place: string }[] = [{ value: root, place: "machine" }];
  const add = (value: unknown, place: string): void => {
    // A suspended body is begun again, so that nothing in it counts.
    if (typeof value !== "object" || seen.has(value) || String(value) === "[object Generator]") return;
    seen.add(value);
    queue.push({ value, place });
  };

  const visitInstance = (object: object, place: string): void => {
    const name = object.constructor.name.replace(/\d+$/, "");
    const declaration = stateOf(object);
    if (declaration === undefined) {
      if (!except.includes(name)) problems.add(`${name} declares no state (${place})`);
      return;
    }
    declared.add(object);
    const fields = new Map<string, unknown>([...Object.entries(object), ...privates.of(object)]);
    for (const [key, value] of fields) {
      const field = declaration.fields[key];
      if (field === undefined) problems.add(`${declaration.name}.${key} is not declared`);
      else visitField(value, field, `${declaration.name}.${key}`);
    }
    for (const key of Object.keys(declaration.fields)) {
      if (!fields.has(key)) problems.add(`${declaration.name}.${key} is declared, and not there`);
    }
  };

  const visitField = (value: unknown, field: StateField, place: string): void => {
    if (field.keeping === "outside" || field.keeping === "seen") return;
    if (field.record === undefined) {
      add(value, place);
      return;
    }
    const inner = value as { readonly [key: string]: unknown };
    for (const key of Object.keys(inner)) {
      if (field.record[key] === undefined) problems.add(`${place}.${key} is not declared`);
      else visitField(inner[key], field.record[key], `${place}.${key}`);
    }
  };

  try {
    for (const { value, place } of queue) {
      if (value instanceof Map) for (const pair of value) for (const part of pair) add(part, `${place} (entry)`);
      else if (value instanceof Set || Array.isArray(value)) for (const part of value) add(part, `${place}[]`);
      else if (isRecord(value)) for (const [key, part] of Object.entries(value)) add(part, `${place}.${key}`);
      else if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) visitInstance(value as object, place);
    }
  } finally {
    privates.close();
  }
  return { problems: [...problems].sort(), declared };
}

function isRecord(value: unknown): value is object {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
