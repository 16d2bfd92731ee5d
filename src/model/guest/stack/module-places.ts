import type { GuestSymbol } from "./kallsyms.ts";

/** Modules begin at a page: from boot to boot they move by whole pages. */
export const PAGE = 4096;
/** Functions of a module that are looked at. */
const SAMPLE = 24;
/** Functions with a frame among them that are enough, at least, and as a part: at another place hardly one would be. */
const ENOUGH = 3;
const ENOUGH_PART = 0.4;

/**
 * How many bytes further up than recorded the module lies that has code at `address`, by its functions: at another place
 * they would not begin where they should; a module of one or two has too few to tell. Undefined when none of the modules does, or several could.
 * `hasFrame` tells whether a function begins at an address.
 */
export function placeOfModule(
  modules: ReadonlyMap<string, readonly GuestSymbol[]>,
  address: number,
  hasFrame: (address: number) => boolean,
): { readonly module: string; readonly distance: number } | undefined {
  const found: { module: string; distance: number }[] = [];
  for (const [module, functions] of modules) {
    const first = functions[0].address;
    const last = functions[functions.length - 1].address;
    const sample = sampleOf(functions);
    for (let page = first - (first % PAGE); page <= last; page += PAGE) {
      const distance = address - (address % PAGE) - page;
      if (isThere(sample, distance, hasFrame)) found.push({ module, distance });
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

function isThere(sample: readonly GuestSymbol[], distance: number, hasFrame: (address: number) => boolean): boolean {
  const frames = sample.filter((symbol) => hasFrame(symbol.address + distance)).length;
  return frames >= ENOUGH && frames >= sample.length * ENOUGH_PART;
}

/** From all over the module; parts the compiler has split off have no frame of their own. */
function sampleOf(functions: readonly GuestSymbol[]): readonly GuestSymbol[] {
  const whole = functions.filter(({ name }) => !name.includes("."));
  const step = Math.max(1, whole.length / SAMPLE);
  return Array.from({ length: Math.min(SAMPLE, whole.length) }, (_, i) => whole[Math.floor(i * step)]);
}
