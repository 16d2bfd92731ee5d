import type { StopGate as Entered } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { Station } from "../chain/station.ts";
import type { GuestEnd } from "../guest/guest-end.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import { hopRecords } from "../thread/hop-records.ts";
import { ArmedSet, type ArmedStation, arm } from "./armed.ts";
import { chainFault, type Fault, faultAt, panicFault, stuckFault } from "./exceptions.ts";
import { FrameScope, isGeneralName } from "./frame-scope.ts";
import { GuestFunctions, guestStationNames, type Return } from "./guest-functions.ts";
import { Inspector } from "./inspector.ts";
import { KickLog } from "./kick-log.ts";
import { MachineTree } from "./machine-tree.ts";
import { overview } from "./overview.ts";
import type {
  ArmAnswer,
  ArmRequest,
  DebugEvent,
  DebugRequests,
  ExceptionFilter,
  KickHops,
  StepRequest,
  StopReason,
} from "./protocol.ts";
import { type DebugRequestName, needsStop } from "./requests.ts";
import { isMet, renderMessage } from "./rules.ts";
import { causalStack, framesBehind, guestCode } from "./stack.ts";
import { planStep, type StepEnd, stepInTargets } from "./stepping.ts";
import { DebugError, type DebugTarget } from "./target.ts";
import { stdioOutput } from "./views/console-ports.ts";
import { virtqueue } from "./virtqueue.ts";
import { WatchSet } from "./watch.ts";

/** What the debugger needs of the gate that stops the world. */
export interface Gate {
  readonly stopped: boolean;
  /** Number of the stop under way, or of the last one. */
  readonly stops: number;
  stop(told: () => void): void;
  resume(): void;
  watch(entered: Entered | undefined): void;
}

type Answers = { readonly [K in DebugRequestName]?: (body: DebugRequests[K]["request"]) => DebugRequests[K]["answer"] };

interface Stop {
  readonly reason: StopReason;
  readonly text: string;
  readonly hit?: readonly number[];
  readonly fault?: Fault;
  /** Where that is not the context's innermost function: inside the guest. */
  readonly station?: string;
}

/** Where to stop next, besides what is armed: the end of a step, of a run to a kick. */
type Goal =
  /** `intoGuest`: functions of the guest end it too. */
  | { readonly reason: "step"; readonly ends: StepEnd; readonly intoGuest: boolean; readonly returnTo?: Return }
  | { readonly reason: "kick"; readonly queue: number | undefined; readonly slot: number | undefined };

/** Stops a machine and answers questions about it. One per machine; lives in the machine's thread. */
export class Debugger {
  readonly #target: DebugTarget;
  readonly #gate: Gate;
  readonly #post: (event: DebugEvent) => void;
  readonly #tree: MachineTree;
  readonly #watches: WatchSet;
  readonly #inspector: Inspector;
  readonly #kicks: KickLog;
  #armed = new ArmedSet();
  #goal: Goal | undefined;
  /** The kick that has begun and is to stop at the first station of its exit. */
  #kickToStop: string | undefined;
  /** The first kick has been stopped at, and no other one is to be. */
  #firstKickSeen = false;
  #ownKick = false;
  /** The station entered before this one, while data are watched. */
  #previous = "";
  /** The stop whose frames and references are handed out. */
  #seenStop = 0;
  /** Context of the stop under way, or of the last one. */
  #stoppedIn: Context | undefined;
  #modified = false;
  readonly #guest: GuestFunctions | undefined;
  /** The guest stands at a function of its own. */
  #inGuest = false;

