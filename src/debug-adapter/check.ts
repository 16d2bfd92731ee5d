import { RequestError } from "./request-error.ts";

/**
 * Checks of what a client sends: each returns the value with its type, or throws a RequestError that names the place,
 * what was expected and what was given. Fields that are not listed are ignored, as the protocol wants it.
 */
export type Check<T> = (value: unknown, place: string) => T;

type Shape = { readonly [name: string]: Check<unknown> };
export type Checked<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

export const string: Check<string> = (value, place) =>
  typeof value === "string" ? value : refuse(place, "a string", value);

export const boolean: Check<boolean> = (value, place) =>
  typeof value === "boolean" ? value : refuse(place, "true or false", value);

export const integer =
  (low = Number.MIN_SAFE_INTEGER, high = Number.MAX_SAFE_INTEGER): Check<number> =>
  (value, place) => {
    if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
    const bounds = low === Number.MIN_SAFE_INTEGER ? "" : ` from ${low}`;
    return refuse(place, `a whole number${bounds}${high === Number.MAX_SAFE_INTEGER ? "" : ` to ${high}`}`, value);
  };

export const oneOf =
  <const T extends string>(...choices: readonly T[]): Check<T> =>
  (value, place) => {
    const found = choices.find((choice) => choice === value);
    return found ?? refuse(place, choices.map((choice) => `"${choice}"`).join(" or "), value);
  };

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, place) =>
    value === undefined || value === null ? undefined : check(value, place);

export const arrayOf =
  <T>(check: Check<T>, most = 10_000): Check<readonly T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return refuse(place, "an array", value);
    if (value.length > most) return refuse(place, `at most ${most} elements`, value.length);
    return value.map((item, index) => check(item, `${place}[${index}]`));
  };

export const either =
  <A, B>(first: Check<A>, second: Check<B>, expected: string): Check<A | B> =>
  (value, place) => {
    for (const check of [first, second]) {
      try {
        return check(value, place);
      } catch {
        // The other one may fit.
      }
    }
    return refuse(place, expected, value);
  };

export const recordOf =
  <T>(check: Check<T>): Check<{ readonly [name: string]: T }> =>
  (value, place) => {
    if (!isRecord(value)) return refuse(place, "an object", value);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, check(item, `${place}.${name}`)]));
  };

export const object =
  <S extends Shape>(shape: S): Check<Checked<S>> =>
  (value, place) => {
    if (!isRecord(value)) return refuse(place, "an object", value);
    const checked: { [name: string]: unknown } = {};
    for (const [name, check] of Object.entries(shape)) checked[name] = check(value[name], `${place}.${name}`);
    return checked as Checked<S>;
  };

export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function refuse(place: string, expected: string, given: unknown): never {
  const text = given === undefined ? "nothing" : (JSON.stringify(given) ?? String(given));
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  throw new RequestError(`${place}: expected ${expected}, given ${short}`);
}
