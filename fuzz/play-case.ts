import { countedLog } from "../src/model/thread/counted-log.ts";
import type { Case, Step } from "./case.ts";
import { FuzzMachine } from "./fuzz-machine.ts";

/** What came of a case. */
export interface Outcome {
  readonly operations: number;
  /** VM exits of all kinds. */
  readonly exits: number;
  /** Of the log, as people see it: what is repeated is counted. */
  readonly messages: number;
  /** What the machine threw, with where; undefined when it held. */
  readonly failure: string | undefined;
}

/** Plays a case to its end, and ends the machine as its owner would. */
export async function playCase(which: Case): Promise<Outcome> {
  let messages = 0;
  let operations = 0;
  let machine: FuzzMachine | undefined;
  let failure: string | undefined;
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failure ??= (error instanceof Error && error.stack) || String(error);
    }
  };
  await attempt(async () => {
    const log = countedLog(() => messages++);
    const made = new FuzzMachine(which, (message) => log(1, "machine", message));
    machine = made;
    const { guest, board } = made.board;
    for (let vcpu = 0; vcpu < which.machine.vcpus; vcpu++) {
      const steps = which.steps.filter((step) => step.vcpu === vcpu);
      guest.script(vcpu, function* (cpu) {
        for (const { operation } of steps) {
          if (board.devices.length === 0 || board.deviceModel?.vmctx.vcpuEnded) return;
          operations++;
          yield* made.perform(cpu, operation);
        }
      });
    }
    await guest.run();
  });
  await attempt(() => machine?.board.board.end(false));
  const counts: { readonly [kind: string]: number } = machine?.board.board.exits.counts ?? {};
  const exits = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { operations, exits, messages, failure };
}

/** The shortest list of steps found that still fails: larger, then ever smaller pieces are left out. */
export async function shrink(which: Case, fails: (candidate: Case) => Promise<boolean>, tries = 2000): Promise<Case> {
  let steps: readonly Step[] = which.steps;
  let left = tries;
  for (let piece = steps.length >> 1; piece >= 1 && left > 0; piece >>= 1) {
    for (let from = 0; from < steps.length && left > 0; left--) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + piece)];
      if (await fails({ ...which, steps: fewer })) steps = fewer;
      else from += piece;
    }
  }
  return { ...which, steps };
}
