import type { DebugRequestName, DebugRequests } from "../protocol/debug-requests.ts";

/** Who answers each request; one that lets the machine go on is answered before it does. */
export type Handlers = {
  readonly [K in DebugRequestName]: (
    body: DebugRequests[K]["request"],
    answer: (value: DebugRequests[K]["answer"]) => void,
  ) => void;
};
