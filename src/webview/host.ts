import type { Strings } from "./messages.ts";

/** The editor's side of a webview. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** Sends and receives messages of the given kinds, and keeps what the view remembers while it is hidden. */
export class Host<ToHost extends { readonly type: string }, FromHost, Remembered extends object> {
  readonly #api = acquireVsCodeApi();
  readonly strings: Strings;
  #remembered: Remembered;

  constructor(defaults: Remembered, received: (message: FromHost) => void) {
    this.strings = JSON.parse(document.body.dataset.strings ?? "{}") as Strings;
    const saved = this.#api.getState();
    this.#remembered = { ...defaults, ...(typeof saved === "object" ? saved : undefined) };
    // Only the editor can post here: the page's policy allows no other frame, and its origin is its own.
    window.addEventListener("message", ({ data }) => received(data as FromHost));
  }

  post(message: ToHost): void {
    this.#api.postMessage(message);
  }

  get remembered(): Remembered {
    return this.#remembered;
  }

  remember(change: Partial<Remembered>): void {
    this.#remembered = { ...this.#remembered, ...change };
    this.#api.setState(this.#remembered);
  }
}
