import * as vscode from "vscode";
import type { FromVirtqueue, VirtqueueUpdate } from "../../webview/messages.ts";
import { reporting } from "../commands.ts";
import type { MachineSession, Sessions } from "../sessions.ts";
import { boot } from "./boot.ts";
import { checkFromVirtqueue } from "./check-message.ts";
import { MemoryDocuments } from "./memory.ts";
import { firstChoice, type QueueName, queueChoices, queueNameOf } from "./queues.ts";
import { Refresher } from "./refresher.ts";
import { virtqueueStrings } from "./strings.ts";
import { ProgramHost } from "./webview.ts";

/** The Virtqueue view and its command, which takes the queue to show: `{ slot, queue }`. */
export function registerVirtqueue(context: vscode.ExtensionContext, sessions: Sessions): void {
  const view = new VirtqueueView(context, sessions);
  context.subscriptions.push(
    view,
    vscode.commands.registerCommand("acrn.showVirtqueue", (raw: unknown) => view.show(queueNameOf(raw))),
  );
}

class VirtqueueView implements vscode.Disposable {
  readonly #host: ProgramHost;
  readonly #sessions: Sessions;
  readonly #refresher: Refresher;
  readonly #memory = new MemoryDocuments();
  readonly #strings: { readonly [key: string]: string } = virtqueueStrings(vscode.l10n.t);
  /** What somebody chose; without, the queue of the last kick is shown. */
  #chosen: QueueName | undefined;

  constructor(context: vscode.ExtensionContext, sessions: Sessions) {
    this.#sessions = sessions;
    this.#host = new ProgramHost(context, {
      id: "acrn.virtqueue",
      name: "virtqueue",
      title: vscode.l10n.t("Virtqueue"),
      strings: this.#strings,
      received: (raw) => {
        const message = checkFromVirtqueue(raw);
        if (message !== undefined) void reporting(() => this.#do(message));
      },
      visibilityChanged: () => this.#refresher.refresh(),
    });
    this.#refresher = new Refresher(
      sessions,
      () => this.#host.visible,
      async (session) => this.#host.post(await this.#look(session)),
    );
  }

  dispose(): void {
    this.#refresher.dispose();
    this.#memory.dispose();
    this.#host.dispose();
  }

  async show(queue: QueueName | undefined): Promise<void> {
    if (queue !== undefined) this.#chosen = queue;
    this.#refresher.refresh();
    this.#host.open();
  }

  async #look(session: MachineSession | undefined): Promise<VirtqueueUpdate> {
    const nothing = { type: "update", choices: [] } as const;
    if (session === undefined || session.state === "ended") return { ...nothing, machine: session?.state ?? "none" };
    // A machine that is still being made answers nothing.
    const overview = await session.request("acrn/overview", {}).catch(() => undefined);
    if (overview === undefined) return { ...nothing, machine: "starting" };
    const choices = queueChoices(overview, (text) => this.#strings[text] ?? text);
    const kick = await session.request("acrn/hops", {});
    const isThere = ({ slot, queue }: QueueName): boolean =>
      overview.devices.some((device) => device.slot === slot && (device.virtio?.queues.length ?? 0) > queue);
    const chosen = this.#chosen !== undefined && isThere(this.#chosen) ? this.#chosen : undefined;
    const shown = chosen ?? firstChoice(overview, choices, kick.kick > 0 ? kick : undefined);
    if (shown === undefined) return { ...nothing, machine: session.state };
    const queue = await session.request("acrn/virtqueue", { slot: shown.slot, queue: shown.queue });
    return { type: "update", machine: session.state, choices, queue };
  }

  async #do(message: FromVirtqueue): Promise<void> {
    if (message.type === "boot") return boot(message);
    if (message.type === "select") this.#chosen = { slot: message.slot, queue: message.queue };
    if (message.type !== "openMemory") {
      this.#refresher.refresh();
      return;
    }
    const session = this.#sessions.active;
    if (session !== undefined) await this.#memory.open(session, message.memoryReference, message.count);
  }
}
