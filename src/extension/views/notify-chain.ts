import * as vscode from "vscode";
import type { ChainUpdate, FromChain } from "../../webview/messages.ts";
import { reporting } from "../commands.ts";
import type { MachineSession, Sessions } from "../sessions.ts";
import { boot } from "./boot.ts";
import { checkFromChain } from "./check-message.ts";
import { Recordings } from "./recordings.ts";
import { Refresher } from "./refresher.ts";
import { openSource } from "./source.ts";
import { chainStrings } from "./strings.ts";
import { type Place, ProgramHost } from "./webview.ts";

/** The Notify Chain view and its command. */
export function registerNotifyChain(context: vscode.ExtensionContext, sessions: Sessions): void {
  const chain = new NotifyChain(context, sessions);
  context.subscriptions.push(
    chain,
    vscode.commands.registerCommand("acrn.showNotifyChain", (what?: unknown) => chain.show(what)),
  );
}

class NotifyChain implements vscode.Disposable {
  readonly host: ProgramHost;
  readonly #sessions: Sessions;
  readonly #refresher: Refresher;
  /** A kick that is shown until the machine's state changes, instead of the newest: the one that wrote this output. */
  #chosenKick: { readonly session: MachineSession; readonly state: string; readonly outputOffset: number } | undefined;
  /** What functions do, as far as it has been asked. */
  readonly #about = new Map<string, string | undefined>();
  readonly #recordings = new Recordings();

  constructor(context: vscode.ExtensionContext, sessions: Sessions) {
    this.#sessions = sessions;
    this.host = new ProgramHost(context, {
      id: "acrn.notifyChain",
      name: "notify-chain",
      title: vscode.l10n.t("Notify Chain"),
      strings: chainStrings(vscode.l10n.t),
      received: (raw, place) => this.#received(raw, place),
      visibilityChanged: () => this.#visibilityChanged(),
    });
    this.#refresher = new Refresher(
      sessions,
      () => this.host.visible,
      async (session) => this.host.post(await this.#look(session)),
    );
  }

  dispose(): void {
    this.#refresher.dispose();
    this.host.dispose();
  }

  /** `what`: `{ outputOffset }` for the kick that wrote that byte of the active machine's console; else the newest kick. */
  async show(what: unknown): Promise<void> {
    const outputOffset = (what as { readonly outputOffset?: unknown } | undefined)?.outputOffset;
    const session = this.#sessions.active;
    const chosen = session !== undefined && typeof outputOffset === "number";
    this.#chosenKick = chosen ? { session, state: session.state, outputOffset } : undefined;
    await this.host.open();
    this.#refresher.refresh();
  }

  #wanted(session: MachineSession): { readonly outputOffset?: number } {
    const chosen = this.#chosenKick;
    if (chosen?.session === session && chosen.state === session.state) return { outputOffset: chosen.outputOffset };
    this.#chosenKick = undefined;
    return {};
  }

  async #look(session: MachineSession | undefined): Promise<ChainUpdate> {
    this.#recordings.endAllBut(session);
    if (session === undefined || session.state === "ended")
      return { type: "update", machine: session?.state ?? "none" };
    // A machine that is still being made answers nothing.
    const overview = await session.request("acrn/overview", {}).catch(() => undefined);
    if (overview === undefined) return { type: "update", machine: "starting" };
    let kick = await session.request("acrn/hops", this.#wanted(session));
    const shouldRecord = this.host.visible && recordsByItself();
    if (!kick.recording && shouldRecord && (await this.#recordings.begin(session))) kick = { ...kick, recording: true };
    const about = await this.#aboutOf(session, new Set(kick.hops.map(({ station }) => station)));
    return { type: "update", machine: session.state, kick, overview, about };
  }

  async #aboutOf(session: MachineSession, stations: ReadonlySet<string>): Promise<{ [station: string]: string }> {
    const unknown = [...stations].filter((station) => !this.#about.has(station));
    if (unknown.length > 0) {
      const { places } = await session.request("acrn/sourceOf", { stations: unknown });
      for (const { station, about } of places) this.#about.set(station, about);
    }
    const about: { [station: string]: string } = {};
    for (const station of stations) {
      const text = this.#about.get(station);
      if (text !== undefined) about[station] = text;
    }
    return about;
  }

  #received(raw: unknown, place: Place): void {
    const message = checkFromChain(raw);
    if (message !== undefined) void reporting(() => this.#do(message, place));
  }

  async #do(message: FromChain, place: Place): Promise<void> {
    if (message.type === "ready") {
      this.#refresher.refresh();
      return;
    }
    if (message.type === "boot") return boot(message);
    const session = this.#sessions.active;
    if (session === undefined) return;
    if (message.type === "openSource") {
      await openSource(session, message.station, place.column);
    } else if (message.type === "record") {
      await this.#recordings.switchByHand(session, message.on);
      this.#refresher.refresh();
    } else {
      await vscode.commands.executeCommand("acrn.showVirtqueue", { slot: message.slot, queue: message.queue });
    }
  }

  #visibilityChanged(): void {
    this.#refresher.refresh();
    if (!this.host.visible) this.#recordings.endAllBut(undefined);
  }
}

const recordsByItself = (): boolean => vscode.workspace.getConfiguration("acrn").get("views.record") === true;
