import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import { contextKinds } from "../chain/context-kinds.ts";
import type { Machine } from "../machine.ts";
import type { ContextRecord, StationCounts } from "../protocol/machine.ts";

/** What a machine's owner is told of its chain, as plain data. */

export function stationCounts({ recorder, recording }: Chain, since: number): StationCounts {
  const counts = [...recorder.countsSince(since)].map(([{ id }, count]) => [id, count] as const);
  const { first, next } = recorder;
  return { recording, next, missed: Math.max(0, first - since), counts: Object.fromEntries(counts) };
}

export function contextRecords({ board, engine }: Machine, stopped: boolean): ContextRecord[] {
  // Of a CPU's contexts in the guest there is the one it runs in.
  const isSuspended = ({ kind, name }: Context): boolean =>
    kind.startsWith("guest.") && engine.debug.some(({ running }) => running.name === name && running.kind !== kind);
  const contexts = board.chain.contexts.filter((context) => !isSuspended(context));
  return contexts.map((context) => {
    const task = stopped ? engine.debug.find((cpu) => cpu.running === context)?.task : undefined;
    return {
      id: context.id,
      layer: contextKinds[context.kind].layer,
      name: context.name,
      kind: context.kind,
      state: context.state,
      waitingFor: context.waitingFor,
      frames: context.frames().map((frame) => frame.station.id),
      ...(task === undefined ? {} : { task: `${task.name}, pid ${task.pid}` }),
    };
  });
}
