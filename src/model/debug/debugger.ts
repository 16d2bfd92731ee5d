import type { Entered } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import { hopRecords } from "../chain/hop-records.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import type { VqFault } from "../device-model/hw/pci/virtio/vq-fault.ts";
import type { GuestEnd } from "../doors/guest.ts";
import type { BreakPlace } from "../doors/guest-debug.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import type {
  ArmAnswer,
  ArmRequest,
  DebugEvent,
  KickHops,
  KickHopsRequest,
  StepRequest,
  StopReason,
} from "../protocol/debug.ts";
import { type DebugRequestName, debugRequests, type RunToKickRequest } from "../protocol/debug-requests.ts";
import { ArmedChecks } from "./armed-checks.ts";
import { chainFault } from "./chain-faults.ts";
import { type Fault, panicFault, stuckFault } from "./exceptions.ts";
import type { Gate } from "./gate.ts";
import type { Goal, Stop } from "./goal.ts";
import { GuestFunctions } from "./guest-functions.ts";
import type { Handlers } from "./handlers.ts";
import { Inspector } from "./inspector.ts";
import { KickLog } from "./kick-log.ts";
import { MachineTree } from "./machine-tree.ts";
import { overview } from "./overview.ts";
import { causalStack, exitBehind, guestCode } from "./stack.ts";
import { planStep, stepInTargets } from "./stepping.ts";
import { DebugError, type DebugTarget } from "./target.ts";
import { stdioOutput } from "./terminals.ts";
import { virtqueue } from "./virtqueue.ts";
import { WatchSet } from "./watch.ts";

/** Stops a machine and answers questions about it. One per machine; lives in the machine's thread. */
export class Debugger {
  readonly #target: DebugTarget;
  readonly #gate: Gate;
  readonly #post: (event: DebugEvent) => void;
  readonly #inspector: Inspector;
  readonly #kicks: KickLog;
  readonly #checks: ArmedChecks;
  #goal: Goal | undefined;
  /** The kick that has begun and is to stop at the first station of its exit. */
  #kickToStop: string | undefined;
  /** The first kick has been stopped at, and no other one is to be. */
  #firstKickSeen = false;
  /** vCPUs in a kick of the workbench's own ports. */
  readonly #ownKicks = new Set<number>();
  /** The stop whose frames and references are handed out. */
  #seenStop = 0;
  /** Context of the stop under way, or of the last one. */
  #stoppedIn: Context | undefined;
  #modified = false;
  /** The guest's functions, as each of its CPUs finds them. */
  readonly #guests: readonly GuestFunctions[];
  /** The guest stands at a function of its own, on that CPU. */
  #inGuest: GuestFunctions | undefined;

