import { virtioLegacyRegisters } from "../../abi/virtio-legacy.ts";
import { Chain, type Entered } from "../../chain/chain.ts";
import { Scheduler } from "../../chain/scheduler.ts";
import { DeviceModel } from "../../device-model/device-model.ts";
import { FakeHost } from "../../device-model/testing/fake-host.ts";
import { slotConfig } from "../../device-model/testing/slots.ts";
import { ScriptedGuest } from "../../guest/scripted/guest.ts";
import { Hypervisor } from "../../hypervisor/hypervisor.ts";
import { debugLayers } from "../../machine-layers.ts";
import type { ArmRequest, DebugEvent, FrameRecord, VariableRecord } from "../../protocol/debug.ts";
import type { DebugRequests } from "../../protocol/debug-requests.ts";
import { ServiceVm } from "../../service-vm/service-vm.ts";
import { builtInStations } from "../../stations.ts";
import { Arena } from "../../util/arena.ts";
import { Debugger } from "../debugger.ts";
import type { Gate } from "../gate.ts";

const RAM = 1 << 20;
export const BAR0 = 0x2000;
export const RING = 0x1_0000;
export const BUFFER = 0x2_0000;
const { at } = virtioLegacyRegisters;

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

/** All four layers with a scripted guest and one console at slot 3, under a debugger. */
export class Session {
  readonly chain = new Chain(() => 0, builtInStations);
  readonly scheduler = new Scheduler(this.chain);
  readonly host = new FakeHost();
  readonly guest: ScriptedGuest;
  readonly hypervisor: Hypervisor;
  readonly events: DebugEvent[] = [];
  readonly gate = new ScriptedGate(this.chain);
  readonly debugger: Debugger;
  readonly deviceModel: DeviceModel;

  constructor(opts = "@stdio:p", prepare: (host: FakeHost) => void = () => {}) {
    const { chain, scheduler, host } = this;
    prepare(host);
    const memory = new Arena(256 * 1024);
    const log = () => {};
    this.hypervisor = new Hypervisor({
      chain,
      scheduler,
      log,
      serviceVmMemory: memory,
      vcpus: 1,
      onStuck: (vcpu) => {
        this.debugger.stuck(vcpu);
        return this.debugger.takeModified();
      },
    });
    const kernel = new ServiceVm({ chain, scheduler, log, memory, hypercalls: this.hypervisor });
    this.hypervisor.serviceVmCpu = kernel;
    this.guest = new ScriptedGuest(chain, this.hypervisor, 1, RAM);
    this.hypervisor.attachGuest(this.guest.cpus, this.guest);
    kernel.boot();
    const config = {
      name: "test",
      memSize: RAM,
      slots: [slotConfig(3, "virtio-console", opts)],
      lpc: [],
      virtioMsi: false,
      virtioPollNs: 0,
      rtvm: false,
      cpuAffinity: 0,
      kernel: undefined,
      ramdisk: undefined,
      bootargs: undefined,
    };
    this.deviceModel = new DeviceModel({ chain, kernel, host, memory: this.guest, config, log });
    this.deviceModel.start();
    scheduler.runUntilIdle();
    this.debugger = new Debugger(
      {
        layers: debugLayers(this.hypervisor, kernel, () => this.deviceModel),
        chain,
        hypervisor: this.hypervisor,
        serviceVm: kernel,
        deviceModel: this.deviceModel,
        memory: this.guest,
        cpu: undefined,
      },
      this.gate,
      (event) => this.events.push(event),
    );
  }

  /** Sets queue 1 up and DRIVER_OK. */
  probe(): this {
    const [cpu] = this.guest.cpus;
    cpu.outb(BAR0 + at.status, 3);
    cpu.outw(BAR0 + at.queue_sel, 1);
    cpu.outl(BAR0 + at.queue_pfn, RING / 4096);
    cpu.outb(BAR0 + at.status, 7);
    return this;
  }

  /** Offers a buffer in queue 1 and kicks. */
  send(text: string): void {
    this.offer(text);
    this.kick();
  }

  offer(text: string): void {
    const { view, bytes } = this.guest;
    const idx = view.getUint16(RING + 1026, true);
    const head = idx % 64;
    bytes.set(new TextEncoder().encode(text), BUFFER + 256 * head);
    view.setUint32(RING + 16 * head, BUFFER + 256 * head, true);
    view.setUint32(RING + 16 * head + 8, text.length, true);
    view.setUint16(RING + 1028 + 2 * head, head, true);
    view.setUint16(RING + 1026, idx + 1, true);
  }

  kick(queue = 1): void {
    this.debugger.stopsInKick(3, queue);
    this.debugger.kickBegins(3, queue);
    this.guest.cpus[0].outw(BAR0 + at.queue_notify, queue);
    this.debugger.kickEnds();
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
