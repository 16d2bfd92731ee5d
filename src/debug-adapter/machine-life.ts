import { Debuggee } from "../owner/debuggee.ts";
import type { MachineEnd } from "../owner/machine-thread.ts";
import { messageOf } from "../shared/message-of.ts";
import { isRecord } from "./check.ts";
import { type Launch, makeLaunch, planLaunch } from "./launch-arguments.ts";
import { listenerOf } from "./machine-listener.ts";
import { Cancelled, RequestError } from "./request-error.ts";
import type { SessionState } from "./session-state.ts";
import { tellStop } from "./stop-events.ts";

/** Exit status told of a guest that could not be started. */
export const GUEST_FAILED = 3;

/** What the attributes of a launch come down to. Throws RequestError. */
export function launchFrom({ surroundings, wire }: SessionState, args: unknown): Launch {
  const plan = planLaunch(args, surroundings.maker);
  if (isRecord(args) && args.defaults !== undefined) wire.event("acrn/defaults", { used: plan.command.used });
  return makeLaunch(plan, surroundings.maker);
}

/** Makes the machine, up to its first instruction. */
export async function start(session: SessionState, launch: Launch, signal?: AbortSignal): Promise<void> {
  // A client that goes from here on finds the machine in the session, and takes it along.
  if (session.closed || signal?.aborted) throw new Cancelled();
  session.launch = launch;
  session.progress.begin(launch.spec.tellsReady ? "ready" : "running", session.client.progress);
  session.become("starting");
  const machine = new Debuggee(launch.spec);
  session.machine = machine;
  try {
    await stands(machine, session, launch, signal);
  } catch (error) {
    session.machine = undefined;
    session.progress.end();
    await machine.thread.shutdown();
    throw error;
  }
  session.onEnded = (end) => ended(session, end);
  if (launch.options.record) await session.record(true);
}

/** Resolves when the machine stands before the guest's first instruction, or boots, without a debugger. */
function stands(
  machine: Debuggee,
  session: SessionState,
  launch: Launch,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new Cancelled()), { once: true });
    session.onEnded = (end) => {
      const { text } = session.surroundings.describeEnd(end);
      reject(new RequestError(text, { showUser: true }));
    };
    const listener = listenerOf(session);
    machine.attach({
      ...listener,
      debug: (event) => {
        listener.debug(event);
        if (event.type === "stopped") resolve();
      },
      progress: (step) => {
        listener.progress(step);
        if (launch.options.noDebug && step === "booting") resolve();
      },
      ended: (end) => session.onEnded(end),
    });
    if (machine.end !== undefined) session.onEnded(machine.end);
  });
}

/** The client is ready: the guest may run. */
export async function go(session: SessionState): Promise<void> {
  const { machine, options, launch, ownsConsole } = session;
  if (machine === undefined || session.closed) return;
  session.phase = "live";
  if (ownsConsole) await session.console.connect(session.consoleWay);
  // The client may have gone meanwhile, or asked for another machine.
  if (session.closed || session.machine !== machine) return;
  if (machine.end !== undefined) return ended(session, machine.end);
  const stop = machine.stop;
  if (stop === undefined) return session.goesOn();
  if (options?.stopOnEntry || launch === undefined || stop.reason !== "entry") tellStop(session, stop);
  else {
    session.order.expectContinued();
    await session.ask("continue", undefined).catch((error) => session.output("stderr", `${messageOf(error)}\n`));
  }
}

/** The machine has ended by itself. */
export function ended(session: SessionState, end: MachineEnd): void {
  if (session.phase === "launching") return;
  if (end.kind === "reboot" && session.launch !== undefined) {
    session.output("console", "The guest reboots.\n");
    const failed = (error: unknown) => {
      if (session.closed) return;
      session.output("stderr", `${messageOf(error)}\n`);
      return finish(session, GUEST_FAILED);
    };
    again(session, session.launch)
      .then(() => go(session))
      .catch(failed);
    return;
  }
  const { status, text } = session.surroundings.describeEnd(end);
  session.output(status === 0 ? "console" : "stderr", `${text}\n`);
  void finish(session, status, { restart: end.kind === "reboot" });
}

/** A new machine in the same session, with the same things armed. */
export async function again(session: SessionState, launch: Launch): Promise<void> {
  const old = session.machine;
  session.onEnded = () => {};
  session.phase = "launching";
  session.machine = undefined;
  session.records = false;
  session.progress.end();
  session.frameContexts.clear();
  // Who asked for it by something else than the client's own button still sees the old machine's stop.
  if (old?.stop !== undefined) session.wire.event("continued", { threadId: 1, allThreadsContinued: true });
  await old?.thread.shutdown();
  session.breakpoints.forgetMachine();
  await start(session, launch);
  await session.breakpoints.arm(session);
}

/** The machine is gone: tells the client, once. */
export async function finish(
  session: SessionState,
  status: number,
  options: { readonly restart?: boolean } = {},
): Promise<void> {
  if (session.phase === "ended") return;
  session.phase = "ended";
  session.progress.end();
  await session.console.close();
  session.wire.event("exited", { exitCode: status });
  session.wire.event("terminated", options.restart ? { restart: true } : undefined);
  session.become("ended");
}
