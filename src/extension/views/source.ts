import * as vscode from "vscode";
import type { MachineSession } from "../sessions.ts";

/** Opens the source that frames of this function show, at its line; not in the editor group `avoid`. */
export async function openSource(
  session: MachineSession,
  station: string,
  avoid: vscode.ViewColumn | undefined,
): Promise<void> {
  const [place] = (await session.request("acrn/sourceOf", { stations: [station] })).places;
  if (place?.source === undefined) {
    const locate = vscode.l10n.t("Locate Sources...");
    const text = vscode.l10n.t('"{0}" is in no source that is known. A Linux source tree may have it.', station);
    if ((await vscode.window.showInformationMessage(text, locate)) === locate) {
      await vscode.commands.executeCommand("acrn.locateSources");
    }
    return;
  }
  const { path, sourceReference } = place.source;
  // VS Code's own frames have the name where there is no path, too; without either it makes no address.
  const page: vscode.DebugProtocolSource = { ...place.source, path: path ?? place.source.name };
  const uri =
    path !== undefined && !sourceReference
      ? vscode.Uri.file(path)
      : vscode.debug.asDebugSourceUri(page, session.debugSession);
  const line = Math.max(0, (place.line ?? 1) - 1);
  const at = new vscode.Position(line, Math.max(0, (place.column ?? 1) - 1));
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
    selection: new vscode.Range(at, at),
    viewColumn:
      avoid === undefined ? undefined : avoid === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One,
    preview: true,
  });
}
