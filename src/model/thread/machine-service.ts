import { DebugError } from "../debug/target.ts";
import type { GuestEnd } from "../doors/guest.ts";
import type { Host } from "../doors/host.ts";
import type { BootFiles } from "../guest/boot-files.ts";
import { V86Engine } from "../guest/v86/engine.ts";
import type { VirtualClock } from "../guest/virtual-time.ts";
import { readBootFiles } from "../host/boot-files.ts";
import type { ByteRingPair } from "../host/channel-file.ts";
import { readEngineProgram } from "../host/engine-program.ts";
import { createNodeHost } from "../host/node-host.ts";
import { Machine } from "../machine.ts";
import { isDebugRequest } from "../protocol/debug-requests.ts";
import { type FromThread, type MachineSpec, POWER_OFF_MS, type Refusal, type ToThread } from "../protocol/machine.ts";
import { nodeEventLoop } from "./event-loop.ts";
import { failure } from "./failure.ts";
import { GuestSymbols } from "./guest-symbols.ts";
import { type Answering, handlers } from "./handlers.ts";
import { KickWatcher } from "./kick-watcher.ts";
import { MakingLog } from "./making-log.ts";
import { ObservedMachine } from "./observed-machine.ts";
import { READY_PORT, SYMBOLS_PORT, WorkbenchPorts } from "./workbench-ports.ts";

const LEVEL_NOTICE = 3;

/** How the service reaches its owner and files. */
export interface ServiceDoors {
  post(message: FromThread): void;
  /** The next request that waits, without going back to the event loop. */
  receive(): ToThread | undefined;
  readSymbols(path: string): string;
}

/** The life of a machine inside its thread: makes it, runs it, answers what it is asked, and tells how it ended. */
export class MachineService {
  readonly #spec: MachineSpec;
  readonly #clock: VirtualClock;
  readonly #control: Int32Array;
  readonly #doors: ServiceDoors;
  readonly #host: Host & { close(): void };
  readonly #ports: WorkbenchPorts;
  readonly #kicks: KickWatcher;
  readonly #messages: MakingLog;
  /** Once the machine is made, until its end. */
  #about: Answering | undefined;
  #shutDown = false;
  #finished: Promise<void> = Promise.resolve();

