import { debugLayers } from "../board/layers.ts";
import { hopRecords } from "../chain/hop-records.ts";
import { Debugger } from "../debug/debugger.ts";
import { DebugError } from "../debug/target.ts";
import type { GuestEnd } from "../doors/guest.ts";
import type { Host, Log } from "../doors/host.ts";
import { elfFunctions } from "../guest/boot/elf-symbols.ts";
import type { BootFiles } from "../guest/boot-files.ts";
import { SymbolTable } from "../guest/stack/kallsyms.ts";
import { V86Engine } from "../guest/v86/engine.ts";
import type { VirtualClock } from "../guest/virtual-time.ts";
import { readBootFiles } from "../host/boot-files.ts";
import type { ByteRingPair } from "../host/channel-file.ts";
import { readEngineProgram } from "../host/engine-program.ts";
import { createNodeHost } from "../host/node-host.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import { Machine } from "../machine.ts";
import { isDebugRequest } from "../protocol/debug-requests.ts";
import {
  type Counters,
  type FromThread,
  type MachineSpec,
  POWER_OFF_MS,
  type Refusal,
  type ToThread,
} from "../protocol/machine.ts";
import { countedLog } from "./counted-log.ts";
import { nodeEventLoop } from "./event-loop.ts";
import { failure } from "./failure.ts";
import { KickTracer } from "./kick-trace.ts";
import { KickWatcher } from "./kick-watcher.ts";
import { contextRecords, stationCounts } from "./records.ts";
import { StopGate } from "./stop-gate.ts";
import { READY_PORT, SYMBOLS_PORT, WorkbenchPorts } from "./workbench-ports.ts";

type LogMessage = Extract<FromThread, { type: "log" }>;
const LEVEL_NOTICE = 3;

/** How the service reaches its owner and files. */
export interface ServiceDoors {
  post(message: FromThread): void;
  /** The next request that waits, without going back to the event loop. */
  receive(): ToThread | undefined;
  readSymbols(path: string): string;
}

/** A machine and the requests about it, inside the machine's thread. */
export class MachineService {
  readonly #spec: MachineSpec;
  readonly #clock: VirtualClock;
  readonly #control: Int32Array;
  readonly #doors: ServiceDoors;
  readonly #host: Host & { close(): void };
  readonly #ports: WorkbenchPorts;
  readonly #kicks: KickWatcher;
  #machine: Machine<V86Engine> | undefined;
  #tracer: KickTracer | undefined;
  #gate: StopGate | undefined;
  #debugger: Debugger | undefined;
  #shutDown = false;
  #making = false;
  /** What went wrong while the machine was made. Where that is its end, the first of it is the reason. */
  readonly #errors: Pick<LogMessage, "level" | "source" | "message">[] = [];
  #finished: Promise<void> = Promise.resolve();
  /** The list the running guest has sent. */
  #liveSymbols: string | undefined;

