import { hopRecords } from "../chain/hop-records.ts";
import type { MachineRequests } from "../protocol/machine.ts";
import type { GuestSymbols } from "./guest-symbols.ts";
import type { KickWatcher } from "./kick-watcher.ts";
import type { ObservedMachine } from "./observed-machine.ts";
import { contextRecords, stationCounts } from "./records.ts";

/** What requests are about. */
export interface Answering {
  readonly on: ObservedMachine;
  readonly kicks: KickWatcher;
  readonly symbols: GuestSymbols;
  /** Asks the guest to switch itself off; false when its user space is not up. */
  powerOff(): boolean;
}

/** Answers a request, now or later; throws with a message for people. `id`: the request's number. */
type Handler<K extends keyof MachineRequests> = (
  about: Answering,
  body: MachineRequests[K]["request"],
  answer: (value: MachineRequests[K]["answer"]) => void,
  id: number,
) => void;

/** How each request to a machine is answered, but for those its debugger answers, and `shutdown`, which needs no machine. */
export const handlers: { readonly [K in Exclude<keyof MachineRequests, "shutdown">]: Handler<K> } = {
  trace: ({ on }, request, answer, id) => on.tracer.arm(id, request, answer),
  cancel: ({ on }, trace, answer) => {
    on.tracer.cancel(trace);
    answer(undefined);
  },
  record: ({ on }, whether, answer) => {
    on.tracer.record(whether);
    answer(undefined);
  },
  hops: ({ on }, since, answer) => {
    const { recorder } = on.machine.board.chain;
    answer({ next: recorder.next, hops: hopRecords(recorder.since(since)) });
  },
  stationCounts: ({ on }, since, answer) => answer(stationCounts(on.machine.board.chain, since)),
  stopAt: ({ on }, stations, answer) => {
    on.gate.stopAt(stations);
    answer(undefined);
  },
  resume: ({ on: { gate } }, _, answer) => {
    if (!gate.stopped) throw new Error("resume: the machine is not stopped");
    gate.resume();
    answer(undefined);
  },
  contexts: ({ on }, _, answer) => answer(contextRecords(on.machine, on.gate.stopped)),
  symbols: ({ symbols }, _, answer) => answer(symbols.live),
  powerOff: ({ powerOff }, _, answer) => answer(powerOff()),
  counters: ({ on, kicks }, _, answer) => {
    const { portRead, portWrite, mmioRead, mmioWrite } = on.machine.board.exits.counts;
    answer({
      kicks: kicks.count,
      portExits: portRead + portWrite,
      mmioExits: mmioRead + mmioWrite,
      kickMs: kicks.milliseconds,
    });
  },
};
