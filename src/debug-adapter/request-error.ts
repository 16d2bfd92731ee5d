/** A request that is answered with an error. The message says what was given, what was expected and what to do. */
export class RequestError extends Error {
  /** Whether the client should put it before the user; without, it goes where the request came from. */
  readonly showUser: boolean;

  constructor(message: string, options: { readonly showUser?: boolean } = {}) {
    super(message);
    this.showUser = options.showUser ?? false;
  }
}

/** The client has cancelled the request; `cancelled` is the protocol's word for it. */
export class Cancelled extends RequestError {
  constructor() {
    super("cancelled");
  }
}
