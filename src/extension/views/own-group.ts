import * as vscode from "vscode";

/** The editor group in which the programs of this extension are shown. */

const isProgram = ({ input }: vscode.Tab): boolean =>
  input instanceof vscode.TabInputWebview && /\bacrn\.(notifyChain|virtqueue)$/.test(input.viewType);

export function groupOfPrograms(): vscode.TabGroup | undefined {
  return vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(isProgram));
}

/**
 * Locks the group in which a program has just been opened, because the source of the next stop would cover it there; not
 * one that has other editors too, which would have to be opened elsewhere from then on.
 */
export async function lockGroupOfPrograms(): Promise<void> {
  let group = groupOfPrograms();
  // The panel is there before its tab.
  for (; group === undefined; group = groupOfPrograms()) await once(vscode.window.tabGroups.onDidChangeTabs);
  // The command means the active one.
  if (group.isActive && group.tabs.every(isProgram)) {
    await vscode.commands.executeCommand("workbench.action.lockEditorGroup");
  }
}

function once<T>(event: vscode.Event<T>): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      subscription.dispose();
      resolve(value);
    });
  });
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
