import * as vscode from "vscode";

/** A mistake in launch.json, told with the way there. */
export async function mistakeInLaunchJson(message: string): Promise<void> {
  const open = vscode.l10n.t("Open launch.json");
  const chosen = await vscode.window.showErrorMessage(message, open);
  if (chosen === open) await vscode.commands.executeCommand("workbench.action.debug.configure");
}

/** A mistake in the settings, told with the way there. */
export async function mistakeInSettings(message: string): Promise<void> {
  const open = vscode.l10n.t("Open Settings");
  const chosen = await vscode.window.showWarningMessage(message, open);
  if (chosen === open) await vscode.commands.executeCommand("acrn.openSettings");
}
