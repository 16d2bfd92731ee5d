import { homedir } from "node:os";
import * as vscode from "vscode";
import { MARKERS } from "../shared/source-trees.ts";
import { treeKind } from "./sources/trees.ts";

type SettingName = "guest.kernel" | "guest.initrd" | "sources.acrn" | "sources.linux";

/** Asks for a kernel and its initial RAM disk and keeps them in the settings. */
export async function chooseKernel(): Promise<void> {
  const own = vscode.l10n.t("The extension's own kernel");
  const other = vscode.l10n.t("Another kernel...");
  const chosen = await vscode.window.showQuickPick(
    [
      { label: own, detail: vscode.l10n.t("Debian's 32-bit kernel with a small initial RAM disk") },
      { label: other, detail: vscode.l10n.t("A 32-bit x86 bzImage or vmlinux, and its initial RAM disk") },
    ],
    { title: vscode.l10n.t("Kernel to boot") },
  );
  if (chosen === undefined) return;
  if (chosen.label === own) {
    await save("guest.kernel", undefined);
    await save("guest.initrd", undefined);
    return;
  }
  const kernel = await pick(vscode.l10n.t("Kernel (bzImage or vmlinux)"), "file");
  if (kernel === undefined) return;
  const initrd = await pick(vscode.l10n.t("Initial RAM disk of {0}", kernel), "file");
  if (initrd === undefined) return;
  await save("guest.kernel", kernel);
  await save("guest.initrd", initrd);
  void vscode.window.showInformationMessage(vscode.l10n.t("The next guest boots {0}.", kernel));
}

/** Asks for a checkout of ACRN or Linux and keeps it in the settings. */
export async function locateSources(): Promise<void> {
  const folder = await pick(vscode.l10n.t("Folder of acrn-hypervisor or of Linux"), "folder");
  if (folder === undefined) return;
  const kind = await treeKind(folder);
  if (kind === undefined) {
    throw new Error(
      vscode.l10n.t(
        "{0} is neither a checkout of acrn-hypervisor (with {1}) nor a Linux source tree (with {2}). Choose its topmost folder.",
        folder,
        MARKERS.acrn.join(", "),
        MARKERS.linux.join(", "),
      ),
    );
  }
  await save(`sources.${kind}`, folder);
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Frames and breakpoints of the next guest are in {0}.", folder),
  );
}

async function pick(title: string, kind: "file" | "folder"): Promise<string | undefined> {
  const found = await vscode.window.showOpenDialog({
    title,
    // Not where the last file was opened, which may be a source of the model.
    defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir()),
    openLabel: vscode.l10n.t("Choose"),
    canSelectFiles: kind === "file",
    canSelectFolders: kind === "folder",
  });
  return found?.[0]?.fsPath;
}

async function save(name: SettingName, value: string | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration("acrn");
  const local = settings.inspect(name)?.workspaceValue !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await settings.update(name, value, local ? Workspace : Global);
}
