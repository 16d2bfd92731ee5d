import type { ArmRequest, BreakpointRules, DataBreakpoint, ExceptionBreakpoint } from "../../model/protocol/debug.ts";
import type { Requests } from "../../model/protocol/machine.ts";
import { clipped } from "../../shared/clipped.ts";
import type { DebugOptions } from "../launch-arguments.ts";

/** One breakpoint as the client has set it, and what became of it. */
export interface ClientBreakpoint {
  readonly id: number;
  readonly rules: BreakpointRules;
  /** Stops at the entry of these; none when it is at no place. */
  readonly stations: readonly string[];
  /** The station whose line calls them. */
  readonly caller?: string | undefined;
  /** Functions of the guest's kernel that are no stations. */
  readonly guestFunctions?: readonly string[];
  /** Why it is at no place, or what there is to know of its place. */
  readonly message: string | undefined;
}

/** Why a breakpoint cannot be hit: `pending`, as things are now. */
export interface Problem {
  readonly message: string;
  readonly pending: boolean;
}

/** By the number of a breakpoint or the name of a filter. */
export type Problems = ReadonlyMap<number | string, Problem>;

type SourceBreakpoint = ClientBreakpoint & { readonly line: number };

/** What arming needs of a session. */
export interface ArmedSession {
  readonly options: DebugOptions | undefined;
  ask(name: "arm", body: Requests["arm"]["request"]): Promise<Requests["arm"]["answer"]>;
}

/** Everything a client has armed. It outlives the machine: a restarted one gets it again. */
export class BreakpointStore {
  /** By the path of the file; files without breakpoints are not in it. */
  readonly sources = new Map<string, readonly SourceBreakpoint[]>();
  functions: readonly ClientBreakpoint[] = [];
  data: readonly DataBreakpoint[] = [];
  exceptions: readonly ExceptionBreakpoint[] = [];
  /** Resolves when breakpoints that wait for the index of their tree have their places. */
  placing: Promise<void> = Promise.resolve();
  /** By group and key. */
  readonly #ids = new Map<string, ReadonlyMap<string, number>>();
  #nextId = 1;
  #arming: Promise<unknown> = Promise.resolve();

  /**
   * Numbers for all breakpoints of a group, by what each is: a client sets a group as a whole. One that was set before keeps
   * its number, and so its hits; those that are set no longer are forgotten.
   */
  idsOf(group: string, keys: readonly string[]): number[] {
    const before = this.#ids.get(group);
    const now = new Map<string, number>();
    const ids = keys.map((key) => {
      const id = now.get(key) ?? before?.get(key) ?? this.#nextId++;
      now.set(key, id);
      return id;
    });
    if (now.size > 0) this.#ids.set(group, now);
    else this.#ids.delete(group);
    return ids;
  }

  setSource(path: string, breakpoints: readonly SourceBreakpoint[]): void {
    if (breakpoints.length > 0) this.sources.set(path, breakpoints);
    else this.sources.delete(path);
  }

  /** The line a breakpoint is at. */
  lineOf(id: number): { readonly path: string; readonly line: number } | undefined {
    for (const [path, placed] of this.sources) {
      const found = placed.find((breakpoint) => breakpoint.id === id);
      if (found !== undefined) return { path, line: found.line };
    }
    return undefined;
  }

  /** At a line that calls the function which is entered when it is hit. */
  isCall(id: number): boolean {
    return [...this.sources.values()].flat().some((placed) => placed.id === id && placed.caller !== undefined);
  }

  isFunction(id: number): boolean {
    return this.functions.some((breakpoint) => breakpoint.id === id);
  }

  /** Arms the machine with all there is. Returns why single breakpoints could not be armed, by number. */
  arm(session: ArmedSession): Promise<Problems> {
    const arming = this.#arming.then(() => this.#arm(session));
    this.#arming = arming.catch(() => {});
    return arming;
  }

  async #arm(session: ArmedSession): Promise<Problems> {
    if (session.options?.noDebug) {
      return new Map([[EVERYTHING, { message: "The guest was started without debugging.", pending: false }]]);
    }
    const answer = await session.ask("arm", this.#request(session));
    return new Map<number | string, Problem>([
      ...answer.breakpoints.map(({ id, message, pending }) => [id, { message: clipped(message), pending }] as const),
      ...answer.exceptions.map(
        ({ filter, message }) => [filter, { message: clipped(message), pending: false }] as const,
      ),
    ]);
  }

  #request({ options }: ArmedSession): ArmRequest {
    const placed = [...[...this.sources.values()].flat(), ...this.functions].filter(
      ({ stations, guestFunctions }) => stations.length > 0 || guestFunctions !== undefined,
    );
    const stopOnKick = options?.stopOnKick;
    return {
      breakpoints: placed.map(({ id, stations, caller, guestFunctions, rules }) => ({
        id,
        stations,
        caller,
        guestFunctions,
        ...rules,
      })),
      dataBreakpoints: this.data,
      exceptions: this.exceptions,
      ...(stopOnKick === undefined ? {} : { stopOnKick }),
    };
  }

  /** What is bound to one machine's life. */
  forgetMachine(): void {
    this.data = [];
    this.idsOf("data", []);
  }
}

/** Key of a message that is true of every breakpoint. */
export const EVERYTHING = "*";
