import * as vscode from "vscode";
import type { Boot } from "../../webview/messages.ts";

/** Does what a view's offer to boot says. */
export async function boot({ stop }: Boot): Promise<void> {
  await vscode.commands.executeCommand(stop ? "acrn.bootGuestAndStop" : "acrn.bootGuest");
}