  constructor(target: DebugTarget, gate: Gate, post: (event: DebugEvent) => void) {
    this.#target = target;
    this.#gate = gate;
    this.#post = post;
    this.#tree = new MachineTree(target);
    this.#watches = new WatchSet(target, this.#tree);
    this.#inspector = new Inspector(target, this.#tree, this.#watches);
    this.#kicks = new KickLog(
      target.chain,
      stdioOutput(() => target.deviceModel?.devices ?? []),
    );
    const { cpu } = target;
    if (cpu === undefined) return;
    this.#guest = new GuestFunctions(cpu);
    cpu.breaks.onHit = ({ address, once }) => {
      this.#inGuest = true;
      if (once) this.#guestReturned(cpu.context);
      else this.#guestEntered(address, cpu.context);
      this.#inGuest = false;
    };
  }

  /** Whether somebody changed the machine since the last call. */
  takeModified(): boolean {
    const modified = this.#modified;
    this.#modified = false;
    return modified;
  }

  /** Takes away everything that could stop the machine. */
  disarm(): void {
    this.#armed = new ArmedSet();
    this.#goal = undefined;
    this.#kickToStop = undefined;
    this.#rearm();
  }

  // --- Requests ---

  /** Answers a request; one that lets the machine go on is answered before it does. Throws with a message for people. */
  handle(name: DebugRequestName, body: unknown, answer: (value: unknown) => void): void {
    if (needsStop(name) && !this.#gate.stopped) throw new DebugError(`${name}: the machine is running`);
    if (this.#gate.stops !== this.#seenStop) {
      this.#seenStop = this.#gate.stops;
      this.#inspector.forget();
    }
    switch (name) {
      case "continue":
        this.#goOn(undefined, answer);
        break;
      case "step":
        this.#goOn(this.#step(body as StepRequest), answer);
        break;
      case "runToKick": {
        const { queue, slot } = body as DebugRequests["runToKick"]["request"];
        const goal = { reason: "kick", queue, slot } as const;
        if (this.#gate.stopped) this.#goOn(goal, answer);
        else {
          // A running machine is asked to stop there.
          this.#goal = goal;
          answer(undefined);
        }
        break;
      }
      case "pause":
        answer(undefined);
        if (!this.#gate.stopped) this.#stop({ reason: "pause", text: "paused" }, this.#contextNow());
        break;
      default:
        answer((this.#answers[name] as (body: unknown) => unknown)(body));
    }
  }

  readonly #answers: Answers = {
    arm: (request) => this.#arm(request),
    stepInTargets: (context) => stepInTargets(this.#target.chain, context),
    stack: (request) => this.#inspector.stack(request),
    scopes: (frame) => this.#inspector.scopes(frame),
    variables: (request) => this.#inspector.references.list(request),
    setVariable: (request) => this.#changing(() => this.#inspector.setVariable(request)),
    evaluate: (request) => this.#inspector.evaluate(request),
    completions: (request) => this.#inspector.completions(request),
    dataInfo: (request) => this.#inspector.dataInfo(request),
    readMemory: (request) => this.#inspector.readMemory(request),
    writeMemory: (request) => this.#changing(() => this.#inspector.writeMemory(request)),
    overview: () => overview(this.#target, this.#kicks.count),
    virtqueue: (request) => virtqueue(this.#target, request),
    kickHops: ({ outputOffset }) => (outputOffset === undefined ? this.#kickHops() : this.#kickOfOutput(outputOffset)),
  };

  #kickHops(): KickHops {
    const { chain } = this.#target;
    const kick = { ...this.#kicks.hops(hopRecords), recording: chain.recording };
    const at = kick.hops.length - 1;
    const stop = this.#gate.stopped && !kick.complete ? this.#stoppedIn : undefined;
    // The world stops where the hop recorded last was entered, or in the guest.
    if (stop === undefined || kick.hops[at]?.station !== stop.top()?.station.id) return kick;
    return kick.hops[at].context === stop.name ? { ...kick, stoppedAt: at } : kick;
  }

  #kickOfOutput(offset: number): KickHops {
    const { recording } = this.#target.chain;
    const none = { kick: 0, slot: 0, queue: 0, complete: true, hops: [] };
    return { ...(this.#kicks.ofOutput(offset, hopRecords) ?? none), recording };
  }

  /** What a person changes is no change to stop at. */
  #changing<T>(body: () => T): T {
    const result = body();
    this.#modified = true;
    for (const { watch } of this.#armed.watches) watch.refresh();
    return result;
  }

  #arm(request: ArmRequest): ArmAnswer {
    const isKnown = (name: string): boolean => this.#tree.names.includes(name) || isGeneralName(name);
    const { set, answer } = arm(request, this.#armed, this.#watches, this.#target.chain.contexts, isKnown, (name) =>
      this.#guest === undefined ? "this guest has no kernel with functions" : this.#guest.problem(name),
    );
    this.#armed = set;
    if (set.stopOnKick !== "first") this.#firstKickSeen = false;
    this.#rearm();
    return answer;
  }

  #step(request: StepRequest): Goal {
    const ends = planStep(this.#target, request);
    const leaves = this.#inGuest && request.kind !== "in" && request.context === this.#target.cpu?.context.id;
    const returnTo = leaves ? this.#guest?.returnOf() : undefined;
    if (returnTo !== undefined) return { reason: "step", ends: () => false, intoGuest: false, returnTo };
    return { reason: "step", ends, intoGuest: request.kind === "in" && request.target === undefined };
  }

  #goOn(goal: Goal | undefined, answer: (value: unknown) => void): void {
    this.#goal = goal;
    this.#inspector.forget();
    this.#rearm();
    answer(undefined);
    this.#post({ type: "continued" });
    this.#gate.resume();
  }

  /** Entries are looked at only while something could stop there. */
  #rearm(): void {
    const goal = this.#goal?.reason;
    const needed = this.#armed.watchesEntries || goal === "step" || this.#kickToStop !== undefined;
    this.#gate.watch(needed ? this.#entered : undefined);
    this.#guest?.stopAt(this.#guestNames(), this.#goal?.reason === "step" ? this.#goal.returnTo : undefined);
  }

  #guestNames(): Iterable<string> {
    const goal = this.#goal;
    const names = this.#armed.byGuestFunction.keys();
    return goal?.reason === "step" && goal.intoGuest ? [...names, ...guestStationNames] : names;
  }

  /** The guest's functions lie elsewhere, or have names now. */
  symbolsChanged(): void {
    this.#rearm();
  }

  // --- What happens in the machine ---

  readonly #entered: Entered = (station, context) => {
    if (this.#ownKick) return;
    const { byStation, byGuestFunction, watches, exceptions } = this.#armed;
    const list = (this.#inGuest ? byGuestFunction : byStation).get(station.id);
    const nobody = watches.length === 0 && exceptions.size === 0 && list === undefined;
    if (nobody && this.#goal === undefined && this.#kickToStop === undefined) return;
    const hit: number[] = [];
    const texts: string[] = [];
    let reason: StopReason | undefined;
    if (watches.length > 0) this.#checkWatches(station, context, hit, texts);
    if (hit.length > 0) reason = "data breakpoint";
    const fault = this.#faultAt(context);
    if (fault !== undefined) {
      reason = "exception";
      texts.push(fault.description);
    }
    if (list !== undefined && this.#checkStation(list, station, context, hit)) reason ??= "breakpoint";
    if (this.#kickToStop !== undefined) {
      reason ??= "kick";
      texts.push(this.#kickToStop);
      this.#kickToStop = undefined;
    }
    reason ??= this.#goalReached(context);
    if (reason === undefined) return;
    const text = texts.length === 0 ? `${station.id} in ${context.name}` : texts.join("; ");
    this.#stop({ reason, text, hit, fault, station: station.id }, context);
  };

  #guestEntered(address: number, context: Context): void {
    const station = this.#guest?.entered(address);
    if (station !== undefined) this.#entered(station, context);
  }

  #guestReturned(context: Context): void {
    const goal = this.#goal;
    if (goal?.reason !== "step" || goal.returnTo === undefined || this.#guest?.hasReturned(goal.returnTo) !== true)
      return;
    const { cpu } = this.#target;
    const name = cpu?.frames.read().at(-1)?.station.id;
    this.#stop({ reason: "step", text: `back in ${name ?? "the caller"}`, station: name }, context);
  }

  #scopeOf(context: Context): FrameScope {
    return new FrameScope(this.#target, this.#tree, context.top(), () => framesBehind(context));
  }

  #checkWatches(station: Station, context: Context, hit: number[], texts: string[]): void {
    const since = this.#previous;
    this.#previous = `${station.id} in ${context.name}`;
    for (const armed of this.#armed.watches) {
      const change = armed.watch.changed();
      if (change === undefined) continue;
      const text = `${armed.watch.description}: ${change}${since === "" ? "" : `, after ${since}`}`;
      const result = this.#armed.hit(armed, this.#scopeOf(context));
      if (result === undefined) continue;
      if (result.stop) {
        hit.push(armed.id);
        texts.push(text);
      } else {
        this.#output(armed.id, result.message ?? [], station, context);
      }
    }
  }

  #faultAt(context: Context): Fault | undefined {
    const { exceptions } = this.#armed;
    if (exceptions.size === 0) return undefined;
    const fault = faultAt(context, (filter) => exceptions.has(filter));
    return fault !== undefined && this.#wants(fault.id, context) ? fault : undefined;
  }

  #wants(filter: ExceptionFilter, context: Context): boolean {
    const rules = this.#armed.exceptions.get(filter);
    return rules !== undefined && isMet(rules.condition, this.#scopeOf(context));
  }

  #checkStation(list: readonly ArmedStation[], station: Station, context: Context, hit: number[]): boolean {
    const scope = this.#scopeOf(context);
    const before = hit.length;
    for (const armed of list) {
      if (armed.spec.context !== undefined && armed.spec.context !== context.id) continue;
      if (armed.spec.caller !== undefined && armed.spec.caller !== context.caller?.id) continue;
      const result = this.#armed.hit(armed, scope);
      if (result === undefined) continue;
      if (!result.stop) {
        this.#output(armed.id, result.message ?? [], station, context);
        continue;
      }
      hit.push(armed.id);
      if (armed.spec.oneShot === true) this.#armed.disarm(armed);
    }
    return hit.length > before;
  }

  #output(breakpoint: number, message: Parameters<typeof renderMessage>[0], station: Station, context: Context): void {
    const text = renderMessage(message, this.#scopeOf(context));
    this.#post({ type: "output", text, breakpoint, station: station.id, context: context.id });
  }

  #goalReached(context: Context): StopReason | undefined {
    const goal = this.#goal;
    return goal?.reason === "step" && goal.ends(context) ? "step" : undefined;
  }

  /** A kick begins: before anything of its exit has happened. */
  kickBegins(slot: number, queue: number): void {
    this.#kicks.begin(slot, queue);
    const { stopOnKick } = this.#armed;
    const isFirst = stopOnKick === "first" && !this.#firstKickSeen;
    const armed = stopOnKick === true || stopOnKick === queue || isFirst;
    const goal = this.#goal?.reason === "kick" ? this.#goal : undefined;
    const asked = goal !== undefined && (goal.queue ?? queue) === queue && (goal.slot ?? slot) === slot;
    if (!armed && !asked) return;
    if (isFirst) this.#firstKickSeen = true;
    this.#kickToStop = `kick of queue ${queue} of the device in slot ${slot}`;
    this.#rearm();
  }

  kickEnds(): void {
    this.#kicks.end();
  }

  /** A kick of the workbench's own ports: nobody wants to stop in it. */
  ownKickBegins(): void {
    this.#ownKick = true;
  }

  ownKickEnds(): void {
    this.#ownKick = false;
    for (const { watch } of this.#armed.watches) watch.refresh();
  }

  /** Before the guest's first instruction. */
  entry(): void {
    this.#stop({ reason: "entry", text: "before the guest's first instruction" }, this.#contextNow());
  }

  /** A message of the machine: acrn-dm tells of chains it refuses. */
  logged(message: string): void {
    if (!this.#armed.exceptions.has("malformedChain") || this.#gate.stopped) return;
    const context = this.#target.chain.current;
    this.#raise(chainFault(context.top(), message), context);
  }

  /** Nobody is left who could end a vCPU's wait. */
  stuck(vcpu: AcrnVcpu): void {
    this.#raise(stuckFault(vcpu), vcpu.context);
  }

  guestEnded(end: GuestEnd): void {
    if (end.kind === "panic" || end.kind === "fault") this.#raise(panicFault(end), this.#contextNow());
  }

  #raise(fault: Fault | undefined, context: Context): void {
    if (fault === undefined || !this.#wants(fault.id, context)) return;
    this.#stop({ reason: "exception", text: fault.description, fault }, context);
  }

  /** Outside of every exit the guest's CPU is what runs. */
  #contextNow(): Context {
    const { chain, cpu } = this.#target;
    return cpu !== undefined && chain.current.kind === "dm.main" && chain.current.id === 0
      ? cpu.context
      : chain.current;
  }

  #stop({ reason, text, hit = [], fault, station }: Stop, context: Context): void {
    this.#goal = undefined;
    this.#stoppedIn = context;
    // Who looks at the guest's code sees it as it is.
    this.#target.cpu?.breaks.lift();
    const exception =
      fault === undefined ? undefined : { ...fault, guestCode: guestCode(causalStack(this.#target, context)) };
    this.#gate.stop(() =>
      this.#post({
        type: "stopped",
        reason,
        context: context.id,
        station: context.top()?.station.id ?? station,
        hitBreakpoints: hit,
        text,
        ...(exception === undefined ? {} : { exception }),
      }),
    );
  }
}
