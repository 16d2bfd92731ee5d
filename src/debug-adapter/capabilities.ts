import type { DebugProtocol } from "@vscode/debugprotocol";
import { exceptionBreakpointFilters } from "./breakpoints/exception.ts";

/** What works; everything else is left out. */
export const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  exceptionBreakpointFilters,
  supportsExceptionFilterOptions: true,
  supportsExceptionInfoRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsStepInTargetsRequest: true,
  supportsEvaluateForHovers: true,
  supportsClipboardContext: true,
  supportsSetVariable: true,
  supportsValueFormattingOptions: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ["."],
  supportsModulesRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,
  supportsCancelRequest: true,
};
