import { PARKED, station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { declareState, plain, shown, wiring } from "../inspect/state.ts";
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
    },
    { type: "struct sched_event" },
  );
  readonly name: string;
  readonly vcpu: AcrnVcpu;
  readonly chain: Chain;
  set = false;
  waitingThread: AcrnVcpu | undefined;

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

/** hypervisor/common/event.c. Sleeps until the event is set, then clears it; goes on at once when it is set already. Returns 0. */
export const waitEvent = station(
  S.wait_event,
  (event: SchedEvent): number => {
    event.waitingThread = event.vcpu;
    return takeEvent(event);
  },
  (emit, event) => emit(event.vcpu.vcpuId, event.set ? 1 : 0),
  takeEvent,
);

function takeEvent(event: SchedEvent): number {
  if (!event.set) return park(event.vcpu, event.name);
  resetEvent(event);
  return 0;
}

/**
 * Gives the pCPU away: schedule() in a vCPU's thread. The exit is parked, and whoever called for it looks again when the vCPU
 * runs; which is when it is woken or, with `polls`, whenever nobody else runs.
 */
export function park({ context }: AcrnVcpu, waitingFor: string, polls = false): typeof PARKED {
  context.state = "blocked";
  context.waitingFor = waitingFor;
  context.polls = polls;
  return PARKED;
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
