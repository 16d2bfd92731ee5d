import * as vscode from "vscode";
import { log } from "../log.ts";
import type { MachineSession, Sessions } from "../sessions.ts";

/**
 * Looks at the active machine when its state changes, and every `acrn.views.refreshSeconds` while it runs. Only while
 * somebody can see what comes of it, and never two looks at a time.
 */
export class Refresher implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #isVisible: () => boolean;
  readonly #look: (session: MachineSession | undefined) => Promise<void>;
  readonly #subscription: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #again = false;

  constructor(
    sessions: Sessions,
    isVisible: () => boolean,
    look: (session: MachineSession | undefined) => Promise<void>,
  ) {
    this.#sessions = sessions;
    this.#isVisible = isVisible;
    this.#look = look;
    this.#subscription = sessions.onDidChange(() => this.refresh());
  }

  /** Looks now, or as soon as the look under way is over. */
  refresh(): void {
    if (this.#looking) this.#again = true;
    else if (this.#isVisible()) void this.#run();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = true;
    do {
      this.#again = false;
      try {
        await this.#look(this.#sessions.active);
      } catch (error) {
        // The machine is still being made, or went away meanwhile: the next change of its state tells.
        log().debug(String(error));
      }
    } while (this.#again && this.#isVisible());
    this.#looking = false;
    const state = this.#sessions.active?.state;
    if (this.#isVisible() && (state === "running" || state === "starting")) {
      this.#timer = setTimeout(() => this.refresh(), refreshSeconds() * 1000);
    }
  }
}

/** The setting, which may hold anything. */
export function refreshSeconds(): number {
  const given: unknown = vscode.workspace.getConfiguration("acrn").get("views.refreshSeconds");
  return typeof given === "number" && given >= 0.5 && given <= 60 ? given : 2;
}
