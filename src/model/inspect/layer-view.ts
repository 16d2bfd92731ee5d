import type { Node } from "./node.ts";

/** What a layer shows of itself. `S`: what its structures are about, as the reader of the list has it. */
export interface LayerView<S = object> {
  /** What an expression may begin with. */
  readonly roots: { readonly [name: string]: () => Node | undefined };
  /** A structure of the layer, as an argument of a station is one; undefined when it is none. `name` in place of its own. */
  describe(value: unknown, name?: string): Node | undefined;
  /** What a structure of the layer is or belongs to. */
  subjectOf?(value: unknown): Partial<S> | undefined;
}
