import * as vscode from "vscode";
import { reporting } from "../commands.ts";
import type { Sessions } from "../sessions.ts";
import { registerAnnotations } from "./annotations.ts";
import { getSources } from "./get/command.ts";
import { registerNotice } from "./notice.ts";
import { StationRegistry } from "./registry.ts";

/** What the extension does in checkouts of ACRN and Linux. */
export function registerSources(context: vscode.ExtensionContext, sessions: Sessions): void {
  const stations = new StationRegistry(context.extensionPath);
  registerAnnotations(context, sessions, stations);
  registerNotice(context, sessions);
  const get = (): Promise<void> => reporting(() => getSources(context.extensionPath, stations));
  context.subscriptions.push(vscode.commands.registerCommand("acrn.getSources", get));
}