  constructor(target: DebugTarget, gate: Gate, post: (event: DebugEvent) => void) {
    this.#target = target;
    this.#gate = gate;
    this.#post = post;
    const tree = new MachineTree(target);
    const watches = new WatchSet(target, tree);
    this.#inspector = new Inspector(target, tree, watches);
    this.#checks = new ArmedChecks(target, tree, watches, post);
    this.#kicks = new KickLog(
      target.chain,
      stdioOutput(() => target.deviceModel?.devices ?? []),
      (vcpu) => target.cpus[vcpu]?.interrupts,
    );
    const { cpus, deviceModel } = target;
    if (deviceModel !== undefined) deviceModel.vmctx.onVqFault = (vq, fault) => this.#vqFault(vq, fault);
    const changed = () => this.#post({ type: "guestFunctions" });
    this.#guests = cpus.map((cpu, vcpu) => {
      const onHit = (place: BreakPlace): void => this.#guestHit(this.#guests[vcpu], place);
      return new GuestFunctions(cpu, target.chain.stations, onHit);
    });
    for (const guest of this.#guests) {
      guest.onModules = () => {
        this.#rearm();
        changed();
      };
      guest.cpu.breaks.onRefused = changed;
    }
  }

  /** Whether somebody changed the machine since the last call. */
  takeModified(): boolean {
    const modified = this.#modified;
    this.#modified = false;
    return modified;
  }

  /** Takes away everything that could stop the machine. */
  disarm(): void {
    this.#checks.disarm();
    this.#goal = undefined;
    this.#kickToStop = undefined;
    this.#rearm();
  }

  // --- Requests ---

  /** Answers a request. Throws with a message for people. */
  handle(name: DebugRequestName, body: unknown, answer: (value: unknown) => void): void {
    if (debugRequests[name].answered === "stopped" && !this.#gate.stopped)
      throw new DebugError(`${name}: the machine is running`);
    if (this.#gate.stops !== this.#seenStop) {
      this.#seenStop = this.#gate.stops;
      this.#inspector.forget();
    }
    (this.#handlers[name] as (body: unknown, answer: (value: unknown) => void) => void)(body, answer);
  }

  readonly #handlers: Handlers = {
    arm: (request, answer) => answer(this.#arm(request)),
    continue: (_, answer) => this.#goOn(undefined, answer),
    step: (request, answer) => this.#goOn(this.#step(request), answer),
    runToKick: (request, answer) => this.#runToKick(request, answer),
    pause: (_, answer) => {
      answer(undefined);
      if (!this.#gate.stopped) this.#stop({ reason: "pause", text: "paused" }, this.#contextNow());
    },
    stepInTargets: (context, answer) => answer(stepInTargets(this.#target.chain, context)),
    stack: (request, answer) => answer(this.#inspector.stack(request)),
    scopes: (frame, answer) => answer(this.#inspector.scopes(frame)),
    variables: (request, answer) => answer(this.#inspector.references.list(request)),
    setVariable: (request, answer) => answer(this.#changing(() => this.#inspector.setVariable(request))),
    evaluate: (request, answer) => answer(this.#inspector.evaluate(request)),
    completions: (request, answer) => answer(this.#inspector.completions(request)),
    dataInfo: (request, answer) => answer(this.#inspector.dataInfo(request)),
    readMemory: (request, answer) => answer(this.#inspector.readMemory(request)),
    writeMemory: (request, answer) => answer(this.#changing(() => this.#inspector.writeMemory(request))),
    overview: (_, answer) => answer(overview(this.#target, this.#kicks.count)),
    virtqueue: (request, answer) => answer(virtqueue(this.#target, request)),
    kickHops: (request, answer) => answer(this.#kickHops(request)),
  };

  #runToKick({ queue, slot, running }: RunToKickRequest, answer: (value: undefined) => void): void {
    const goal = { reason: "kick", queue, slot } as const;
    if (this.#gate.stopped && !running) {
      this.#goOn(goal, answer);
      return;
    }
    if (!this.#gate.stopped) {
      this.#goal = goal;
      this.#rearm();
    }
    answer(undefined);
  }

  #kickHops({ outputOffset }: KickHopsRequest): KickHops {
    if (outputOffset !== undefined) return this.#kicks.ofOutput(outputOffset, hopRecords);
    return this.#kicks.hops(hopRecords, this.#gate.stopped ? this.#stoppedIn : undefined);
  }

  /** What a person changes is no change to stop at. */
  #changing<T>(body: () => T): T {
    const result = body();
    this.#modified = true;
    this.#checks.refreshWatches();
    return result;
  }

  #arm(request: ArmRequest): ArmAnswer {
    const answer = this.#checks.arm(request, (name) =>
      this.#guests.length === 0
        ? { message: "this guest has no kernel with functions", pending: false }
        : this.#guests[0].problem(name),
    );
    if (request.stopOnKick !== "first") this.#firstKickSeen = false;
    if (request.leaves) {
      this.#goal = undefined;
      this.#kickToStop = undefined;
    }
    this.#rearm();
    return answer;
  }

  #step(request: StepRequest): Goal {
    const ends = planStep(this.#target, request);
    const guest = request.context === this.#inGuest?.cpu.running.id ? this.#inGuest : undefined;
    const returnTo = request.kind === "in" ? undefined : guest?.returnOf();
    if (returnTo !== undefined) return { reason: "step", ends: () => false, intoGuest: false, returnTo };
    return { reason: "step", ends, intoGuest: request.kind === "in" && request.target === undefined };
  }

  #goOn(goal: Goal | undefined, answer: (value: undefined) => void): void {
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
    const needed = this.#checks.watchesEntries || goal === "step" || this.#kickToStop !== undefined;
    this.#gate.watch(needed ? this.#entered : undefined);
    const returnTo = this.#goal?.reason === "step" ? this.#goal.returnTo : undefined;
    for (const guest of this.#guests) guest.stopAt(this.#guestNames(), returnTo);
  }

  #guestNames(): Iterable<string> {
    const goal = this.#goal;
    const names = this.#checks.set.byGuestFunction.keys();
    return goal?.reason === "step" && goal.intoGuest ? [...names, ...(this.#guests[0]?.chainFunctions ?? [])] : names;
  }

  /** The guest's functions lie elsewhere, or have names now. */
  symbolsChanged(): void {
    this.#rearm();
  }

  // --- What happens in the machine ---

  readonly #entered: Entered = (station, context) => {
    if (this.#ownKicks.size > 0 && this.#inOwnKick(context)) return;
    const hits = this.#checks.entered(station, context, this.#inGuest !== undefined);
    if (hits === undefined && this.#goal === undefined && this.#kickToStop === undefined) return;
    const texts = [...(hits?.texts ?? [])];
    let reason = hits?.reason;
    if (this.#kickToStop !== undefined) {
      reason ??= "kick";
      texts.push(this.#kickToStop);
      this.#kickToStop = undefined;
    }
    reason ??= this.#goalReached(context);
    if (reason === undefined) return;
    const text = texts.length === 0 ? `${station.id} in ${context.name}` : texts.join("; ");
    const { breakpoints: hit, fault } = hits ?? {};
    this.#stop({ reason, text, hit, fault, station: station.id }, context);
  };

  /** What a context does for a vCPU's other exits, meanwhile, is stopped in. */
  #inOwnKick(context: Context): boolean {
    const vcpu = exitBehind(this.#target, context);
    return vcpu !== undefined && this.#ownKicks.has(vcpu.vcpuId);
  }

  #guestHit(guest: GuestFunctions, { address, once }: BreakPlace): void {
    this.#inGuest = guest;
    if (once) this.#guestReturned(guest);
    else this.#guestEntered(guest, address);
    this.#inGuest = undefined;
  }

  #guestEntered(guest: GuestFunctions, address: number): void {
    const station = guest.entered(address);
    if (station !== undefined) this.#entered(station, guest.cpu.running);
  }

  #guestReturned(guest: GuestFunctions): void {
    const goal = this.#goal;
    if (goal?.reason !== "step" || goal.returnTo === undefined || !guest.hasReturned(goal.returnTo)) return;
    const { frames, running } = guest.cpu;
    const name = frames.read().at(-1)?.station.id;
    this.#stop({ reason: "step", text: `back in ${name ?? "the caller"}`, station: name }, running);
  }

  #goalReached(context: Context): StopReason | undefined {
    const goal = this.#goal;
    return goal?.reason === "step" && goal.ends(context) ? "step" : undefined;
  }

  /** A kick begins: before anything of its exit has happened. Returns its number. */
  kickBegins(vcpu: number, slot: number, queue: number): number {
    this.#kicks.begin(vcpu, slot, queue);
    return this.#kicks.count;
  }

  /** Asked before a kick begins: whether the machine will stop in it, because it is one. */
  stopsInKick(slot: number, queue: number): boolean {
    if (this.#guests.some((guest) => guest.isStale)) this.#rearm();
    const { stopOnKick } = this.#checks.set;
    const isFirst = stopOnKick === "first" && !this.#firstKickSeen;
    const armed = stopOnKick === true || stopOnKick === queue || isFirst;
    const goal = this.#goal?.reason === "kick" ? this.#goal : undefined;
    const asked = goal !== undefined && (goal.queue ?? queue) === queue && (goal.slot ?? slot) === slot;
    if (!armed && !asked) return false;
    if (isFirst) this.#firstKickSeen = true;
    this.#kickToStop = `kick of queue ${queue} of the device in slot ${slot}`;
    this.#rearm();
    return true;
  }

  kickEnds(vcpu: number): void {
    this.#kicks.end(vcpu);
  }

  /** The guest takes an interrupt that is followed. */
  interruptTaken(vcpu: number): void {
    this.#kicks.taken(vcpu);
  }

  /** Nothing is followed on that vCPU any more. */
  interruptOver(vcpu: number): void {
    this.#kicks.over(vcpu);
  }

  /** A kick of the workbench's own ports: nobody wants to stop in it. */
  ownKickBegins(vcpu: number): void {
    this.#ownKicks.add(vcpu);
  }

  ownKickEnds(vcpu: number): void {
    this.#ownKicks.delete(vcpu);
    this.#checks.refreshWatches();
  }

  /** Before the guest's first instruction. */
  entry(): void {
    this.#stop({ reason: "entry", text: "before the guest's first instruction" }, this.#contextNow());
  }

  #vqFault(vq: VirtioVqInfo, fault: VqFault): void {
    if (!this.#checks.set.exceptions.has("malformedChain") || this.#gate.stopped) return;
    this.#raise(chainFault(vq, fault), this.#target.chain.current);
  }

  /** Nobody is left who could end a vCPU's wait. */
  stuck(vcpu: AcrnVcpu): void {
    this.#raise(stuckFault(vcpu), vcpu.context);
  }

  guestEnded(end: GuestEnd): void {
    if (end.kind === "panic" || end.kind === "fault") this.#raise(panicFault(end), this.#contextNow());
  }

  #raise(fault: Fault | undefined, context: Context): void {
    if (fault === undefined || !this.#checks.wants(fault.id, context)) return;
    this.#stop({ reason: "exception", text: fault.description, fault }, context);
  }

  /** Outside of every exit the guest's CPU is what runs. */
  #contextNow(): Context {
    const { chain, cpus } = this.#target;
    return chain.current === chain.boot ? (cpus[0]?.running ?? chain.boot) : chain.current;
  }

  #stop({ reason, text, hit = [], fault, station }: Stop, context: Context): void {
    this.#goal = undefined;
    this.#stoppedIn = context;
    // Who looks at the guest's code sees it as it is.
    for (const { breaks } of this.#target.cpus) breaks.lift();
    const exception =
      fault === undefined ? undefined : { ...fault, guestCode: guestCode(causalStack(this.#target, context)) };
    this.#gate.stop(() =>
      this.#post({
        type: "stopped",
        reason,
        context: context.id,
        station: station ?? context.top()?.station.id,
        hitBreakpoints: hit,
        text,
        ...(exception === undefined ? {} : { exception }),
      }),
    );
  }
}
