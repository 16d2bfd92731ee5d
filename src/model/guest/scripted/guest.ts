import type { Context } from "../../chain/context.ts";
import {
  type AccessSize,
  ExitStatus,
  type GuestBoard,
  type GuestCpu,
  type GuestEnd,
  type GuestEngine,
  type GuestMemory,
  type VmExits,
} from "../../doors/guest.ts";
import type { CpuDebug } from "../../doors/guest-debug.ts";
import type { StateTable } from "../../inspect/saved-state.ts";
import { declareState, derived, hidden, part, plain, wiring } from "../../inspect/state.ts";
import { waitForExit } from "../wait-for-exit.ts";

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
    this.cpus = Array.from({ length: this.vcpus }, (_, id) => new ScriptedCpu(board, id));
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

  /** Runs all scripts to their ends; a guest that was not ended otherwise halts then. Throws VcpuStuckError. */
  async run(): Promise<GuestEnd> {
    const { scheduler, exits } = this.#started();
    scheduler.runUntilIdle();
    for (let cpu = this.#parked(); cpu !== undefined; cpu = this.#parked()) {
      exits.waitsInVain(cpu.id);
      scheduler.runUntilIdle();
    }
    return this.#end ?? { kind: "halt" };
  }

  #parked(): ScriptedCpu | undefined {
    return this.cpus.find((cpu) => cpu.isParked);
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

/**
 * A scripted vCPU: every access to a port or MMIO address exits. Where the exit is parked, `outb` and the like run the others
 * until it is done, as an engine does that cannot leave its instruction: one vCPU at a time, a second one is refused.
 * `portWrite`, `memoryRead` and the like let go of the CPU, so that several of them wait at once.
 */
export class ScriptedCpu implements GuestCpu {
  static readonly state = declareState<ScriptedCpu>(
    "guest.ScriptedCpu",
    {
      id: wiring,
      "#board": wiring,
      "#exits": wiring,
      delivered: plain,
      active: plain,
      apic: plain,
      isParked: plain,
      "#waiting": hidden(
        plain,
        (cpu: ScriptedCpu) => cpu.#waiting,
        (cpu, context) => (cpu.#waiting = context),
      ),
      "#isDone": wiring,
      // Taken at the end of the access that it was injected at.
      "#fault": derived,
      outb: wiring,
      outw: wiring,
      outl: wiring,
      inb: wiring,
      inw: wiring,
      inl: wiring,
    },
    { restored: (cpu) => (cpu.#fault = undefined) },
  );
  readonly id: number;
  readonly #board: GuestBoard;
  readonly #exits: VmExits;
  /** Every vector that was delivered, in order. */
  readonly delivered: number[] = [];
  /** Vectors without EOI. */
  readonly active = new Set<number>();
  /** Registers of the virtual APIC page by offset, where they differ from the hypervisor's defaults. */
  readonly apic = new Map<number, number>();
  /** Its exit is parked. */
  isParked = false;
  /** The script that has let go meanwhile. */
  #waiting: Context | undefined;
  #fault: InjectedException | undefined;
  readonly #isDone = (): boolean => !this.isParked;

  constructor(board: GuestBoard, id: number) {
    this.#board = board;
    this.#exits = board.exits;
    this.id = id;
  }

  outb = (port: number, value: number): void => this.#out(port, 1, value);
  outw = (port: number, value: number): void => this.#out(port, 2, value);
  outl = (port: number, value: number): void => this.#out(port, 4, value);
  inb = (port: number): number => this.#in(port, 1);
  inw = (port: number): number => this.#in(port, 2);
  inl = (port: number): number => this.#in(port, 4);

  mmioWrite(address: number, size: AccessSize, value: number): void {
    this.#wait(this.#exits.mmioWrite(this.id, address, size, value));
  }

  mmioRead(address: number, size: AccessSize): number {
    this.#wait(this.#exits.mmioRead(this.id, address, size));
    return this.#exits.valueRead(this.id);
  }

  *portWrite(port: number, size: AccessSize, value: number): Generator<void, void, void> {
    yield* this.#letGo(this.#exits.portWrite(this.id, port, size, value));
  }

  *portRead(port: number, size: AccessSize): Generator<void, number, void> {
    yield* this.#letGo(this.#exits.portRead(this.id, port, size));
    return this.#exits.valueRead(this.id);
  }

  *memoryWrite(address: number, size: AccessSize, value: number): Generator<void, void, void> {
    yield* this.#letGo(this.#exits.mmioWrite(this.id, address, size, value));
  }

  *memoryRead(address: number, size: AccessSize): Generator<void, number, void> {
    yield* this.#letGo(this.#exits.mmioRead(this.id, address, size));
    return this.#exits.valueRead(this.id);
  }

  /** Ends the handling of a vector and gives the hypervisor the chance to notice. */
  eoi(vector: number): void {
    this.active.delete(vector);
    this.#exits.enter(this.id);
  }

  /** Lets other contexts run: the scheduler comes back when its policy says so. */
  *pause(): Generator<void, void, void> {
    const { chain } = this.#board;
    const context = chain.current;
    context.state = "blocked";
    chain.wake(context, "timer");
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

  exitDone(): void {
    this.isParked = false;
    const context = this.#waiting;
    this.#waiting = undefined;
    if (context !== undefined) this.#board.chain.wake(context, "vmEntry");
  }

  #out(port: number, size: AccessSize, value: number): void {
    this.#wait(this.#exits.portWrite(this.id, port, size, value));
  }

  #in(port: number, size: AccessSize): number {
    this.#wait(this.#exits.portRead(this.id, port, size));
    return this.#exits.valueRead(this.id);
  }

  #wait(status: ExitStatus): void {
    if (status === ExitStatus.PARKED) {
      this.isParked = true;
      waitForExit(this.#board, this.id, this.#isDone);
    }
    this.#takeFault();
  }

  *#letGo(status: ExitStatus): Generator<void, void, void> {
    if (status === ExitStatus.PARKED) {
      const context = this.#board.chain.current;
      this.isParked = true;
      this.#waiting = context;
      context.state = "blocked";
      context.waitingFor = "VM entry";
      yield;
      context.waitingFor = "";
    }
    this.#takeFault();
  }

  #takeFault(): void {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
  }
}

/** What the scripted guest saves; a script that has not ended cannot be. */
export const scriptedGuestState: StateTable = { classes: [ScriptedGuest, ScriptedCpu] };
