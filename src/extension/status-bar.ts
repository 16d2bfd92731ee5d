import * as vscode from "vscode";
import type { MachineState } from "../debug-adapter/protocol.ts";
import type { MachineSession, Sessions } from "./sessions.ts";

const INTERVAL_MS = 1000;

/** The machine's state and how many kicks it makes a second. */
export function registerStatusBar(context: vscode.ExtensionContext, sessions: Sessions): void {
  const item = vscode.window.createStatusBarItem("acrn.status", vscode.StatusBarAlignment.Left, 5);
  item.name = vscode.l10n.t("ACRN Machine");
  item.command = "acrn.machine.focus";
  let timer: NodeJS.Timeout | undefined;
  let last: { readonly session: MachineSession; readonly kicks: number; readonly at: number } | undefined;
  let perSecond: number | undefined;

  const wanted = (): boolean => vscode.workspace.getConfiguration("acrn").get("statusBar.show") !== false;

  const draw = (): void => {
    const { active } = sessions;
    if (active === undefined || !wanted()) {
      item.hide();
      return;
    }
    const rate = active.state === "running" && perSecond !== undefined ? `, ${kicks(perSecond)}` : "";
    item.text = `${ICONS[active.state]} ACRN: ${stateName(active.state)}${rate}`;
    item.tooltip = vscode.l10n.t("{0}: {1}. Shows the machine.", active.debugSession.name, stateName(active.state));
    item.accessibilityInformation = { label: `ACRN: ${stateName(active.state)}${rate}` };
    item.show();
  };

  const count = async (): Promise<void> => {
    const { active } = sessions;
    if (active?.state === "running" && vscode.window.state.focused && wanted()) {
      try {
        const at = performance.now();
        const { kicks } = await active.request("acrn/overview", {});
        if (last?.session === active) perSecond = Math.round(((kicks - last.kicks) * 1000) / (at - last.at));
        last = { session: active, kicks, at };
        draw();
      } catch {
        // The machine is going down; its end is an event of its own.
      }
    }
    if (sessions.active === undefined) timer = undefined;
    else timer = setTimeout(count, INTERVAL_MS);
  };

  context.subscriptions.push(
    item,
    sessions.onDidChange((active) => {
      perSecond = undefined;
      last = undefined;
      draw();
      if (active !== undefined) timer ??= setTimeout(count, INTERVAL_MS);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("acrn.statusBar")) draw();
    }),
    { dispose: () => clearTimeout(timer) },
  );
  draw();
}

const ICONS: { readonly [state in MachineState]: string } = {
  starting: "$(loading~spin)",
  running: "$(vm-running)",
  stopped: "$(debug-pause)",
  ended: "$(circle-slash)",
};

function stateName(state: MachineState): string {
  switch (state) {
    case "starting":
      return vscode.l10n.t("booting");
    case "running":
      return vscode.l10n.t("running");
    case "stopped":
      return vscode.l10n.t("stopped");
    case "ended":
      return vscode.l10n.t("ending");
  }
}

const kicks = (perSecond: number): string => vscode.l10n.t("{0} kicks/s", perSecond);
