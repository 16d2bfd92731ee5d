import * as vscode from "vscode";
import type { TreeKind } from "../../debug-adapter/protocol-trees.ts";
import { log } from "../log.ts";
import { findTrees } from "./trees.ts";

const KINDS: readonly TreeKind[] = ["acrn", "linux"];
/** In the workspace's memory: trees that are not offered again. */
const REFUSED = "acrn.sources.refused";

/** Offers source trees found in the workspace: once a window, and never again where that was the answer. */
export function registerOffer(context: vscode.ExtensionContext): void {
  const offered = new Set<TreeKind>();
  const look = (): void => {
    // What a workspace names as sources is read only where it is trusted.
    if (!vscode.workspace.isTrusted) return;
    offer(context.workspaceState, offered).catch((error: unknown) => log().warn(String(error)));
  };
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
  );
  look();
}

async function offer(memory: vscode.Memento, offered: Set<TreeKind>): Promise<void> {
  const refused = memory.get<readonly TreeKind[]>(REFUSED) ?? [];
  const wanted = KINDS.filter((kind) => !offered.has(kind) && !refused.includes(kind) && !isSet(kind));
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  if (wanted.length === 0 || folders.length === 0) return;
  const trees = await findTrees(folders.map(({ uri }) => uri.fsPath));
  for (const kind of wanted) {
    const folder = trees[kind];
    if (folder === undefined || offered.has(kind)) continue;
    offered.add(kind);
    await ask(memory, kind, folder);
  }
}

const isSet = (kind: TreeKind): boolean =>
  Boolean(vscode.workspace.getConfiguration("acrn").get<unknown>(`sources.${kind}`));

async function ask(memory: vscode.Memento, kind: TreeKind, folder: string): Promise<void> {
  const use = vscode.l10n.t("Use It");
  const notNow = vscode.l10n.t("Not Now");
  const never = vscode.l10n.t("Don't Ask Again");
  const question =
    kind === "acrn"
      ? vscode.l10n.t("ACRN's sources are in {0}. Use them for stack frames and breakpoints of the guest?", folder)
      : vscode.l10n.t("Linux's sources are in {0}. Use them for stack frames and breakpoints of the guest?", folder);
  const answer = await vscode.window.showInformationMessage(question, use, notNow, never);
  if (answer === use) {
    const settings = vscode.workspace.getConfiguration("acrn");
    await settings.update(`sources.${kind}`, folder, vscode.ConfigurationTarget.Workspace);
  } else if (answer === never) {
    const refused = memory.get<readonly TreeKind[]>(REFUSED) ?? [];
    await memory.update(REFUSED, [...refused, kind]);
  }
}
