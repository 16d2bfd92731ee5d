import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { declareState, plain, shown, wiring } from "../inspect/state.ts";
import { VcpuGone, VcpuStuckError } from "./errors.ts";
import type { AcrnVcpu } from "./vcpu.ts";

/** `enum` of `vcpu->events`. */
export const VcpuEvent = { IOREQ: 0, VIRTUAL_INTERRUPT: 1, SYNC_WBINVD: 2, SPLIT_LOCK: 3 } as const;
const names = ["VCPU_EVENT_IOREQ", "VCPU_EVENT_VIRTUAL_INTERRUPT", "VCPU_EVENT_SYNC_WBINVD", "VCPU_EVENT_SPLIT_LOCK"];

/** `struct sched_event`: exclusive; `set` is sticky until the next wait_event returns or the event is reset. */
export class SchedEvent {
  static readonly state = declareState<SchedEvent>(
    "hypervisor.SchedEvent",
    {
      name: wiring,
      vcpu: wiring,
      chain: wiring,
      set: shown(plain, "signalled, and not waited for since", { bits: 1 }),
      waitingThread: shown(plain, "a vCPU thread sleeps on it", { name: "waiting", as: (vcpu) => vcpu !== undefined }),
      isSet: wiring,
    },
    { type: "struct sched_event" },
  );
  readonly name: string;
  readonly vcpu: AcrnVcpu;
  readonly chain: Chain;
  set = false;
  waitingThread: AcrnVcpu | undefined;
  /** Made once, because each exit waits on it. */
  readonly isSet = (): boolean => this.set;

  constructor(vcpu: AcrnVcpu, index: number) {
    this.name = names[index];
    this.vcpu = vcpu;
    this.chain = vcpu.chain;
  }
}

/** hypervisor/common/event.c: forgets a signal and who waits. */
export function resetEvent(event: SchedEvent): void {
  event.set = false;
  event.waitingThread = undefined;
}

/**
 * hypervisor/common/event.c. Sleeps until the event is set, then clears it; returns at once when it is set already.
 * The guest's engine cannot be suspended inside an instruction, so the other contexts run here meanwhile.
 * Throws VcpuStuckError when nobody is left who could signal, VcpuGone when the vCPU was reset or stopped.
 */
export const waitEvent = station(
  S.wait_event,
  (event: SchedEvent): void => {
    event.waitingThread = event.vcpu;
    sleepUntil(event.vcpu, event.isSet, event.name);
    resetEvent(event);
  },
  (emit, event) => emit(event.vcpu.vcpuId, event.set ? 1 : 0),
);

/** Gives the pCPU away until `condition` holds: the loop around schedule() of a waiting or polling vCPU thread. */
export function sleepUntil(vcpu: AcrnVcpu, condition: () => boolean, waitingFor: string): void {
  const { context } = vcpu;
  const scheduler: Scheduler = vcpu.vm.hypervisor.scheduler;
  const { resets } = vcpu;
  while (!condition()) {
    context.state = "blocked";
    context.waitingFor = waitingFor;
    const met = scheduler.runUntil(condition);
    if (vcpu.resets !== resets) throw new VcpuGone();
    if (met) break;
    if (vcpu.state === "zombie") throw new VcpuGone();
    context.state = "stuck";
    if (!vcpu.vm.hypervisor.onStuck(vcpu)) throw new VcpuStuckError(vcpu);
  }
  context.state = "running";
  context.waitingFor = "";
}

/** hypervisor/common/event.c. Sets the event; a thread that waits for it is woken. */
export const signalEvent = station(
  S.signal_event,
  (event: SchedEvent): void => {
    event.set = true;
    if (event.waitingThread !== undefined) wakeThread(event.waitingThread);
  },
  (emit, event) => emit(event.vcpu.vcpuId, event.waitingThread === undefined ? 0 : 1),
);

/** hypervisor/common/schedule.c. A blocked thread becomes runnable; its pCPU is told to reschedule. */
const wakeThread = station(
  S.wake_thread,
  (vcpu: AcrnVcpu): void => vcpu.chain.wake(vcpu.context, "signalEvent"),
  (emit, vcpu) => emit(vcpu.vcpuId),
);
