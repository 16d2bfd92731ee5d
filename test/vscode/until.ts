import { setTimeout as sleep } from "node:timers/promises";

/** Long enough for a loaded machine: it is reached only when something is broken. */
export const PATIENCE_MS = 120_000;

/**
 * Asks again and again until `look` answers with something, and returns that. The error says what was waited for and, by
 * `seen`, what was there instead.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  seen: () => Promise<unknown> = async () => "",
): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      const instead = await seen();
      const text = typeof instead === "string" ? instead : JSON.stringify(instead, null, 1);
      throw new Error(`waited ${PATIENCE_MS / 1000} s for ${what}; there was:\n${text}`);
    }
    await sleep(100);
  }
}
