import type { Debuggee } from "../owner/debuggee.ts";
import { boolean, integer, isRecord, object, optional, string } from "./check.ts";
import { again, finish, GUEST_FAILED, go, launchFrom } from "./machine-life.ts";
import { RequestError } from "./request-error.ts";
import type { Handlers } from "./requests.ts";
import type { SessionState } from "./session-state.ts";

/** How sessions and machines end. */
export const ending = {
  /**
   * Asks the guest to power off. One that is not up yet, or does not in time, is switched off: the machine stops after what
   * it is doing, lets go of its backends, and its last output is delivered. The second time the machine ends at once.
   */
  async terminate(_args, { session, afterwards }) {
    const { machine } = session;
    if (machine === undefined) return undefined;
    const isSecond = session.terminating === machine;
    session.terminating = machine;
    session.onEnded = () => {};
    afterwards(async () => {
      const end = await (isSecond ? machine.thread.kill() : machine.powerOff());
      if (end?.kind === "power-off") session.output("console", `${session.surroundings.describeEnd(end).text}\n`);
      if (session.machine === machine) await finish(session, 0);
    });
    return undefined;
  },

  async disconnect(args, { session, signal, afterwards }) {
    const { terminateDebuggee } = object({ terminateDebuggee: optional(boolean) })(args, "disconnect");
    const { machine, launch } = session;
    const terminates = terminateDebuggee ?? launch !== undefined;
    const { refusesKeeping } = session.surroundings.machine;
    // Clients say so of a machine that has ended by itself, too: there is nothing to keep then.
    const lives = machine !== undefined && machine.end === undefined;
    if (!terminates && launch !== undefined && lives && refusesKeeping !== undefined) {
      throw new RequestError(`disconnect: ${refusesKeeping}`, { showUser: true });
    }
    // What still waits, for kicks or for the guest to take input, is left to nobody.
    session.wire.cancelOthers(signal);
    session.progress.end();
    session.onEnded = () => {};
    if (lives) {
      if (terminates) await machine.thread.shutdown();
      else await keep(session, machine);
    }
    session.machine = undefined;
    session.phase = "ended";
    await session.close();
    afterwards(() => session.onDisconnected());
    return undefined;
  },

  async restart(args, call) {
    const { session } = call;
    const given = isRecord(args) ? args.arguments : undefined;
    const before = session.launch;
    if (session.phase === "initialized" || session.phase === "launching") {
      throw new RequestError("restart: the machine is not started yet; wait until it is");
    }
    if (before === undefined) {
      throw new RequestError("restart: this session is attached; restart the machine where it was started");
    }
    const launch = given === undefined ? before : launchFrom(session, given);
    session.options = launch.options;
    try {
      await again(session, launch);
    } catch (error) {
      // The old machine is gone, and there is no new one.
      call.afterwards(() => finish(session, GUEST_FAILED));
      throw error;
    }
    call.afterwards(() => go(session));
    return undefined;
  },

  cancel(args, { session }) {
    const { requestId, progressId } = object({ requestId: optional(integer(0)), progressId: optional(string) })(
      args,
      "cancel",
    );
    if (requestId !== undefined) session.wire.cancelRequest(requestId);
    if (progressId !== undefined && session.progress.is(progressId)) void cancelBoot(session);
    return undefined;
  },
} satisfies Handlers;

async function keep(session: SessionState, machine: Debuggee): Promise<void> {
  if (session.launch !== undefined) session.surroundings.machine.keep(machine);
  await session.leave(machine);
}

async function cancelBoot(session: SessionState): Promise<void> {
  const { machine } = session;
  session.onEnded = () => {};
  await machine?.thread.shutdown();
  session.output("console", "The boot was cancelled.\n");
  await finish(session, 0);
}
