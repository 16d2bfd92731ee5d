import type { GuestMemory } from "../../doors/guest.ts";
import type { BreakPlace, BreakUser, CpuState, GuestBreaks } from "../../doors/guest-debug.ts";
import { translate } from "../stack/page-tables.ts";
import { readByte } from "../stack/walk.ts";

/** What the places are planted in. */
export interface BreakCpu {
  readonly cpuState: CpuState;
  /** The address of the instruction that is executed next. */
  instructionPointer: number;
  /** `push %ebp` at the instruction pointer; false when the stack cannot be written. */
  pushFramePointer(): boolean;
  /** Code at these guest-physical addresses has changed. */
  codeChanged(physical: number, bytes: number): void;
}

interface Planted {
  readonly place: BreakPlace;
  readonly physical: number;
  readonly original: number;
  /** Length of the no-operation that is there, 0: push %ebp or, with `once`, anything. */
  readonly skip: number;
}

/** `out %al,(%dx)`: one byte, always allowed in the kernel, and it leaves the CPU in the middle of the instruction. */
const OUT = 0xee;
const PUSH_EBP = 0x55;
/** With which functions begin that ftrace could trace: `nopl 0(%eax,%eax,1)` or `lea %ds:0(%esi,%eiz,1),%esi`. */
const FTRACE_NOPS: readonly (readonly number[])[] = [
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x3e, 0x8d, 0x74, 0x26, 0x00],
];
/** `call __fentry__`: a function that ftrace has not prepared yet, or traces. */
const CALL = 0xe8;

/** One of those who want places, and what is called where one of them is reached. */
interface User {
  wanted: ReadonlyMap<number, BreakPlace>;
  readonly onHit: (place: BreakPlace) => void;
}

/**
 * Breakpoints in the guest's code. While the guest runs, a one-byte port write stands in place of a function's first
 * byte; it leaves the CPU, tells, and goes on behind the no-operation that is really there. The engine runs compiled code,
 * which must not be looked at instruction by instruction. While the machine stands still the code is as it was.
 */
export class CodeBreaks implements GuestBreaks {
  readonly #memory: GuestMemory;
  readonly #cpu: BreakCpu;
  /** Whether code that the symbols promise at an address is there; `asEntry`: and a function begins with it. */
  readonly #isLoaded: (address: number, asEntry: boolean) => boolean;
  /** In the order in which they are told. */
  readonly #users: User[] = [];
  /** What any of them wants. */
  #wanted: ReadonlyMap<number, BreakPlace> = new Map();
  readonly #planted = new Map<number, Planted>();
  /** The one-time place that has just been reached: its own instruction comes first. */
  #passing: number | undefined;
  /** Wanted places of which it has turned out that nothing can be planted there. */
  #refused: ReadonlySet<number> = new Set();
  /** Told when there is one more of them. */
  onRefused: () => void = () => {};
  /** Something is to be planted before the guest goes on. */
  pending = false;

  constructor(memory: GuestMemory, cpu: BreakCpu, isLoaded: (address: number, asEntry: boolean) => boolean) {
    this.#memory = memory;
    this.#cpu = cpu;
    this.#isLoaded = isLoaded;
  }

  user(onHit: (place: BreakPlace) => void): BreakUser {
    const user: User = { wanted: new Map(), onHit };
    this.#users.push(user);
    return {
      want: (places) => {
        user.wanted = new Map(places.map((place) => [place.address, place]));
        this.#wantedHaveChanged();
      },
    };
  }

  #wantedHaveChanged(): void {
    const wanted = new Map<number, BreakPlace>();
    for (const user of this.#users) {
      for (const [address, place] of user.wanted) {
        // Who wants it to stay gets it.
        if (!wanted.has(address) || place.once === undefined) wanted.set(address, place);
      }
    }
    this.#wanted = wanted;
    this.#refused = new Set([...this.#refused].filter((address) => wanted.has(address)));
    for (const [address, planted] of this.#planted) {
      if (wanted.get(address)?.once === planted.place.once && wanted.has(address)) continue;
      this.#restore(planted);
      this.#planted.delete(address);
    }
    this.pending = [...wanted.keys()].some((address) => !this.#planted.has(address));
  }

