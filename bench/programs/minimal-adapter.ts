import { DebugSession, InitializedEvent, Scope, StackFrame, StoppedEvent, Thread } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";

/** Frames and variables it answers with; a kick's stack has about as many. */
const FRAMES = 20;
const VARIABLES = 5;

/** An adapter on the same library that only answers: the least that any adapter needs. */
class MinimalAdapter extends DebugSession {
  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    this.sendResponse(response);
    this.sendEvent(new InitializedEvent());
  }

  protected override launchRequest(response: DebugProtocol.LaunchResponse): void {
    this.sendResponse(response);
  }

  protected override setFunctionBreakPointsRequest(response: DebugProtocol.SetFunctionBreakpointsResponse): void {
    response.body = { breakpoints: [{ verified: true }] };
    this.sendResponse(response);
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.#stop(response);
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    this.#stop(response);
  }

  protected override nextRequest(response: DebugProtocol.NextResponse): void {
    this.#stop(response);
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    response.body = { threads: [new Thread(1, "thread")] };
    this.sendResponse(response);
  }

  protected override stackTraceRequest(response: DebugProtocol.StackTraceResponse): void {
    const stackFrames = Array.from({ length: FRAMES }, (_, i) => new StackFrame(i + 1, `function_${i}`));
    response.body = { stackFrames, totalFrames: FRAMES };
    this.sendResponse(response);
  }

  protected override scopesRequest(response: DebugProtocol.ScopesResponse): void {
    response.body = { scopes: [new Scope("Locals", 1)] };
    this.sendResponse(response);
  }

  protected override variablesRequest(response: DebugProtocol.VariablesResponse): void {
    const variables = Array.from({ length: VARIABLES }, (_, i) => ({
      name: `v${i}`,
      value: String(i),
      variablesReference: 0,
    }));
    response.body = { variables };
    this.sendResponse(response);
  }

  #stop(response: DebugProtocol.Response): void {
    this.sendResponse(response);
    this.sendEvent(new StoppedEvent("step", 1));
  }
}

DebugSession.run(MinimalAdapter);
