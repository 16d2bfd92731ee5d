import { debugLayers } from "../board/layers.ts";
import { Debugger } from "../debug/debugger.ts";
import type { V86Engine } from "../guest/v86/engine.ts";
import type { VirtualClock } from "../guest/virtual-time.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import type { Machine } from "../machine.ts";
import type { FromThread } from "../protocol/machine.ts";
import { KickTracer } from "./kick-trace.ts";
import { StopGate } from "./stop-gate.ts";

/** What those who look at a machine need of its thread. */
export interface Observing {
  readonly clock: VirtualClock;
  /** Changes, and wakes, when a request has come. */
  readonly control: Int32Array;
  post(message: FromThread): void;
  /** Answers the requests that wait. */
  answerAll(): void;
}

/** A machine and those who look at it, stop it and follow its kicks. */
export class ObservedMachine {
  readonly machine: Machine<V86Engine>;
  readonly gate: StopGate;
  readonly tracer: KickTracer;
  readonly debugger: Debugger;
  readonly #post: Observing["post"];

  constructor(machine: Machine<V86Engine>, { clock, control, post, answerAll }: Observing) {
    const { chain, hypervisor, serviceVm, exits } = machine.board;
    const { engine, deviceModel } = machine;
    this.machine = machine;
    this.#post = post;
    this.tracer = new KickTracer(chain, (vcpu) => engine.debug[vcpu]?.interrupts);
    this.gate = new StopGate(chain, clock, control, answerAll, (station, context) =>
      post({ type: "stopped", station, context }),
    );
    this.debugger = new Debugger(
      {
        layers: debugLayers(hypervisor, serviceVm, () => deviceModel),
        chain,
        hypervisor,
        serviceVm,
        deviceModel,
        memory: engine.memory,
        cpus: engine.debug,
        exits: exits.counts,
      },
      this.gate,
      (event) => post({ type: "debug", event }),
    );
  }

  /** Takes away all that could stop the machine, and lets it go on; `told`: whoever has seen it stopped is told. */
  letGo(told: boolean): void {
    this.gate.stopAt([]);
    this.debugger.disarm();
    if (told && this.gate.stopped) this.#post({ type: "debug", event: { type: "continued" } });
    this.gate.resume();
  }

  /**
   * A vCPU is stuck: waits until somebody has changed something by hand, so that its wait can be looked at again. False when
   * the machine is to end instead.
   */
  waitForChange(vcpu: AcrnVcpu, ends: () => boolean): boolean {
    const { name, waitingFor } = vcpu.context;
    this.#post({ type: "stuck", context: name, reason: waitingFor });
    if (!ends()) this.debugger.stuck(vcpu);
    let modified = this.debugger.takeModified();
    this.gate.waitFor(() => {
      modified ||= this.debugger.takeModified();
      return modified || ends();
    });
    return modified && !ends();
  }
}
