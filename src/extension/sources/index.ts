import type * as vscode from "vscode";
import type { Sessions } from "../sessions.ts";
import { registerAnnotations } from "./annotations.ts";
import { registerNotice } from "./notice.ts";
import { StationRegistry } from "./registry.ts";

/** What the extension does in checkouts of ACRN and Linux. */
export function registerSources(context: vscode.ExtensionContext, sessions: Sessions): void {
  registerAnnotations(context, sessions, new StationRegistry(context.extensionPath));
  registerNotice(context, sessions);
}
