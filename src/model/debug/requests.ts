import type { DebugRequests } from "../protocol/debug.ts";

export type DebugRequestName = keyof DebugRequests;

/** When a request is answered. */
const REQUESTS: { readonly [K in DebugRequestName]: "always" | "stopped" } = {
  arm: "always",
  continue: "stopped",
  step: "stopped",
  runToKick: "always",
  pause: "always",
  stepInTargets: "stopped",
  stack: "stopped",
  scopes: "stopped",
  variables: "stopped",
  setVariable: "stopped",
  evaluate: "stopped",
  completions: "stopped",
  dataInfo: "stopped",
  readMemory: "stopped",
  writeMemory: "stopped",
  overview: "always",
  virtqueue: "always",
  kickHops: "always",
};

export const isDebugRequest = (name: string): name is DebugRequestName => Object.hasOwn(REQUESTS, name);

export const needsStop = (name: DebugRequestName): boolean => REQUESTS[name] === "stopped";
