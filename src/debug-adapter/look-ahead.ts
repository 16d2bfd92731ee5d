import type { FrameId, Look, ScopeRecord, VariableRecord, VariablesReference } from "../model/protocol/debug.ts";

/** What a client will ask next of the frame it is shown first. It comes with the stack: each question costs a way to the machine's thread. */
export class LookAhead {
  #look: Look | undefined;
  #voided = 0;

  /** A value is set, or the machine goes on. */
  void(): void {
    this.#look = undefined;
    this.#voided++;
  }

  /** Takes what is asked for now, unless it is void by the time it comes. */
  expect(): (look: Look | undefined) => void {
    const voided = this.#voided;
    return (look) => {
      if (look !== undefined && voided === this.#voided) this.#look = look;
    };
  }

  scopes(frame: FrameId): readonly ScopeRecord[] | undefined {
    return this.#look?.frame === frame ? this.#look.scopes : undefined;
  }

  /** All variables of a scope, in their usual format. */
  variables(reference: VariablesReference): readonly VariableRecord[] | undefined {
    const locals = this.#look?.scopes.find(({ kind }) => kind === "locals");
    return locals?.reference === reference ? this.#look?.locals : undefined;
  }
}
