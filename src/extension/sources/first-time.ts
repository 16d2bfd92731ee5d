/** What is kept between windows; VS Code's Memento is one. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Texts kept under a key; the oldest are forgotten. */
const MAX_KEPT = 100;

/** Those of some texts that are asked about for the first time, ever. From now on they are not. */
export async function firstTime(memory: Memory, key: string, texts: readonly string[]): Promise<string[]> {
  const kept = memory.get<readonly string[]>(key) ?? [];
  const fresh = texts.filter((text) => !kept.includes(text));
  if (fresh.length > 0) await memory.update(key, [...kept, ...fresh].slice(-MAX_KEPT));
  return fresh;
}
