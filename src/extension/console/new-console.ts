import * as vscode from "vscode";
import { type AcrnRequests, STDIO_PORT } from "../../debug-adapter/protocol.ts";
import { builtIn } from "../configuration.ts";
import { liveMachine, type Sessions } from "../sessions.ts";
import type { Consoles } from "./consoles.ts";
import { type PortPlace, placeOf } from "./port-place.ts";
import type { PortTerminals } from "./port-terminals.ts";

type Device = AcrnRequests["acrn/overview"]["body"]["devices"][number];
type Terminal = Device["terminals"][number];

interface Choice extends vscode.QuickPickItem {
  /** Where another program finds the port; undefined: VS Code's own terminal shows it. */
  readonly place: PortPlace | undefined;
}

const COPY: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("copy"),
  tooltip: vscode.l10n.t("Copy the path"),
};

/** Opens a console of the machine in a terminal; asks which if there are several. Without a machine one is booted. */
export async function newConsole(sessions: Sessions, consoles: Consoles, ports: PortTerminals): Promise<void> {
  const live = liveMachine(sessions);
  if (live === undefined) {
    await vscode.debug.startDebugging(undefined, builtIn().boot, { noDebug: true });
    return;
  }
  // A machine that is still being made answers nothing; its own console is there already.
  const overview = await live.request("acrn/overview", {}).catch(() => undefined);
  const choices = overview?.devices.flatMap((device) => choicesOf(device)) ?? [];
  const chosen = choices.length > 1 ? await choose(choices) : choices[0];
  if (chosen === undefined && choices.length > 0) return;
  if (chosen?.place === undefined) {
    if (consoles.show(live) === undefined) {
      const message = vscode.l10n.t('No console of "{0}" can be shown in a terminal here.', live.debugSession.name);
      void vscode.window.showInformationMessage(message);
    }
    return;
  }
  ports.show(live, chosen.label, chosen.place);
}

/** The ports of a device that a terminal can show. */
function choicesOf(device: Device): Choice[] {
  return device.terminals.flatMap((terminal) => {
    const choice = choiceOf(terminal);
    return choice === undefined ? [] : [choice];
  });
}

function choiceOf(terminal: Terminal): Choice | undefined {
  const { name, isConsole, kind } = terminal;
  const about = isConsole ? vscode.l10n.t("console") : vscode.l10n.t("port");
  if (kind === STDIO_PORT) return { label: name, description: about, place: undefined };
  const place = placeOf(terminal);
  if (place === undefined) return undefined;
  return { label: name, description: `${about}, ${place.path}`, place, buttons: [COPY] };
}

function choose(choices: readonly Choice[]): Promise<Choice | undefined> {
  const pick = vscode.window.createQuickPick<Choice>();
  pick.title = vscode.l10n.t("Console to open");
  pick.items = choices;
  return new Promise((resolve) => {
    pick.onDidTriggerItemButton(({ item }) => vscode.env.clipboard.writeText(item.place?.path ?? ""));
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
