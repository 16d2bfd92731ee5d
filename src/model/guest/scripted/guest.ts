import type { Chain } from "../../chain/chain.ts";
import type { Context } from "../../chain/context.ts";
import type {
  AccessSize,
  GuestBoard,
  GuestCpu,
  GuestEnd,
  GuestEngine,
  GuestMemory,
  VmExits,
} from "../../doors/guest.ts";
import type { CpuDebug } from "../../doors/guest-debug.ts";
import type { StateTable } from "../../inspect/saved-state.ts";
import { declareState, derived, hidden, part, plain, wiring } from "../../inspect/state.ts";

/** An exception the hypervisor injected; thrown by the access that exited. */
export class InjectedException extends Error {
  readonly vector: number;
  readonly errorCode: number;

  constructor(vector: number, errorCode: number) {
    super(`exception ${vector}, error code ${errorCode}`);
    this.vector = vector;
    this.errorCode = errorCode;
  }
}

/** What a vCPU of the scripted guest does; it yields to let others run before its next step. */
export type Script = (cpu: ScriptedCpu) => Generator<void, void, void>;

/** A guest without instructions: RAM, and vCPUs that run scripts. For tests of everything below the guest. */
export class ScriptedGuest implements GuestEngine, GuestMemory {
  static readonly state = declareState<ScriptedGuest>("guest.ScriptedGuest", {
    vcpus: wiring,
    ioapicBase: wiring,
    debug: wiring,
    size: wiring,
    bytes: part,
    view: wiring,
    cpus: part,
    "#board": wiring,
    "#end": hidden(
      plain,
      (guest: ScriptedGuest) => guest.#end,
      (guest, end) => (guest.#end = end),
    ),
  });
  readonly vcpus: number;
  readonly ioapicBase = undefined;
  readonly debug: readonly CpuDebug[] = [];
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  cpus: readonly ScriptedCpu[] = [];
  #board: GuestBoard | undefined;
  #end: GuestEnd | undefined;

  /** `size` bytes of RAM. */
  constructor(vcpus = 1, size = 1 << 20) {
    this.vcpus = vcpus;
    this.size = size;
    const ram = new ArrayBuffer(size);
    this.bytes = new Uint8Array(ram);
    this.view = new DataView(ram);
  }

  get memory(): GuestMemory {
    return this;
  }

  start(board: GuestBoard): void {
    this.#board = board;
    this.cpus = Array.from({ length: this.vcpus }, (_, id) => new ScriptedCpu(board.chain, board.exits, id));
  }

  /** Lets a vCPU run a script; the scheduler gets to it when its policy says so. */
  script(vcpu: number, script: Script): Context {
    const board = this.#started();
    const cpu = this.cpus[vcpu];
    const context = board.chain.addContext({
      name: `guest:vcpu${vcpu}`,
      kind: "guest.task",
      body: () => script(cpu),
    });
    board.chain.wake(context, "start");
    return context;
  }

  /** Runs all scripts to their ends; a guest that was not ended otherwise halts then. */
  async run(): Promise<GuestEnd> {
    this.#started().scheduler.runUntilIdle();
    return this.#end ?? { kind: "halt" };
  }

  finish(end: GuestEnd): void {
    this.#end ??= end;
  }

  /** A script makes no exit while its VM does not run; nothing has to be stopped. */
  stop(): void {}

  async destroy(): Promise<void> {}

  #started(): GuestBoard {
    if (this.#board === undefined) throw new Error("the scripted guest has no board yet: call start() first");
    return this.#board;
  }
}

/** A scripted vCPU: every access to a port or MMIO address exits. */
export class ScriptedCpu implements GuestCpu {
  static readonly state = declareState<ScriptedCpu>("guest.ScriptedCpu", {
    id: wiring,
    "#chain": wiring,
    "#exits": wiring,
    delivered: plain,
    active: plain,
    apic: plain,
    // Taken at the end of the access that it was injected at.
    "#fault": derived,
    outb: wiring,
    outw: wiring,
    outl: wiring,
    inb: wiring,
    inw: wiring,
    inl: wiring,
  });
  readonly id: number;
  readonly #chain: Chain;
  readonly #exits: VmExits;
  /** Every vector that was delivered, in order. */
  readonly delivered: number[] = [];
  /** Vectors without EOI. */
  readonly active = new Set<number>();
  /** Registers of the virtual APIC page by offset, where they differ from the hypervisor's defaults. */
  readonly apic = new Map<number, number>();
  #fault: InjectedException | undefined;

  constructor(chain: Chain, exits: VmExits, id: number) {
    this.#chain = chain;
    this.#exits = exits;
    this.id = id;
  }

  outb = (port: number, value: number): void => this.#out(port, 1, value);
  outw = (port: number, value: number): void => this.#out(port, 2, value);
  outl = (port: number, value: number): void => this.#out(port, 4, value);
  inb = (port: number): number => this.#in(port, 1);
  inw = (port: number): number => this.#in(port, 2);
  inl = (port: number): number => this.#in(port, 4);

  mmioWrite(address: number, size: AccessSize, value: number): void {
    this.#exits.mmioWrite(this.id, address, size, value);
    this.#takeFault();
  }

  mmioRead(address: number, size: AccessSize): number {
    const value = this.#exits.mmioRead(this.id, address, size);
    this.#takeFault();
    return value;
  }

  /** Ends the handling of a vector and gives the hypervisor the chance to notice. */
  eoi(vector: number): void {
    this.active.delete(vector);
    this.#exits.enter(this.id);
  }

  /** Lets other contexts run: the scheduler comes back when its policy says so. */
  *pause(): Generator<void, void, void> {
    const context = this.#chain.current;
    context.state = "blocked";
    this.#chain.wake(context, "timer");
    yield;
    this.#exits.enter(this.id);
  }

  requestVector(vector: number, _levelTriggered: boolean): void {
    this.delivered.push(vector);
    this.active.add(vector);
  }

  isVectorActive(vector: number): boolean {
    return this.active.has(vector);
  }

  readApic(offset: number): number | undefined {
    return this.apic.get(offset);
  }

  raiseGeneralProtection(errorCode: number): void {
    this.#fault = new InjectedException(13, errorCode);
  }

  #out(port: number, size: AccessSize, value: number): void {
    this.#exits.portWrite(this.id, port, size, value);
    this.#takeFault();
  }

  #in(port: number, size: AccessSize): number {
    const value = this.#exits.portRead(this.id, port, size);
    this.#takeFault();
    return value;
  }

  #takeFault(): void {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
  }
}

/** What the scripted guest saves; a script that has not ended cannot be. */
export const scriptedGuestState: StateTable = { classes: [ScriptedGuest, ScriptedCpu] };