  constructor(spec: MachineSpec, ring: ByteRingPair, control: Int32Array, clock: VirtualClock, doors: ServiceDoors) {
    this.#spec = spec;
    this.#clock = clock;
    this.#control = control;
    this.#doors = doors;
    this.#messages = new MakingLog(doors.post);
    this.#kicks = new KickWatcher(clock.now, new Set(spec.ownSlots));
    this.#ports = new WorkbenchPorts((port, text) => this.#portWritten(port, text));
    this.#host = createNodeHost({
      console: ring,
      workbenchPort: (name) => this.#ports.open(name),
      log: this.#messages.log,
      onPty: (path) => this.#doors.post({ type: "pty", path }),
      // The guest waits for the terminal: its clock waits too, and requests are answered all the same.
      flow: {
        blocked: () => clock.stop(),
        waiting: () => this.#answerAll(),
        released: () => clock.resume(),
      },
    });
  }

  /** Makes the machine, boots the guest, tells how it ended. */
  start(): Promise<void> {
    this.#finished = this.#live();
    return this.#finished;
  }

  async #live(): Promise<void> {
    let end: FromThread;
    try {
      end = { type: "ended", end: await this.#run() };
    } catch (error) {
      end = this.#shutDown ? { type: "ended", end: { kind: "halt" } } : this.#failure(error);
      this.#messages.made(LEVEL_NOTICE);
    }
    await this.#close();
    this.#doors.post(end);
  }

  #failure(error: unknown): FromThread {
    const end = failure(error, {
      when: this.#messages.making ? "making" : "running",
      firstError: this.#messages.firstError,
      thrown: this.#about?.on.machine.board.chain.thrown,
    });
    if (end.type === "crashed" && error instanceof Error && error.stack !== undefined) {
      this.#doors.post({ type: "log", level: 5, source: "workbench", message: error.stack });
    }
    return end;
  }

  async #run(): Promise<GuestEnd> {
    const { post } = this.#doors;
    post({ type: "progress", step: "loading" });
    const files = await readBootFiles(this.#spec.kernel, this.#spec.initrd, this.#spec.overlay);
    if (this.#shutDown) return { kind: "halt" };
    this.#messages.making = true;
    const { machine, debugger: observer } = await this.#create(files);
    this.#messages.made();
    if (this.#shutDown) return { kind: "halt" };
    post({ type: "progress", step: "booting" });
    const end = await machine.run(this.#spec.stopOnEntry === true ? () => observer.entry() : undefined);
    if (!this.#shutDown) observer.guestEnded(end);
    return end;
  }

  async #create(files: BootFiles): Promise<ObservedMachine> {
    const { config, wasmPath, kernel: name, commandLine, symbols: recorded } = this.#spec;
    const { post } = this.#doors;
    const engine = new V86Engine({
      clock: this.#clock,
      loop: nodeEventLoop,
      program: await readEngineProgram(wasmPath),
      memoryBytes: config.memSize,
      kernel: { ...files, name, commandLine },
      onUserSpace: () => post({ type: "progress", step: "running" }),
    });
    const machine = await Machine.create(engine, {
      config,
      host: this.#host,
      clock: this.#clock,
      log: this.#messages.log,
      onStuck: (vcpu) => this.#about?.on.waitForChange(vcpu, () => this.#shutDown) === true,
      kicks: this.#kicks,
    });
    const on = new ObservedMachine(machine, {
      clock: this.#clock,
      control: this.#control,
      post,
      answerAll: () => this.#answerAll(),
    });
    const symbols = new GuestSymbols(on, (count) => post({ type: "symbols", count }));
    this.#about = { on, kicks: this.#kicks, symbols, powerOff: () => this.#powerOff(on) };
    machine.engine.debug.forEach(({ interrupts }, vcpu) => {
      interrupts.watch = this.#kicks.interrupts(vcpu);
    });
    this.#kicks.follow({ chain: machine.board.chain, debugger: on.debugger, tracer: on.tracer });
    symbols.begin(recorded === undefined ? undefined : this.#doors.readSymbols(recorded), files.kernel);
    return on;
  }

  /** Answers one request; that takes the machine no time. */
  handle(message: ToThread): void {
    const { id } = message;
    const answer = (value?: unknown): void => this.#doors.post({ type: "answer", id, value });
    this.#clock.stop();
    try {
      this.#dispatch(message, answer);
    } catch (error) {
      this.#doors.post({ type: "answer", id, error: refusal(error) });
    } finally {
      this.#clock.resume();
    }
  }

  #dispatch({ id, name, body }: ToThread, answer: (value?: unknown) => void): void {
    const about = this.#about;
    if (name === "shutdown") {
      this.#shutDown = true;
      about?.on.letGo(false);
      about?.on.machine.stop();
      // The exit the guest may be in has to return first.
      void this.#finished.then(() => answer());
      return;
    }
    if (about === undefined) throw new Error(`${name}: the machine is still being made`);
    if (isDebugRequest(name)) about.on.debugger.handle(name, body, answer);
    else (handlers[name] as (about: Answering, body: unknown, ...rest: unknown[]) => void)(about, body, answer, id);
  }

  /** The guest is given POWER_OFF_MS of its time to end by itself. */
  #powerOff(on: ObservedMachine): boolean {
    if (!this.#ports.askForPowerOff()) return false;
    on.letGo(true);
    const deadline = this.#clock.now() + POWER_OFF_MS;
    const look = setInterval(() => {
      if (this.#clock.now() >= deadline) on.machine.stop();
    }, POWER_OFF_MS / 50);
    void this.#finished.finally(() => clearInterval(look));
    return true;
  }

  #answerAll(): void {
    for (let message = this.#doors.receive(); message !== undefined; message = this.#doors.receive()) {
      this.handle(message);
    }
  }

  #portWritten(port: string, text: () => string): void {
    if (port === READY_PORT) this.#doors.post({ type: "progress", step: "ready" });
    if (port === SYMBOLS_PORT) {
      try {
        this.#about?.symbols.sent(text());
      } catch (error) {
        this.#messages.log(2, "workbench", `the guest's kallsyms cannot be used: ${(error as Error).message}`);
      }
    }
  }

  async #close(): Promise<void> {
    const machine = this.#about?.on.machine;
    this.#about = undefined;
    await machine?.destroy();
    this.#host.close();
  }
}

function refusal(error: unknown): Refusal {
  if (error instanceof DebugError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? error.message : String(error) };
}
