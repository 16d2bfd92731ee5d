import * as vscode from "vscode";
import type { MachineSession } from "../sessions.ts";
import type { Consoles } from "./consoles.ts";

interface KickLink extends vscode.TerminalLink {
  readonly outputOffset: number;
  readonly session: MachineSession;
}

/** Makes a line of a guest's console a link to the kick that wrote it, as long as that kick's hops are recorded. */
export function registerKickLinks(context: vscode.ExtensionContext, consoles: Consoles): void {
  const provider: vscode.TerminalLinkProvider<KickLink> = {
    async provideTerminalLinks({ line, terminal }) {
      const console = consoles.of(terminal);
      const outputOffset = console?.lines.offsetOf(line);
      const session = console?.session;
      if (session === undefined || outputOffset === undefined) return [];
      // A machine that is being made, or is going down, answers nothing.
      const found = await session.request("acrn/hops", { outputOffset }).catch(() => undefined);
      if (found === undefined || found.kick === 0) return [];
      const tooltip = vscode.l10n.t("Show the kick that wrote this line");
      return [{ startIndex: 0, length: line.trimEnd().length, tooltip, outputOffset, session }];
    },
    handleTerminalLink: ({ outputOffset, session }) =>
      vscode.commands.executeCommand("acrn.showNotifyChain", { outputOffset, session }),
  };
  context.subscriptions.push(vscode.window.registerTerminalLinkProvider(provider));
}
