import { arrayOf, boolean, integer, object, optional, string } from "./check.ts";
import type { StationPlace } from "./protocol.ts";
import type { Handlers } from "./requests.ts";
import type { SourceFinder } from "./source-finder.ts";

const traceArguments = object({
  slot: optional(integer(0, 31)),
  queue: optional(integer(0, 65535)),
  kicks: optional(integer(1, 1000)),
});

const hopsArguments = object({ outputOffset: optional(integer(0)) });
const virtqueueArguments = object({ slot: integer(0, 31), queue: integer(0, 65535) });
const sourceArguments = object({ stations: arrayOf(string, 1000) });

/** The requests of protocol.ts that show the machine as a whole. */
export const views = {
  "acrn/overview": (_args, { session }) => session.ask("overview", undefined),

  "acrn/virtqueue": (args, { session }) => session.ask("virtqueue", virtqueueArguments(args, "acrn/virtqueue")),

  "acrn/sourceOf"(args, { session }) {
    const { stations } = sourceArguments(args, "acrn/sourceOf");
    const finder = session.sources as SourceFinder;
    return {
      places: stations.map((id): StationPlace => {
        const { about, roles } = finder.stations.get(id) ?? {};
        return {
          station: id,
          ...(about === undefined ? {} : { about }),
          ...(roles === undefined ? {} : { roles }),
          ...finder.placeOf(id),
        };
      }),
    };
  },

  "acrn/hops": (args, { session }) => session.ask("kickHops", hopsArguments(args, "acrn/hops")),

  async "acrn/record"(args, { session }) {
    const { on } = object({ on: boolean })(args, "acrn/record");
    await session.record(on);
    return undefined;
  },

  "acrn/recorded"(args, { session }) {
    const { since } = object({ since: optional(integer(0)) })(args, "acrn/recorded");
    return session.ask("hops", since ?? 0);
  },

  "acrn/stationCounts"(args, { session }) {
    const { since } = object({ since: optional(integer(0)) })(args, "acrn/stationCounts");
    return session.ask("stationCounts", since ?? 0);
  },

  async "acrn/trace"(args, { session, signal }) {
    const { slot, queue, kicks } = traceArguments(args, "acrn/trace");
    return { kicks: await session.ask("trace", { slot, queue, kicks: kicks ?? 1 }, signal) };
  },
} satisfies Handlers;
