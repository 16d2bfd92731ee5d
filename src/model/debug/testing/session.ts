import { debugLayers } from "../../board/layers.ts";
import { BAR0, BUFFER, ConsoleBoard, RING } from "../../board/testing/console-board.ts";
import type { Chain, Entered } from "../../chain/chain.ts";
import type { Scheduler } from "../../chain/scheduler.ts";
import type { PciSlotConfig } from "../../device-model/config.ts";
import type { DeviceModel } from "../../device-model/device-model.ts";
import type { DeviceClass } from "../../device-model/hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../../device-model/hw/pci/devices.ts";
import type { FakeHost } from "../../device-model/testing/fake-host.ts";
import type { ScriptedGuest } from "../../guest/scripted/guest.ts";
import type { Hypervisor } from "../../hypervisor/hypervisor.ts";
import type { ArmRequest, DebugEvent, FrameRecord, VariableRecord } from "../../protocol/debug.ts";
import type { DebugRequests } from "../../protocol/debug-requests.ts";
import { KickTracer } from "../../thread/kick-trace.ts";
import { KickWatcher } from "../../thread/kick-watcher.ts";
import { Debugger } from "../debugger.ts";
import type { Gate } from "../gate.ts";

export { BAR0, BUFFER, RING };

type Stopped = Extract<DebugEvent, { type: "stopped" }>;

/** A gate whose stops run a function instead of waiting for a person. */
class ScriptedGate implements Gate {
  stopped = false;
  stops = 0;
  onStop: () => void = () => {};
  readonly #chain: Chain;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  stop(told: () => void): void {
    this.stopped = true;
    this.stops++;
    told();
    this.onStop();
    this.stopped = false;
  }

  resume(): void {}

  watch(entered: Entered | undefined): void {
    this.#chain.gate = entered;
  }
}

export interface SessionDevices {
  readonly vcpus?: number;
  readonly slots?: readonly PciSlotConfig[];
  readonly classes?: readonly DeviceClass[];
}

/** A board with a scripted guest and one console at slot 3, under a debugger. */
export class Session {
  readonly machine: ConsoleBoard;
  /** Slots whose devices are the workbench's own. */
  readonly ownSlots = new Set<number>();
  readonly kicks = new KickWatcher(() => 0, this.ownSlots);
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly host: FakeHost;
  readonly guest: ScriptedGuest;
  readonly hypervisor: Hypervisor;
  readonly deviceModel: DeviceModel;
  readonly events: DebugEvent[] = [];
  readonly gate: ScriptedGate;
  readonly debugger: Debugger;

  /** `devices`: besides the console, the built-in classes and one vCPU. */
  constructor(opts = "@stdio:p", prepare: (host: FakeHost) => void = () => {}, devices: SessionDevices = {}) {
    this.machine = new ConsoleBoard(opts, {
      vcpus: devices.vcpus ?? 1,
      prepare,
      config: { slots: devices.slots ?? [] },
      deviceClasses: [...builtInDeviceClasses, ...(devices.classes ?? [])],
      onStuck: (vcpu) => {
        this.debugger.stuck(vcpu);
        return this.debugger.takeModified();
      },
      kicks: this.kicks,
    });
    const { board, guest, deviceModel } = this.machine;
    this.host = this.machine.host;
    this.guest = guest;
    this.deviceModel = deviceModel;
    const { chain, scheduler, hypervisor, serviceVm, exits } = board;
    this.chain = chain;
    this.scheduler = scheduler;
    this.hypervisor = hypervisor;
    this.gate = new ScriptedGate(chain);
    this.debugger = new Debugger(
      {
        layers: debugLayers(hypervisor, serviceVm, () => deviceModel),
        chain,
        hypervisor,
        serviceVm,
        deviceModel,
        memory: guest,
        cpus: guest.debug,
        exits: exits.counts,
      },
      this.gate,
      (event) => this.events.push(event),
    );
    this.kicks.follow({ chain, debugger: this.debugger, tracer: new KickTracer(chain) });
  }

  /** Sets queue 1 up and DRIVER_OK. */
  probe(): this {
    this.machine.probe();
    return this;
  }

  /** Offers a buffer in queue 1 and kicks; then everything comes to rest. */
  send(text: string): void {
    this.machine.offer(text);
    this.kick();
  }

  offer(text: string): void {
    this.machine.offer(text);
  }

  kick(queue = 1): void {
    this.machine.kick(queue);
    this.scheduler.runUntilIdle();
  }

  request<K extends keyof DebugRequests>(name: K, body: DebugRequests[K]["request"]): DebugRequests[K]["answer"] {
    let answer: unknown;
    this.debugger.handle(name, body, (value) => {
      answer = value;
    });
    return answer as DebugRequests[K]["answer"];
  }

  arm(request: Partial<ArmRequest>): DebugRequests["arm"]["answer"] {
    return this.request("arm", { breakpoints: [], dataBreakpoints: [], exceptions: [], ...request });
  }

  /** Runs `body`; at each stop the next of `actions` decides how to go on, after the last one it just does. */
  run(body: () => void, ...actions: (() => void)[]): Stopped[] {
    const before = this.stops.length;
    let next = 0;
    this.gate.onStop = () => {
      const action = actions[next++];
      if (action === undefined) this.request("continue", undefined);
      else action();
    };
    body();
    this.gate.onStop = () => {};
    return this.stops.slice(before);
  }

  get stops(): Stopped[] {
    return this.events.filter((event) => event.type === "stopped");
  }

  get outputs(): string[] {
    return this.events.flatMap((event) => (event.type === "output" ? event.text : []));
  }

  contextId(name: string): number {
    const context = this.chain.contexts.find((candidate) => candidate.name === name);
    if (context === undefined) throw new Error(`no context ${name}`);
    return context.id;
  }

  /** "context station" of a stop. */
  where({ context, station }: Stopped): string {
    return `${this.chain.contexts[context].name} ${station}`;
  }

  stack(context: number): readonly FrameRecord[] {
    return this.request("stack", { context }).frames;
  }

  /** The top frame of the context that stopped last. */
  get frame(): number {
    return this.stack(this.stops.at(-1)?.context ?? 0)[0].id;
  }

  evaluate(expression: string, frame: number | undefined = this.frame): string {
    return this.request("evaluate", { expression, frame }).value;
  }

  /** Stops for it. */
  evaluateAnywhere(expression: string): string {
    let value = "";
    this.run(
      () => this.request("pause", undefined),
      () => {
        value = this.request("evaluate", { expression }).value;
      },
    );
    return value;
  }

  variables(reference: number): readonly VariableRecord[] {
    return this.request("variables", { reference });
  }

  scope(kind: string): readonly VariableRecord[] {
    const scope = this.request("scopes", this.frame).find((candidate) => candidate.kind === kind);
    if (scope === undefined) throw new Error(`no scope ${kind}`);
    return this.variables(scope.reference);
  }
}
