import type { Debuggee } from "../owner/debuggee.ts";
import type { MachineEnd } from "../owner/machine-thread.ts";
import type { MachineMaker } from "./launch-options.ts";
import type { SharedModelSources } from "./source-finder.ts";

/** What a session is given by the server it runs in. */
export interface Surroundings {
  readonly maker: MachineMaker;
  /** Exit status and a sentence for the end of a machine. */
  readonly describeEnd: (end: MachineEnd) => { readonly status: number; readonly text: string };
  /** The command that starts this program, for its console client. */
  readonly program: readonly string[];
  /** Where indexes of source trees are kept. */
  readonly cacheFolder: string | undefined;
  /** The model's own sources, read once for all sessions. */
  readonly modelSources: SharedModelSources;
  /** Resolves when the client has taken what was sent. */
  readonly drained: () => Promise<void>;
  /** The server's own machine, which sessions attach to. */
  readonly machine: MachineHolder;
}

/** The machine that outlives sessions, if the server can have one. */
export interface MachineHolder {
  /** Why no machine can be launched here, undefined when one can. */
  readonly refusesLaunch: string | undefined;
  /** Why a machine cannot be left behind, undefined when it can. */
  readonly refusesKeeping: string | undefined;
  get(): Debuggee | undefined;
  keep(machine: Debuggee): void;
  /** Its console belongs to no terminal of its own: whoever attaches may show it. */
  readonly consoleIsFree: boolean;
}

/** Messages to the client. */
export interface Wire {
  readonly event: (event: string, body?: object) => void;
  readonly request: (command: string, args: object) => Promise<unknown>;
  readonly cancelRequest: (id: number) => void;
  /** Cancels every request that has no answer yet, but for the one with this signal. */
  readonly cancelOthers: (own: AbortSignal) => void;
}

export type OutputCategory = "console" | "stdout" | "stderr" | "important";

/** Text for the client's debug console. */
export type Output = (category: OutputCategory, text: string) => void;
