import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import * as vscode from "vscode";
import { adapterProgram, machineCommand, NODE_ENVIRONMENT } from "./adapter.ts";
import { reporting } from "./commands.ts";
import { log } from "./log.ts";
import { parseFinding, type SelfTestResult, summarise } from "./self-test-result.ts";

/** The command Self Test: `acrn-virtio check` in a process of its own, its lines in the log, its result as a message. */
export function registerSelfTest(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand("acrn.selfTest", () => reporting(() => selfTest(adapterProgram(context)))),
  );
}

async function selfTest(program: string): Promise<void> {
  if (!existsSync(program)) {
    throw new Error(vscode.l10n.t("{0} is missing: the extension is damaged; install it anew.", program));
  }
  const title = vscode.l10n.t("ACRN Self Test");
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const result = await vscode.window.withProgress(options, (progress, token) => check(program, progress, token));
  if (result === undefined) return;
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await (result.failed.length === 0
    ? vscode.window.showInformationMessage(vscode.l10n.t("The self test found nothing wrong."), showLog)
    : vscode.window.showErrorMessage(vscode.l10n.t("Self test: {0}", result.failed.join(" ")), showLog));
  if (chosen === showLog) log().show();
}

/** Undefined when it was cancelled. */
function check(
  program: string,
  progress: vscode.Progress<{ message?: string }>,
  token: vscode.CancellationToken,
): Promise<SelfTestResult | undefined> {
  log().info(vscode.l10n.t("Self test of {0}", program));
  progress.report({ message: vscode.l10n.t("checks the files, then boots a guest") });
  const child: ChildProcess = spawn(process.execPath, machineCommand(program, "check"), {
    env: { ...process.env, ...NODE_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let errors = "";
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const { outcome, text } = parseFinding(line);
      if (outcome === "failed") log().error(text);
      else if (outcome === "note") log().warn(text);
      else log().info(text);
      progress.report({ message: text });
    });
  }
  child.stderr?.on("data", (data: Buffer) => {
    errors = (errors + data).slice(-4096);
  });
  return new Promise((resolve, reject) => {
    token.onCancellationRequested(() => child.kill());
    child.once("error", reject);
    child.once("close", (code) => {
      if (errors !== "") log().error(errors.trimEnd());
      resolve(token.isCancellationRequested ? undefined : summarise(lines, code, errors));
    });
  });
}
