import type { ArmAnswer, ArmRequest, ContextId, FrameId, StepInTarget, StepRequest } from "./debug.ts";
import type {
  CompletionRecord,
  CompletionsRequest,
  DataInfoAnswer,
  DataInfoRequest,
  EvaluateRequest,
  ReadMemoryAnswer,
  ReadMemoryRequest,
  ScopeRecord,
  SetVariableRequest,
  StackAnswer,
  StackRequest,
  ValueRecord,
  VariableRecord,
  VariablesRequest,
  WriteMemoryRequest,
} from "./looking.ts";
import type { KickHops, KickHopsRequest, Overview } from "./overview.ts";
import { always, stopped, type TypesOf } from "./request.ts";
import type { VirtqueueRecord, VirtqueueRequest } from "./virtqueue.ts";

export interface RunToKickRequest {
  /** Of that queue, of that slot's device; of any without. */
  readonly queue?: number | undefined;
  readonly slot?: number | undefined;
  /** Whoever asks has seen no stop; one that has come meanwhile stays. */
  readonly running?: boolean;
}

/** What the debugger is asked. Requests that let a stopped machine go on are answered at once, followed by `continued`. */
export const debugRequests = {
  arm: always<ArmRequest, ArmAnswer>(),

  continue: stopped<undefined, undefined>(),
  step: stopped<StepRequest, undefined>(),
  /** To the next kick. */
  runToKick: always<RunToKickRequest, undefined>(),
  /** Stops as soon as possible, also inside the guest. Does nothing when stopped. */
  pause: always<undefined, undefined>(),

  stepInTargets: stopped<ContextId, readonly StepInTarget[]>(),
  stack: stopped<StackRequest, StackAnswer>(),
  scopes: stopped<FrameId, readonly ScopeRecord[]>(),
  variables: stopped<VariablesRequest, readonly VariableRecord[]>(),
  setVariable: stopped<SetVariableRequest, ValueRecord>(),
  evaluate: stopped<EvaluateRequest, ValueRecord>(),
  completions: stopped<CompletionsRequest, readonly CompletionRecord[]>(),
  dataInfo: stopped<DataInfoRequest, DataInfoAnswer>(),
  readMemory: stopped<ReadMemoryRequest, ReadMemoryAnswer>(),
  /** All bytes or none; answers how many. */
  writeMemory: stopped<WriteMemoryRequest, number>(),

  overview: always<undefined, Overview>(),
  virtqueue: always<VirtqueueRequest, VirtqueueRecord>(),
  kickHops: always<KickHopsRequest, KickHops>(),
};

export type DebugRequests = TypesOf<typeof debugRequests>;
export type DebugRequestName = keyof DebugRequests;

export const isDebugRequest = (name: string): name is DebugRequestName => Object.hasOwn(debugRequests, name);