  constructor(spec: MachineSpec, ring: ByteRingPair, control: Int32Array, clock: VirtualClock, doors: ServiceDoors) {
    this.#spec = spec;
    this.#clock = clock;
    this.#control = control;
    this.#doors = doors;
    this.#kicks = new KickWatcher(clock.now, new Set(spec.ownSlots));
    this.#ports = new WorkbenchPorts((port, text) => this.#portWritten(port, text));
    this.#host = createNodeHost({
      console: ring,
      workbenchPort: (name) => this.#ports.open(name),
      log: this.#log,
      onPty: (path) => this.#doors.post({ type: "pty", path }),
      // The guest waits for the terminal: its clock waits too, and requests are answered all the same.
      flow: {
        blocked: () => clock.stop(),
        waiting: () => this.#answerAll(),
        released: () => clock.resume(),
      },
    });
  }

  readonly #log: Log = (level, source, message, kind) => {
    if (this.#making && level === 1 && kind !== "announcement") this.#errors.push({ level, source, message });
    else this.#tell(level, source, message, kind);
  };

  readonly #tell = countedLog((level, source, message, kind) => {
    this.#doors.post({ type: "log", level, source, message, kind });
  });

  /** Posts them as errors where the machine came about, else at a lower `level`: its end tells the reason. */
  #postErrors(level?: LogMessage["level"]): void {
    this.#making = false;
    for (const error of this.#errors.splice(0)) {
      this.#doors.post({ type: "log", ...error, ...(level === undefined ? {} : { level }) });
    }
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
      this.#postErrors(LEVEL_NOTICE);
    }
    await this.#close();
    this.#doors.post(end);
  }

  #failure(error: unknown): FromThread {
    const end = failure(error, {
      when: this.#making ? "making" : "running",
      firstError: this.#errors[0]?.message,
      thrown: this.#machine?.board.chain.thrown,
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
    this.#making = true;
    const machine = await this.#create(files);
    this.#postErrors();
    if (this.#shutDown) return { kind: "halt" };
    post({ type: "progress", step: "booting" });
    const onEntry = this.#spec.stopOnEntry === true ? () => this.#debugger?.entry() : undefined;
    const end = await machine.run(onEntry);
    if (!this.#shutDown) this.#debugger?.guestEnded(end);
    return end;
  }

  async #create(files: BootFiles): Promise<Machine<V86Engine>> {
    const { config, wasmPath, kernel: name, commandLine } = this.#spec;
    const engine = new V86Engine({
      clock: this.#clock,
      loop: nodeEventLoop,
      program: await readEngineProgram(wasmPath),
      memoryBytes: config.memSize,
      kernel: { ...files, name, commandLine },
      onUserSpace: () => this.#doors.post({ type: "progress", step: "running" }),
    });
    const machine = await Machine.create(engine, {
      config,
      host: this.#host,
      clock: this.#clock,
      log: this.#log,
      onStuck: (vcpu) => this.#stuck(vcpu),
      kicks: this.#kicks,
    });
    const { chain, hypervisor, serviceVm, exits } = machine.board;
    this.#machine = machine;
    this.#tracer = new KickTracer(chain);
    this.#gate = new StopGate(
      chain,
      this.#clock,
      this.#control,
      () => this.#answerAll(),
      (station, context) => this.#doors.post({ type: "stopped", station, context }),
    );
    this.#debugger = new Debugger(
      {
        layers: debugLayers(hypervisor, serviceVm, () => machine.deviceModel),
        chain,
        hypervisor,
        serviceVm,
        deviceModel: machine.deviceModel,
        memory: engine.memory,
        cpus: engine.debug,
        exits: exits.counts,
      },
      this.#gate,
      (event) => this.#doors.post({ type: "debug", event }),
    );
    this.#kicks.follow({ chain, debugger: this.#debugger, tracer: this.#tracer });
    const { symbols: recorded } = this.#spec;
    const table = recorded === undefined ? undefined : SymbolTable.parse(this.#doors.readSymbols(recorded));
    // A kernel of the user's own may bring its names along.
    this.#useSymbols(table ?? SymbolTable.of(elfFunctions(files.kernel)), false);
    return machine;
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

  #dispatch(message: ToThread, answer: (value?: unknown) => void): void {
    if (message.name === "shutdown") {
      this.#shutDown = true;
      this.#gate?.stopAt([]);
      this.#debugger?.disarm();
      this.#gate?.resume();
      this.#machine?.stop();
      // The exit the guest may be in has to return first.
      void this.#finished.then(() => answer());
      return;
    }
    const machine = this.#machine;
    const gate = this.#gate;
    if (machine === undefined || gate === undefined)
      throw new Error(`${message.name}: the machine is still being made`);
    if (isDebugRequest(message.name)) {
      this.#debugger?.handle(message.name, message.body, answer);
      return;
    }
    switch (message.name) {
      case "trace":
        this.#tracer?.arm(message.id, message.body, answer);
        break;
      case "cancel":
        this.#tracer?.cancel(message.body);
        answer();
        break;
      case "record":
        this.#tracer?.record(message.body);
        answer();
        break;
      case "hops": {
        const { recorder } = machine.board.chain;
        answer({ next: recorder.next, hops: hopRecords(recorder.since(message.body)) });
        break;
      }
      case "stationCounts":
        answer(stationCounts(machine.board.chain, message.body));
        break;
      case "stopAt":
        gate.stopAt(message.body);
        answer();
        break;
      case "resume":
        if (!gate.stopped) throw new Error("resume: the machine is not stopped");
        gate.resume();
        answer();
        break;
      case "contexts":
        answer(contextRecords(machine, gate.stopped));
        break;
      case "symbols":
        answer(this.#liveSymbols);
        break;
      case "powerOff":
        answer(this.#powerOff(machine, gate));
        break;
      case "counters":
        answer(this.#counters(machine));
        break;
    }
  }

  #powerOff(machine: Machine, gate: StopGate): boolean {
    if (!this.#ports.askForPowerOff()) return false;
    gate.stopAt([]);
    this.#debugger?.disarm();
    if (gate.stopped) this.#doors.post({ type: "debug", event: { type: "continued" } });
    gate.resume();
    const deadline = this.#clock.now() + POWER_OFF_MS;
    const look = setInterval(() => {
      if (this.#clock.now() >= deadline) machine.stop();
    }, POWER_OFF_MS / 50);
    void this.#finished.finally(() => clearInterval(look));
    return true;
  }

  #answerAll(): void {
    for (let message = this.#doors.receive(); message !== undefined; message = this.#doors.receive()) {
      this.handle(message);
    }
  }

  /** Waits until somebody changes something by hand: then the wait is looked at again. */
  #stuck(vcpu: AcrnVcpu): boolean {
    const { name, waitingFor } = vcpu.context;
    this.#doors.post({ type: "stuck", context: name, reason: waitingFor });
    if (!this.#shutDown) this.#debugger?.stuck(vcpu);
    let modified = this.#debugger?.takeModified() === true;
    this.#gate?.waitFor(() => {
      modified ||= this.#debugger?.takeModified() === true;
      return modified || this.#shutDown;
    });
    return modified && !this.#shutDown;
  }

  #counters(machine: Machine): Counters {
    const { portRead, portWrite, mmioRead, mmioWrite } = machine.board.exits.counts;
    return {
      kicks: this.#kicks.count,
      portExits: portRead + portWrite,
      mmioExits: mmioRead + mmioWrite,
      kickMs: this.#kicks.milliseconds,
    };
  }

  #portWritten(port: string, text: () => string): void {
    if (port === READY_PORT) this.#doors.post({ type: "progress", step: "ready" });
    if (port === SYMBOLS_PORT) {
      try {
        const list = text();
        this.#useSymbols(SymbolTable.parse(list), true);
        this.#liveSymbols = list;
      } catch (error) {
        this.#log(2, "workbench", `the guest's kallsyms cannot be used: ${(error as Error).message}`);
      }
    }
  }

  #useSymbols(symbols: SymbolTable | undefined, live: boolean): void {
    const machine = this.#machine;
    if (machine === undefined || symbols === undefined) return;
    for (const { frames } of machine.engine.cpus) frames.symbols.use(symbols, live);
    this.#debugger?.symbolsChanged();
    this.#doors.post({ type: "symbols", count: symbols.size });
  }

  async #close(): Promise<void> {
    const machine = this.#machine;
    this.#machine = undefined;
    await machine?.destroy();
    this.#host.close();
  }
}

function refusal(error: unknown): Refusal {
  if (error instanceof DebugError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? error.message : String(error) };
}
