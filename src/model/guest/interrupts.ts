import type { Chain } from "../chain/chain.ts";
import type { Cause, Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import { interruptEntry } from "../chain/stations/guest.ts";
import type { GuestMemory } from "../doors/guest.ts";
import type {
  BreakPlace,
  BreakUser,
  CpuDebug,
  GuestInterrupts,
  GuestSymbols,
  InterruptWatch,
} from "../doors/guest-debug.ts";
import { readWord } from "./stack/walk.ts";

/** What is needed of the CPU. */
export interface InterruptedCpu extends Pick<CpuDebug, "cpuState" | "registers" | "frames" | "breaks"> {
  /** The vector is requested or in service. */
  isVectorActive(vector: number): boolean;
  /** The CPU is halted, or outside of its kernel. */
  readonly isOutside: boolean;
  /** Interrupts that have ended meanwhile are told to the hypervisor. */
  noticeEnds(): void;
}

const ENTRY = interruptEntry[0];
/** Offset of `orig_ax` in a 32-bit kernel's `struct pt_regs`. */
const ORIG_AX = 44;
/** A kick inside an interrupt is an exit, with the guest's stack as it is. */
const PART_OF_A_KICK = /^virtqueue_(kick|notify|add_split)|^vp_notify$/;

/** A function of the interrupt that is open. */
interface OpenFunction {
  /** Where its return address lies. */
  readonly esp: number;
  readonly returnTo: number | undefined;
  /** A vector begins with it: its end is the interrupt's. */
  readonly isEntry: boolean;
}

/** What a vector was posted by, and the number that cause had. */
interface Posted {
  readonly cause: Cause;
  readonly seq: number;
}

/**
 * Follows interrupts into the guest's kernel. Its functions are seen by places in the guest's code, which are there from
 * the post of a vector to the end of its handler only: with nothing to follow the guest's code is as it is.
 */
export class FollowedInterrupts implements GuestInterrupts {
  wanted = false;
  watch: InterruptWatch | undefined;
  readonly #chain: Chain;
  /** The context that is interrupted. */
  readonly #task: Context;
  readonly #memory: GuestMemory;
  readonly #cpu: InterruptedCpu;
  readonly #user: BreakUser;
  readonly #posted = new Map<number, Posted>();
  readonly #open: OpenFunction[] = [];
  /** Made with the first interrupt that is followed. */
  #context: Context | undefined;
  /** Where functions of an interrupt are entered, by the names that `#table` has; the first is every interrupt's entry. */
  #places: readonly BreakPlace[] = [];
  #entry: number | undefined;
  #table: GuestSymbols | undefined;

  constructor(chain: Chain, task: Context, memory: GuestMemory, cpu: InterruptedCpu) {
    this.#chain = chain;
    this.#task = task;
    this.#memory = memory;
    this.#cpu = cpu;
    this.#user = cpu.breaks.user((place) => this.#hit(place));
  }

  get follows(): boolean {
    return this.#posted.size > 0 || this.#open.length > 0;
  }

  get inside(): Context | undefined {
    return this.#open.length > 0 ? this.#context : undefined;
  }

  get problem(): string | undefined {
    this.#findPlaces();
    if (this.#table === undefined) return "the guest's symbols are not known";
    return this.#entry === undefined
      ? `the guest's kernel has no function ${ENTRY} that could be stopped at`
      : undefined;
  }

  /** An interrupt is posted by the context that runs now; one that is posted twice is taken once, for the later post. */
  post(vector: number): void {
    if (!(this.#chain.recording || this.wanted)) return;
    const { clock } = this.#chain;
    clock.stop();
    if (this.problem === undefined) this.#await(vector);
    clock.resume();
  }

  #await(vector: number): void {
    const cause = this.#chain.handOver("postedInterrupt");
    this.#posted.set(vector, { cause, seq: cause.seq });
    this.#want();
  }

  /** Between two turns of the CPU: what can no longer be seen to end is over. */
  settle(): void {
    if (!this.follows) return;
    for (const vector of this.#posted.keys()) if (!this.#cpu.isVectorActive(vector)) this.#posted.delete(vector);
    if (this.#open.length > 0 && this.#cpu.isOutside) this.#leave(0);
    this.#tellIfOver();
  }

  #hit({ address, once }: BreakPlace): void {
    if (once) this.#returned(address);
    else if (address === this.#entry) this.#taken(address);
    else if (this.#open.length > 0) this.#enter(address, false);
  }

  #taken(address: number): void {
    const vector = this.#vector();
    const posted = vector === undefined ? undefined : this.#posted.get(vector);
    if (vector === undefined || posted === undefined) return;
    this.#posted.delete(vector);
    const context = this.#irqContext();
    context.cause = posted.cause.seq === posted.seq ? posted.cause : undefined;
    context.handOver = true;
    context.state = "running";
    this.#chain.current = context;
    if (this.#open.length === 0) this.watch?.taken();
    this.#enter(address, true);
    this.#want();
  }

  #irqContext(): Context {
    this.#context ??= this.#chain.addContext({ name: this.#task.name, kind: "guest.irq" });
    return this.#context;
  }

  #enter(address: number, isEntry: boolean): void {
    const { cpuState, frames } = this.#cpu;
    const { esp } = cpuState;
    const context = this.#irqContext();
    if (!isEntry) this.#leaveReturned(esp);
    const station: Station = frames.stationAt(cpuState, address, true);
    this.#open.push({ esp, returnTo: this.#returnAddress(esp), isEntry });
    context.push(station, address, undefined, undefined, undefined);
    if (this.#chain.record()) this.#chain.emit(address);
  }

  /**
   * Functions have returned whose stack has been left or is used for something else: places at their returns would not be
   * worth what they cost. Handlers run on a stack of their own, with which that of the interrupt's entry, the task's,
   * cannot be compared.
   */
  #leaveReturned(esp: number): void {
    let keep = this.#open.findLastIndex(({ isEntry }) => isEntry) + 1;
    while (keep < this.#open.length && this.#isOpen(this.#open[keep], esp)) keep++;
    this.#leave(keep);
  }

  #isOpen({ esp: before, returnTo }: OpenFunction, esp: number): boolean {
    return before > esp && this.#returnAddress(before) === returnTo;
  }

  #returnAddress(esp: number): number | undefined {
    return readWord(this.#memory, this.#cpu.cpuState, esp);
  }

  #returned(address: number): void {
    const { esp } = this.#cpu.cpuState;
    const at = this.#open.findLastIndex(
      ({ isEntry, returnTo, esp: before }) => isEntry && returnTo === address && esp > before,
    );
    if (at < 0) return;
    this.#cpu.noticeEnds();
    this.#leave(at);
    this.#tellIfOver();
  }

  #leave(depth: number): void {
    for (; this.#open.length > depth; this.#open.pop()) this.#context?.pop();
    if (depth > 0 || this.#context === undefined || this.#context.state !== "running") return;
    this.#context.state = "blocked";
    if (this.#chain.current === this.#context) this.#chain.current = this.#task;
  }

  #tellIfOver(): void {
    this.#want();
    if (!this.follows) this.watch?.over();
  }

  /** The vector that the interrupt's entry has been called for. */
  #vector(): number | undefined {
    const { registers, frames, cpuState } = this.#cpu;
    // common_interrupt(regs, vector); the older do_IRQ(regs) finds its complement in regs->orig_ax.
    if (frames.symbols.table?.functionsNamed(ENTRY, 1).length === 1) return registers.edx & 0xff;
    const complement = readWord(this.#memory, cpuState, registers.eax + ORIG_AX);
    return complement === undefined ? undefined : ~complement & 0xff;
  }

  #want(): void {
    if (!this.follows) {
      this.#user.want([]);
      return;
    }
    this.#findPlaces();
    const inside = this.#open.length > 0;
    const returns = this.#open.flatMap(({ isEntry, returnTo }) =>
      isEntry && returnTo !== undefined ? [returnTo] : [],
    );
    this.#user.want([
      ...(inside ? this.#places : this.#places.slice(0, 1)),
      ...[...new Set(returns)].map((address) => ({ address, once: true }) as const),
    ]);
  }

  #findPlaces(): void {
    const { table } = this.#cpu.frames.symbols;
    if (table === this.#table) return;
    this.#table = table;
    const addresses = (name: string): readonly number[] => {
      const aliases = this.#chain.stations.ofGuest(name)?.aliases ?? [];
      for (const known of [name, ...aliases]) {
        const found = table?.functionsNamed(known, 1) ?? [];
        if (found.length > 0) return found.map(({ address }) => address);
      }
      return [];
    };
    const functions = this.#chain.stations.all.filter(
      ({ id, layer, contexts }) =>
        layer === "guest" && id !== ENTRY && contexts.includes("guest.irq") && !PART_OF_A_KICK.test(id),
    );
    const plantable = (address: number): boolean => this.#cpu.breaks.canPlant(address) !== false;
    const entry = addresses(ENTRY).filter(plantable);
    this.#entry = entry[0];
    const all = [...entry, ...functions.flatMap(({ id }) => addresses(id)).filter(plantable)];
    this.#places = [...new Set(all)].map((address) => ({ address }));
  }
}
