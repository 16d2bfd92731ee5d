import * as vscode from "vscode";
import type { MachineSession, Sessions } from "../sessions.ts";
import { refreshSeconds } from "../views/refresher.ts";

/** How often functions were entered while hops were recorded, which says nothing of the time when none were. */
export class StationCounts implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #wanted: () => boolean;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  readonly #counts = new Map<string, number>();
  #of: MachineSession | undefined;
  #next = 0;
  #missed = false;
  #asking = false;
  #timer: NodeJS.Timeout | undefined;

  /** Fires when a count has changed. */
  readonly onDidChange = this.#changed.event;

  /** `wanted`: whether a count would be shown. */
  constructor(sessions: Sessions, wanted: () => boolean) {
    this.#sessions = sessions;
    this.#wanted = wanted;
    this.#disposables = [this.#changed, sessions.onDidChange(() => this.look())];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** In words; undefined where nothing was counted. */
  textOf(station: string): string | undefined {
    const count = this.#counts.get(station);
    if (count === undefined) return undefined;
    if (count === 1 && !this.#missed) return vscode.l10n.t("entered once while recorded");
    const number = count.toLocaleString(vscode.env.language);
    // Recorded hops are overwritten by later ones; then there were more than were counted.
    return this.#missed
      ? vscode.l10n.t("entered more than {0} times while recorded", number)
      : vscode.l10n.t("entered {0} times while recorded", number);
  }

  /** Asks now, and again while the machine runs and somebody looks. */
  look(): void {
    clearTimeout(this.#timer);
    const { active } = this.#sessions;
    if (active !== this.#of) this.#forget(active);
    if (active === undefined || !this.#wanted()) return;
    void this.#ask(active).then(() => {
      if (active.state !== "running" || this.#sessions.active !== active) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.look(), refreshSeconds() * 1000);
    });
  }

  #forget(session: MachineSession | undefined): void {
    this.#of = session;
    this.#next = 0;
    this.#missed = false;
    if (this.#counts.size > 0) this.#changed.fire();
    this.#counts.clear();
  }

  async #ask(session: MachineSession): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { next, missed, counts } = await session.request("acrn/stationCounts", { since: this.#next });
      if (this.#of !== session || next === this.#next) return;
      this.#next = next;
      this.#missed ||= missed > 0;
      for (const [id, count] of Object.entries(counts)) this.#counts.set(id, (this.#counts.get(id) ?? 0) + count);
      this.#changed.fire();
    } catch {
      // The machine is being made, or is going down.
    } finally {
      this.#asking = false;
    }
  }
}
