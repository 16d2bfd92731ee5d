/** A request of a table: its types, and when it is answered. */
export interface RequestSpec<Request, Answer> {
  /** stopped: only while the machine stands still. */
  readonly answered: "always" | "stopped";
  /** Never there: carries the types. */
  readonly types?: { readonly request: Request; readonly answer: Answer };
}

export const always = <Request, Answer>(): RequestSpec<Request, Answer> => ({ answered: "always" });
export const stopped = <Request, Answer>(): RequestSpec<Request, Answer> => ({ answered: "stopped" });

/** What the requests of a table take and give. */
export type TypesOf<Table> = {
  readonly [K in keyof Table]: Table[K] extends RequestSpec<infer Request, infer Answer>
    ? { readonly request: Request; readonly answer: Answer }
    : never;
};
