import * as vscode from "vscode";

let channel: vscode.LogOutputChannel | undefined;

/** The output channel "ACRN", made when there is something to say. */
export function log(): vscode.LogOutputChannel {
  channel ??= vscode.window.createOutputChannel("ACRN", { log: true });
  return channel;
}
