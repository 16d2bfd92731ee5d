import * as vscode from "vscode";
import type { AcrnRequests } from "../../debug-adapter/protocol.ts";
import type { ChainUpdate, FromChain, StationFacts } from "../../webview/messages.ts";
import { reporting } from "../commands.ts";
import type { MachineSession, Sessions } from "../sessions.ts";
import { boot } from "./boot.ts";
import { checkFromChain } from "./check-message.ts";
import { Recordings } from "./recordings.ts";
import { Refresher } from "./refresher.ts";
import { openSource } from "./source.ts";
import { chainStrings } from "./strings.ts";
import { type Place, ProgramHost } from "./webview.ts";

type KickHops = AcrnRequests["acrn/hops"]["body"];
type KickTrace = AcrnRequests["acrn/trace"]["body"]["kicks"][number];

/** The Notify Chain view and its command. */
export function registerNotifyChain(context: vscode.ExtensionContext, sessions: Sessions): void {
  const chain = new NotifyChain(context, sessions);
  context.subscriptions.push(
    chain,
    vscode.commands.registerCommand("acrn.showNotifyChain", (what?: unknown) => chain.show(what)),
  );
}

/** A kick to show instead of the newest: one that was traced, or the one that wrote a byte of the machine's console. */
interface ChosenKick {
  readonly session: MachineSession;
  readonly outputOffset?: number;
  readonly kick?: KickTrace;
}

class NotifyChain implements vscode.Disposable {
  readonly host: ProgramHost;
  readonly #sessions: Sessions;
  readonly #refresher: Refresher;
  /** Shown until its machine's state changes, or somebody turns to another machine. */
  #chosen: (ChosenKick & { readonly state: string; readonly active: MachineSession | undefined }) | undefined;
  /** The machine that is shown. */
  #shown: MachineSession | undefined;
  /** What is known of functions, as far as it has been asked. */
  readonly #facts = new Map<string, StationFacts>();
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

  /** `what`: a {@link ChosenKick} of a machine that is there; else the newest kick of the active one is shown. */
  show(what: unknown): void {
    const chosen = what as ChosenKick | undefined;
    const session = this.#sessions.all.find((machine) => machine === chosen?.session);
    const { active } = this.#sessions;
    this.#chosen = session === undefined ? undefined : { ...chosen, session, state: session.state, active };
    // Somebody types what makes the kick that is traced.
    this.host.open({ preserveFocus: this.#chosen?.kick !== undefined });
    this.#refresher.refresh();
  }

  async #look(active: MachineSession | undefined): Promise<ChainUpdate> {
    const { state, session: machine, active: before } = this.#chosen ?? {};
    if (state !== machine?.state || before !== active) this.#chosen = undefined;
    const session = this.#chosen?.session ?? active;
    this.#shown = session;
    this.#recordings.endAllBut(session);
    if (session === undefined || session.state === "ended")
      return { type: "update", machine: session?.state ?? "none" };
    // A machine that is still being made answers nothing.
    const overview = await session.request("acrn/overview", {}).catch(() => undefined);
    if (overview === undefined) return { type: "update", machine: "starting" };
    let kick = await this.#kickOf(session);
    const shouldRecord = this.host.visible && recordsByItself();
    if (!kick.recording && shouldRecord && (await this.#recordings.begin(session))) kick = { ...kick, recording: true };
    const stations = await this.#factsOf(session, new Set(kick.hops.map(({ station }) => station)));
    return { type: "update", machine: session.state, kick, overview, stations };
  }

  async #kickOf(session: MachineSession): Promise<KickHops> {
    const { outputOffset, kick } = this.#chosen ?? {};
    const found = await session.request("acrn/hops", outputOffset === undefined ? {} : { outputOffset });
    return kick === undefined ? found : { recording: found.recording, complete: true, ...kick };
  }

  async #factsOf(session: MachineSession, stations: ReadonlySet<string>): Promise<{ [station: string]: StationFacts }> {
    const unknown = [...stations].filter((station) => !this.#facts.has(station));
    if (unknown.length > 0) {
      const { places } = await session.request("acrn/sourceOf", { stations: unknown });
      for (const { station, about, roles } of places) this.#facts.set(station, { about, roles });
    }
    return Object.fromEntries([...stations].map((station) => [station, this.#facts.get(station) ?? {}]));
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
    const session = this.#shown;
    if (session === undefined || session.state === "ended") return;
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
