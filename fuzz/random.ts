/** Random numbers that follow from a seed alone (mulberry32), so that each case can be made again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An unsigned 32-bit number. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 up to and without `end`. */
  below(end: number): number {
    return this.word() % end;
  }

  /** True in `percent` of 100. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** An unsigned number where limits are likelier than what lies between them. */
  edge(): number {
    if (this.chance(30)) return this.below(256);
    if (this.chance(30)) return this.word();
    const near = this.pick([
      0,
      0xff,
      0x100,
      0xffff,
      0x1_0000,
      0x7fff_ffff,
      0x8000_0000,
      0xffff_ffff,
      2 ** this.below(32),
    ]);
    return (near + this.below(3) - 1) >>> 0;
  }
}
