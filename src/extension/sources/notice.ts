import * as vscode from "vscode";
import { reporting } from "../commands.ts";
import type { MachineSession, Sessions } from "../sessions.ts";
import { firstTime } from "./first-time.ts";

/** In the extension's memory: checkouts whose use has been told. */
const TOLD = "acrn.sources.told";

/** That frames show the model's source has been told. */
const MODEL_TOLD = "acrn.sources.modelTold";

/** Says, once for each checkout, that a machine's frames show one that nobody has named, and how to have it otherwise. */
export function registerNotice(context: vscode.ExtensionContext, sessions: Sessions): void {
  context.subscriptions.push(
    sessions.onDidReceiveEvent(({ event, session }) => {
      if (event !== "acrn/modelSource" || isChosen(session)) return;
      void reporting(() => offer(context.globalState));
    }),
    sessions.onDidReceiveEvent(({ event, body, session }) => {
      if (event !== "acrn/checkoutsFound" || isChosen(session)) return;
      void reporting(() => tell(context.globalState, body.folders));
    }),
  );
}

/** Somebody has said what frames show, in the launch configuration or in the settings. */
function isChosen({ debugSession }: MachineSession): boolean {
  const { configuration, workspaceFolder } = debugSession;
  const settings = vscode.workspace.getConfiguration("acrn", workspaceFolder).inspect("sources.prefer");
  const { globalValue, workspaceValue, workspaceFolderValue } = settings ?? {};
  const choices = [configuration.__given?.sources?.prefer, globalValue, workspaceValue, workspaceFolderValue];
  return choices.some((choice) => choice !== undefined);
}

/** At the first stop of all: where the C sources can be had. */
async function offer(memory: vscode.Memento): Promise<void> {
  if ((await firstTime(memory, MODEL_TOLD, ["once"])).length === 0) return;
  const get = vscode.l10n.t("Get Sources...");
  const locate = vscode.l10n.t("Locate Them...");
  const text = vscode.l10n.t(
    "Stack frames show the model's own source, in TypeScript, until there is a checkout of acrn-hypervisor and Linux.",
  );
  const answer = await vscode.window.showInformationMessage(text, get, locate);
  if (answer === get) await vscode.commands.executeCommand("acrn.getSources");
  if (answer === locate) await vscode.commands.executeCommand("acrn.locateSources");
}

async function tell(memory: vscode.Memento, folders: readonly string[]): Promise<void> {
  // Kept before it is answered: whoever closes it has read it.
  const fresh = await firstTime(memory, TOLD, folders);
  if (fresh.length === 0) return;
  const model = vscode.l10n.t("Show the Model's Source");
  const other = vscode.l10n.t("Choose Another...");
  const list = fresh.join(", ");
  const text = vscode.l10n.t("The guest's stack frames show the sources in {0}, found in the workspace.", list);
  const answer = await vscode.window.showInformationMessage(text, model, other);
  if (answer === other) await vscode.commands.executeCommand("acrn.locateSources");
  if (answer !== model) return;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  const target = vscode.workspace.workspaceFolders === undefined ? Global : Workspace;
  await vscode.workspace.getConfiguration("acrn").update("sources.prefer", "model", target);
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Stack frames of the next guest show the model's own source. Breakpoints work in both."),
  );
}
