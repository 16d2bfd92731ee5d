import type { Cause, Context, Frame } from "../chain/context.ts";
import { contextKinds } from "../chain/context-kinds.ts";
import type { GuestFrame, GuestStack, GuestTask } from "../doors/guest-debug.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import type { FrameRecord, FunctionFrame, HandOverFrame } from "../protocol/debug.ts";
import { cpuOf, type DebugTarget, subjectIn } from "./target.ts";

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

export type FunctionRecord = WithoutId<FunctionFrame>;

/** A frame of the causal stack, as the debugger keeps it while the machine stands still. */
export interface StackFrame {
  readonly record: WithoutId<FrameRecord>;
  /** Undefined for hand-overs and guest functions. */
  readonly frame: Frame | undefined;
}

/** Hand-overs that are followed; the real chain has about ten. */
const MAX_HAND_OVERS = 48;

/** The stack of a context, then of whoever handed over to it, and so on down to the guest. Innermost first. */
export function causalStack(target: DebugTarget, context: Context): StackFrame[] {
  const isGuest = context.kind.startsWith("guest.");
  if (isGuest && context.kind !== "guest.irq") return guestStack(target, context);
  const stack = isGuest ? guestStack(target, context) : framesOf(context, context.frames(), false);
  let cause = isUnderWay(context) ? context.cause : undefined;
  let inner = context;
  for (let i = 0; cause !== undefined && i < MAX_HAND_OVERS; i++) {
    const waker = cause.context;
    if (waker === undefined) break;
    const fromGuest = waker.kind.startsWith("guest.");
    const isLatest = fromGuest && isLatestExit(target, cause);
    stack.push(handOver(target, cause, waker, inner, isLatest ? cpuOf(target, waker)?.task : undefined));
    if (!fromGuest) stack.push(...framesOf(waker, cause.frames(), true));
    else if (isLatest) stack.push(...guestStack(target, waker));
    else stack.push(...historicGuest(target, waker, cause));
    inner = waker;
    cause = cause.parent;
  }
  return stack;
}

/** The frames of a context and of those that caused it, the nearest first; without labels and the guest's. */
export function framesBehind(context: Context): Frame[] {
  const frames = context.frames().reverse();
  let cause = isUnderWay(context) ? context.cause : undefined;
  for (let i = 0; cause !== undefined && i < MAX_HAND_OVERS; i++) {
    frames.push(...cause.frames().reverse());
    cause = cause.parent;
  }
  return frames;
}

/** A thread that sleeps was caused by nobody; a vCPU is driven from outside and in an exit while it has frames. */
function isUnderWay(context: Context): boolean {
  if (context.kind === "hv.uvcpu" || context.kind === "hv.svcpu") return context.depth > 1;
  return context.state === "running" || context.state === "runnable";
}

/** The vCPU in whose exit a context does what it does: its own, or the one that led to it, as long as that is under way. */
export function exitBehind({ hypervisor: { userVm }, cpus }: DebugTarget, context: Context): AcrnVcpu | undefined {
  const inExit = userVm.vcpus.filter((vcpu) => vcpu.context.depth > 1);
  const own = inExit.find((vcpu) => vcpu.context === context);
  if (own !== undefined || inExit.length === 0) return own;
  const guestCpu = cpus.findIndex((cpu) => cpu.context === context);
  if (guestCpu >= 0) return inExit.find(({ vcpuId }) => vcpuId === guestCpu);
  let cause = isUnderWay(context) ? context.cause : undefined;
  for (let i = 0; cause !== undefined && i < MAX_HAND_OVERS; i++) {
    const { serial } = cause;
    const found = inExit.find((vcpu) => vcpu.context.calledAt === serial);
    if (found !== undefined) return found;
    cause = cause.parent;
  }
  return undefined;
}

/** The guest's registers are still those of this exit. */
function isLatestExit({ hypervisor }: DebugTarget, cause: Cause): boolean {
  return hypervisor.userVm.vcpus.some(({ context }) => context.depth > 1 && context.calledAt === cause.serial);
}

const layerOf = (context: Context) => contextKinds[context.kind].layer;

function framesOf(context: Context, frames: readonly Frame[], historic: boolean): StackFrame[] {
  return frames
    .map(
      (frame, i): StackFrame => ({
        frame,
        record: {
          kind: "function",
          name: frame.station.id,
          station: frame.station.id,
          layer: frame.station.layer,
          context: context.id,
          contextName: context.name,
          callee: frames[i + 1]?.station.id,
          historic,
        },
      }),
    )
    .reverse();
}

/** How `waker` has made `inner` go on. */
function handOver(
  { layers }: DebugTarget,
  cause: Cause,
  waker: Context,
  inner: Context,
  task: GuestTask | undefined,
): StackFrame {
  const frames = cause.frames();
  const eventfdOf = (args: readonly unknown[]): number | undefined =>
    args.map((arg) => subjectIn(layers, arg, "eventfd")).find((fd) => fd !== undefined);
  const eventfds = cause.how === "eventfd" ? frames.map(({ args }) => eventfdOf(args)) : [];
  const record: WithoutId<HandOverFrame> = {
    kind: "handOver",
    layer: layerOf(waker),
    context: waker.id,
    contextName: waker.name,
    how: cause.how,
    by: frames.at(-1)?.station.id,
    eventfd: eventfds.findLast((fd) => fd !== undefined),
    what: inner.kind === "dm.vcpu" || inner.kind === "svm.kthread" ? "I/O request" : undefined,
    task: task === undefined ? undefined : { name: task.name, pid: task.pid },
  };
  return { frame: undefined, record };
}

/** The guest kernel's stack as its registers have it now. */
function guestStack(target: DebugTarget, context: Context): StackFrame[] {
  const cpu = cpuOf(target, context);
  // The registers are those of an interrupt while the guest is in one.
  if (cpu === undefined || cpu.running !== context) return [];
  return guestFrames(target, cpu.frames, cpu.frames.read(), context, false);
}

/** The guest's frames as they were recorded with the exit. */
function historicGuest(target: DebugTarget, context: Context, cause: Cause): StackFrame[] {
  const cpu = cpuOf(target, context);
  if (cpu === undefined) return framesOf(context, cause.frames(), true);
  const frames = cause.frames().map(({ station, args }): GuestFrame => ({ station, address: Number(args[0]) }));
  return guestFrames(target, cpu.frames, frames, context, true);
}

function guestFrames(
  { chain }: DebugTarget,
  from: GuestStack,
  frames: readonly GuestFrame[],
  context: Context,
  historic: boolean,
): StackFrame[] {
  return frames
    .map((frame, i): StackFrame => {
      const location = from.locationOf(frame, i === frames.length - 1);
      const { station, address } = frame;
      return {
        frame: undefined,
        record: {
          kind: "function",
          name: station.id,
          station: chain.stations.ofGuest(station.id)?.id,
          layer: "guest",
          context: context.id,
          contextName: context.name,
          callee: frames[i + 1]?.station.id,
          historic,
          guest: { ...location, address, memoryReference: `linear:0x${address.toString(16)}` },
        },
      };
    })
    .reverse();
}

/** "vp_notify+0x12 [virtio_pci]" */
export function guestCode(stack: readonly StackFrame[]): string[] {
  return stack.flatMap(({ record }) => {
    if (record.kind !== "function" || record.guest === undefined) return [];
    const { offset, module, address } = record.guest;
    const at = offset === undefined ? ` (0x${address.toString(16)})` : `+0x${offset.toString(16)}`;
    return [`${record.name}${at}${module === undefined ? "" : ` [${module}]`}`];
  });
}
