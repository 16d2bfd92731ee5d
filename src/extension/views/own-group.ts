import * as vscode from "vscode";

/** The editor group in which the programs of this extension are shown. */

const isProgram = ({ input }: vscode.Tab): boolean =>
  input instanceof vscode.TabInputWebview && /\bacrn\.(notifyChain|virtqueue)$/.test(input.viewType);

export function groupOfPrograms(): vscode.TabGroup | undefined {
  return vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(isProgram));
}

/**
 * Locks the group in which a program has just been opened, because the source of the next stop would cover it there; not
 * one that has other editors too, which would have to be opened elsewhere from then on. VS Code's command means the active
 * group, and the panel is there before its tab: so it is done as soon as both are so, once.
 */
export function lockGroupOf(panel: vscode.WebviewPanel): void {
  const { tabGroups } = vscode.window;
  const subscriptions: vscode.Disposable[] = [];
  const done = (): void => void vscode.Disposable.from(...subscriptions).dispose();
  const look = (): void => {
    const group = groupOfPrograms();
    if (group === undefined || !group.isActive) return;
    done();
    if (group.tabs.every(isProgram)) void vscode.commands.executeCommand("workbench.action.lockEditorGroup");
  };
  subscriptions.push(tabGroups.onDidChangeTabs(look), tabGroups.onDidChangeTabGroups(look), panel.onDidDispose(done));
  look();
}

/** VS Code keeps a window's only group when its last editor is closed, locked as it was: nothing would open there. */
export function unlockWhatIsLeft(): vscode.Disposable {
  const { tabGroups } = vscode.window;
  return tabGroups.onDidChangeTabs(({ closed }) => {
    if (closed.some(isProgram) && tabGroups.activeTabGroup.tabs.length === 0) {
      void vscode.commands.executeCommand("workbench.action.unlockEditorGroup");
    }
  });
}
