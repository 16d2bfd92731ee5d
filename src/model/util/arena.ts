import { declareState, hidden, part, plain, wiring } from "../inspect/state.ts";

/** A small physical memory that hands out pieces of itself; address 0 is never handed out. */
export class Arena {
  static readonly state = declareState<Arena>("util.Arena", {
    bytes: part,
    view: wiring,
    "#next": hidden(
      plain,
      (arena: Arena) => arena.#next,
      (arena, next) => (arena.#next = next),
    ),
  });
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #next: number;

  /** `size` in bytes. */
  constructor(size: number) {
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.#next = 0x1000;
  }

  /** Address of `size` zeroed bytes, aligned to `align` (a power of two). Throws when the memory is used up. */
  alloc(size: number, align = 8): number {
    const address = (this.#next + align - 1) & ~(align - 1);
    if (address + size > this.bytes.length) {
      throw new RangeError(`Service VM memory is used up: ${size} bytes asked, ${this.bytes.length} in all`);
    }
    this.#next = address + size;
    return address;
  }

  /** Whether `size` bytes at `address` lie inside. */
  contains(address: number, size: number): boolean {
    return Number.isSafeInteger(address) && address > 0 && address + size <= this.bytes.length;
  }
}
