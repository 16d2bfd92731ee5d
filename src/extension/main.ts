import * as vscode from "vscode";
import { registerAdapter } from "./adapter.ts";
import { registerCommands } from "./commands.ts";
import { registerConfiguration } from "./configuration.ts";
import { Consoles } from "./console/consoles.ts";
import { registerKickLinks } from "./console/kick-links.ts";
import { registerSelfTest } from "./self-test.ts";
import { SessionTracker } from "./sessions.ts";
import { registerSources } from "./sources/index.ts";
import { registerStatusBar } from "./status-bar.ts";
import { registerMachineTree } from "./views/machine-tree.ts";
import { registerNotifyChain } from "./views/notify-chain.ts";
import { unlockWhatIsLeft } from "./views/own-group.ts";
import { registerVirtqueue } from "./views/virtqueue.ts";

/**
 * Called by VS Code when a command, a view, a terminal profile or a debug session of type acrn is used, and where a folder of
 * the workspace is a checkout of ACRN or Linux. One that lies deeper is not looked for: VS Code would search the whole workspace,
 * everybody's, for each window.
 */
export function activate(context: vscode.ExtensionContext): void {
  const sessions = new SessionTracker();
  const consoles = new Consoles(sessions);
  context.subscriptions.push(sessions, consoles, sessions.onDidChange(showState), unlockWhatIsLeft());
  registerAdapter(context);
  registerConfiguration(context, sessions);
  registerCommands(context, sessions, consoles);
  registerKickLinks(context, consoles);
  registerStatusBar(context, sessions);
  registerMachineTree(context, sessions);
  registerNotifyChain(context, sessions);
  registerVirtqueue(context, sessions);
  registerSelfTest(context);
  registerSources(context, sessions);

  /** For the `when` clauses of package.json. */
  function showState(): void {
    const { active } = sessions;
    void vscode.commands.executeCommand("setContext", "acrn.state", active?.state ?? "none");
    const isAttached = active?.debugSession.configuration.request === "attach";
    void vscode.commands.executeCommand("setContext", "acrn.attached", isAttached);
  }
}
