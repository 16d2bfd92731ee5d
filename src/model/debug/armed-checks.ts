import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import type { ArmAnswer, ArmRequest, DebugEvent, ExceptionFilter, StopReason } from "../protocol/debug.ts";
import { ArmedSet, type ArmedStation, arm } from "./armed.ts";
import { deviceExceptions, exceptionFiltersOf } from "./exception-filters.ts";
import { EntryFaults, type Fault } from "./exceptions.ts";
import { FrameScope, isGeneralName } from "./frame-scope.ts";
import type { GuestProblem } from "./guest-functions.ts";
import type { MachineTree } from "./machine-tree.ts";
import { neverEntered } from "./never.ts";
import { isMet, renderMessage } from "./rules.ts";
import { framesBehind } from "./stack.ts";
import { classesOf, type DebugTarget } from "./target.ts";
import type { WatchSet } from "./watch.ts";

/** What of that which is armed an entered function hits. */
export interface Hits {
  /** Undefined: nothing to stop for. */
  readonly reason: StopReason | undefined;
  readonly breakpoints: readonly number[];
  readonly texts: readonly string[];
  readonly fault: Fault | undefined;
}

/** Names of arguments of any chain that are structures. */
const STRUCTURES = "vcpu vm event vioapic vlapic hsm_vm client eventfd kernel vq base dev viothrd iov access".split(
  " ",
);

/** Everything that is armed, and looking at it where a function is entered. Messages of log points are posted. */
export class ArmedChecks {
  /** What there is. Looked at by whoever has to know whether anybody must look. */
  set = new ArmedSet();
  readonly #target: DebugTarget;
  readonly #tree: MachineTree;
  readonly #watches: WatchSet;
  readonly #post: (event: DebugEvent) => void;
  readonly #faults: EntryFaults;
  /** The station entered before this one, while data are watched. */
  #previous = "";

  constructor(target: DebugTarget, tree: MachineTree, watches: WatchSet, post: (event: DebugEvent) => void) {
    this.#target = target;
    this.#tree = tree;
    this.#watches = watches;
    this.#post = post;
    this.#faults = new EntryFaults(deviceExceptions(classesOf(target)));
  }

  /** `guestProblem`: why a function of the guest cannot be stopped at. */
  arm(request: ArmRequest, guestProblem: (name: string) => GuestProblem | undefined): ArmAnswer {
    const classes = classesOf(this.#target);
    const known = {
      chain: this.#target.chain,
      filters: exceptionFiltersOf(classes),
      argumentNames: new Set([...STRUCTURES, ...classes.flatMap(({ view }) => view?.argumentNames ?? [])]),
      machineKnows: (name: string) =>
        this.#tree.names.includes(name) || isGeneralName(name) || this.#tree.enumerations.knows(name),
    };
    const ofStation = (id: string): string | undefined => {
      const station = this.#target.chain.stations.get(id);
      return station === undefined ? undefined : neverEntered(this.#target, station);
    };
    const { set, answer } = arm(request, this.set, this.#watches, known, { ofGuest: guestProblem, ofStation });
    this.set = set;
    return answer;
  }

  /** Anything that must be looked at when a station is entered. */
  get watchesEntries(): boolean {
    const { byStation, watches, exceptions } = this.set;
    if (byStation.size > 0 || watches.length > 0) return true;
    return [...exceptions.keys()].some((filter) => this.#faults.filters.has(filter));
  }

  disarm(): void {
    this.set = new ArmedSet();
  }

  /** Takes the data as they are now for unchanged. */
  refreshWatches(): void {
    for (const { watch } of this.set.watches) watch.refresh();
  }

  /** Whether an exception is to be stopped at. */
  wants(filter: ExceptionFilter, context: Context): boolean {
    const rules = this.set.exceptions.get(filter);
    return rules !== undefined && isMet(rules.condition, this.#scopeOf(context));
  }

  /** A function is entered, `inGuest`: at its first instruction in the guest. Undefined: nobody is interested. */
  entered(station: Station, context: Context, inGuest: boolean): Hits | undefined {
    const { byStation, byGuestFunction, watches, exceptions } = this.set;
    const list = (inGuest ? byGuestFunction : byStation).get(station.id);
    if (watches.length === 0 && exceptions.size === 0 && list === undefined) return undefined;
    const breakpoints: number[] = [];
    const texts: string[] = [];
    let reason: StopReason | undefined;
    if (watches.length > 0) this.#checkWatches(station, context, breakpoints, texts);
    if (breakpoints.length > 0) reason = "data breakpoint";
    const fault = exceptions.size === 0 ? undefined : this.#faults.at(context, (filter) => exceptions.has(filter));
    const wanted = fault !== undefined && this.wants(fault.id, context) ? fault : undefined;
    if (wanted !== undefined) {
      reason = "exception";
      texts.push(wanted.description);
    }
    if (list !== undefined && this.#checkStation(list, station, context, breakpoints)) reason ??= "breakpoint";
    return { reason, breakpoints, texts, fault: wanted };
  }

  #checkWatches(station: Station, context: Context, hit: number[], texts: string[]): void {
    const since = this.#previous;
    this.#previous = `${station.id} in ${context.name}`;
    for (const armed of this.set.watches) {
      const change = armed.watch.changed();
      if (change === undefined) continue;
      const text = `${armed.watch.description}: ${change}${since === "" ? "" : `, after ${since}`}`;
      const scope = this.#scopeOf(context);
      const result = this.set.hit(armed, scope);
      if (result === undefined) continue;
      if (result.stop) {
        hit.push(armed.id);
        texts.push(text);
      } else {
        this.#output(armed.id, result.message ?? [], station, context, scope);
      }
    }
  }

  #checkStation(list: readonly ArmedStation[], station: Station, context: Context, hit: number[]): boolean {
    const before = hit.length;
    for (const armed of list) {
      if (armed.spec.context !== undefined && armed.spec.context !== context.id) continue;
      if (armed.spec.caller !== undefined && armed.spec.caller !== context.caller?.id) continue;
      const scope = this.#scopeOf(context, armed.spec.caller !== undefined);
      const result = this.set.hit(armed, scope);
      if (result === undefined) continue;
      if (!result.stop) {
        this.#output(armed.id, result.message ?? [], station, context, scope);
        continue;
      }
      hit.push(armed.id);
      if (armed.spec.oneShot === true) this.set.disarm(armed);
    }
    return hit.length > before;
  }

  #output(
    breakpoint: number,
    message: Parameters<typeof renderMessage>[0],
    station: Station,
    context: Context,
    scope: FrameScope,
  ): void {
    const text = renderMessage(message, scope);
    this.#post({ type: "output", text, breakpoint, station: station.id, context: context.id });
  }

  /** `atCall`: what is meant is the line that calls the function just entered. */
  #scopeOf(context: Context, atCall = false): FrameScope {
    const top = context.top();
    const caller = atCall ? context.frames().at(-2) : undefined;
    const frames = [caller, top].filter((frame) => frame !== undefined);
    return new FrameScope(this.#target, this.#tree, frames, () => framesBehind(context), context);
  }
}
