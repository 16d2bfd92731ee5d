import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { StationRegistry } from "../registry.ts";
import { fetchTree } from "./git.ts";
import { kernelVersion, type WantedTree, wantedTrees } from "./wanted.ts";

/** A kernel of the built guest's series, should its manifest be missing. */
const SOME_KERNEL = "6.1.100";

/** Fetches sources of ACRN and Linux, what and where to the user says, and has the next guest's frames show them. */
export async function getSources(extensionPath: string, stations: StationRegistry): Promise<void> {
  const manifest = await readFile(join(extensionPath, "guest-image", "manifest.json"), "utf8").catch(() => "{}");
  const wanted = wantedTrees(await stations.get(), kernelVersion(manifest) ?? SOME_KERNEL);
  const chosen = await choose(wanted);
  if (chosen === undefined || chosen.length === 0) return;
  const parent = await folderFor();
  if (parent === undefined || !(await consents(chosen, parent))) return;
  for (const tree of chosen) await fetchInto(tree, parent);
  const folders = chosen.map(({ folder }) => join(parent, folder)).join(", ");
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Frames, lenses and breakpoints of the next guest are in {0}.", folders),
  );
}

async function choose(wanted: readonly WantedTree[]): Promise<WantedTree[] | undefined> {
  const configured = vscode.workspace.getConfiguration("acrn");
  const items = wanted.map((tree) => ({
    tree,
    label: tree.folder,
    picked: !configured.get(`sources.${tree.kind}`),
    description: tree.url,
    detail:
      tree.kind === "acrn"
        ? vscode.l10n.t("Hypervisor and device model, at release {0}", tree.ref)
        : vscode.l10n.t("The guest kernel's version, only the folders that the chain passes through"),
  }));
  const title = vscode.l10n.t("Sources to get with git");
  const found = await vscode.window.showQuickPick(items, { title, canPickMany: true });
  return found?.map(({ tree }) => tree);
}

async function folderFor(): Promise<string | undefined> {
  const found = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Folder to put the sources in"),
    defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir()),
    openLabel: vscode.l10n.t("Choose"),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return found?.[0]?.fsPath;
}

async function consents(chosen: readonly WantedTree[], parent: string): Promise<boolean> {
  const get = vscode.l10n.t("Get");
  const detail = chosen.map(({ url, ref, folder }) => `${url} (${ref})\n→ ${join(parent, folder)}`).join("\n\n");
  const text = vscode.l10n.t("Have git fetch these from the Internet?");
  return (await vscode.window.showInformationMessage(text, { modal: true, detail }, get)) === get;
}

async function fetchInto(tree: WantedTree, parent: string): Promise<void> {
  const title = vscode.l10n.t("Getting {0}", tree.folder);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const folder = await vscode.window.withProgress(options, async (_progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      return await fetchTree(tree, parent, abort);
    } catch (error) {
      throw token.isCancellationRequested ? new vscode.CancellationError() : error;
    }
  });
  const settings = vscode.workspace.getConfiguration("acrn");
  const local = settings.inspect(`sources.${tree.kind}`)?.workspaceValue !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await settings.update(`sources.${tree.kind}`, folder, local ? Workspace : Global);
}