  get active(): boolean {
    return this.#planted.size > 0;
  }

  /** The guest is about to run: plants what is wanted and not planted yet. */
  apply(): void {
    let missing = false;
    const refused = new Set(this.#refused);
    for (const [address, place] of this.#wanted) {
      if (this.#planted.has(address) || this.#plant(place)) continue;
      missing = true;
      if (!place.once && this.canPlant(address) === false) refused.add(address);
    }
    this.pending = missing;
    this.#passing = undefined;
    if (refused.size === this.#refused.size) return;
    this.#refused = refused;
    this.onRefused();
  }

  #plant(place: BreakPlace): boolean {
    const { address } = place;
    if (address === this.#passing || !this.#isLoaded(address, place.once !== true)) return false;
    const skip = place.once ? 0 : this.#firstInstruction(address);
    const physical = translate(this.#memory, this.#cpu.cpuState, address);
    if (skip === undefined || physical === undefined || physical >= this.#memory.size) return false;
    this.#planted.set(address, { place, physical, original: this.#memory.bytes[physical], skip });
    this.#write(physical, OUT);
    return true;
  }

  /** Bytes to go on behind, 0 for `push %ebp`; undefined when it is neither. */
  #firstInstruction(address: number): number | undefined {
    const bytes = [0, 1, 2, 3, 4].map((i) => readByte(this.#memory, this.#cpu.cpuState, address + i));
    if (FTRACE_NOPS.some((nop) => nop.every((byte, i) => byte === bytes[i]))) return bytes.length;
    return bytes[0] === PUSH_EBP ? 0 : undefined;
  }

  /** Whether a function's entry can be planted; undefined while that cannot be told: not mapped, or not prepared. */
  canPlant(address: number): boolean | undefined {
    const first = this.originalByte(address) ?? readByte(this.#memory, this.#cpu.cpuState, address);
    if (first === undefined || first === CALL || !this.#isLoaded(address, true)) return undefined;
    return this.#planted.has(address) || this.#firstInstruction(address) !== undefined;
  }

  /** Puts the code back as it was. It is planted again before the guest goes on. */
  lift(): void {
    for (const planted of this.#planted.values()) this.#restore(planted);
    this.#planted.clear();
    this.pending = this.#wanted.size > 0;
  }

  /** A page that is used for something else by now is left alone. */
  #restore({ physical, original }: Planted): void {
    if (this.#memory.bytes[physical] === OUT) this.#write(physical, original);
  }

  /** The byte that is really at a linear address, where one is planted. */
  originalByte(address: number): number | undefined {
    return this.#planted.get(address)?.original;
  }

  /** A port write of one byte leaves the CPU: whether that was a planted one. The CPU goes on with what is really there. */
  take(): boolean {
    const address = (this.#cpu.instructionPointer - 1) >>> 0;
    const planted = this.#planted.get(address);
    if (planted === undefined) return false;
    const { place, skip } = planted;
    this.#cpu.instructionPointer = address;
    if (place.once) {
      this.#planted.delete(address);
      this.#write(planted.physical, planted.original);
      this.#passing = address;
      this.pending = true;
    }
    for (const { wanted, onHit } of this.#users) {
      const own = wanted.get(address);
      if (own !== undefined) onHit(own);
    }
    if (skip > 0) this.#cpu.instructionPointer = address + skip;
    else if (!place.once) this.#pushFrame(planted);
    // What is wanted since then may be reached without another exit. A one-time place that is still wanted waits for one.
    this.apply();
    return true;
  }

  #pushFrame({ place, physical, original }: Planted): void {
    if (this.#cpu.pushFramePointer()) return;
    // Its own instruction has to fault; the place is planted again at the next exit.
    this.#planted.delete(place.address);
    this.#write(physical, original);
    this.#passing = place.address;
  }

  #write(physical: number, byte: number): void {
    this.#memory.bytes[physical] = byte;
    this.#cpu.codeChanged(physical, 1);
  }
}
