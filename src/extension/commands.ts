import * as vscode from "vscode";
import { messageOf } from "../shared/message-of.ts";
import { builtIn } from "./configuration.ts";
import type { Consoles } from "./console/consoles.ts";
import { newConsole } from "./console/new-console.ts";
import { PortTerminals } from "./console/port-terminals.ts";
import { log } from "./log.ts";
import { liveMachine, type MachineSession, type Sessions } from "./sessions.ts";
import { chooseKernel, locateSources } from "./settings-commands.ts";

/** The commands of the palette, under "ACRN". */
export function registerCommands(context: vscode.ExtensionContext, sessions: Sessions, consoles: Consoles): void {
  const ports = new PortTerminals(context);
  const commands: { readonly [id: string]: () => unknown } = {
    bootGuest: () => bootAnother(sessions, consoles, builtIn().boot),
    bootGuestAndStop: () => bootAnother(sessions, consoles, builtIn().bootAndStop),
    newConsole: () => newConsole(sessions, consoles, ports),
    powerOff: async () => powerOff(await machine(sessions)),
    restartGuest: async () => (await machine(sessions)).debugSession.customRequest("restart"),
    continueToNextKick: async () => continueToKick(sessions, await machine(sessions)),
    stepInto: () => stepInto(sessions),
    traceNextKick: async () => traceNextKick(await machine(sessions)),
    chooseKernel,
    locateSources,
    openSettings: () => vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`),
    openWalkthrough: async () => {
      await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#acrn.start`);
      // A step is done when a context changes: a machine that was there before has to come once more.
      for (const booted of [false, sessions.all.some(({ state }) => state === "running" || state === "stopped")]) {
        await vscode.commands.executeCommand("setContext", "acrn.booted", booted);
      }
    },
    showLog: () => log().show(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(`acrn.${name}`, () => reporting(run)));
  }
}

/** Runs a command and shows what went wrong. */
export async function reporting(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    log().error(error instanceof Error ? error : String(error));
    void vscode.window.showErrorMessage(messageOf(error));
  }
}

async function boot(configuration: vscode.DebugConfiguration): Promise<void> {
  // Why it did not start has been shown by then.
  await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], configuration);
}

/** Asks first where a machine is there already: a second one is rarely what is meant. */
async function bootAnother(
  sessions: Sessions,
  consoles: Consoles,
  configuration: vscode.DebugConfiguration,
): Promise<void> {
  const live = liveMachine(sessions);
  if (live === undefined) return boot(configuration);
  const another = vscode.l10n.t("Boot Another");
  const show = vscode.l10n.t("Show Its Console");
  const text = vscode.l10n.t('The machine "{0}" is there already.', live.debugSession.name);
  const chosen = await vscode.window.showInformationMessage(text, show, another);
  if (chosen === show) consoles.show(live);
  if (chosen === another) await boot(configuration);
}

/** The machine a command is about; without one the user is asked for the way to get one. */
async function machine(sessions: Sessions): Promise<MachineSession> {
  const live = liveMachine(sessions);
  if (live !== undefined) return live;
  const bootIt = vscode.l10n.t("Boot Guest");
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t("No ACRN machine is running."), bootIt);
  if (chosen === bootIt) await boot(builtIn().boot);
  throw new vscode.CancellationError();
}

/** VS Code's own way to stop only leaves a machine one has attached to. */
async function powerOff({ debugSession }: MachineSession): Promise<void> {
  if (debugSession.configuration.request === "attach") await debugSession.customRequest("terminate");
  else await vscode.debug.stopDebugging(debugSession);
}

/** VS Code's own command does nothing, without a word, where nothing is stopped. */
async function stepInto(sessions: Sessions): Promise<void> {
  const live = liveMachine(sessions);
  if (live?.state === "stopped") {
    await vscode.commands.executeCommand("workbench.action.debug.stepInto");
    return;
  }
  if (live === undefined) {
    const bootIt = vscode.l10n.t("Boot Guest and Stop at First Kick");
    const text = vscode.l10n.t("No ACRN machine is running.");
    if ((await vscode.window.showInformationMessage(text, bootIt)) === bootIt) await boot(builtIn().bootAndStop);
    return;
  }
  const stopIt = vscode.l10n.t("Stop at Next Kick");
  const text = vscode.l10n.t("The machine is running. A step begins where it stands still.");
  if ((await vscode.window.showInformationMessage(text, stopIt)) === stopIt) await continueToKick(sessions, live);
}

/** The status bar says what is waited for until the machine stops, or is gone. */
async function continueToKick(sessions: Sessions, session: MachineSession): Promise<void> {
  await session.request("acrn/continueToKick", {});
  const title = vscode.l10n.t("Waiting for the guest's next kick: type something in its console");
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => {
    const isOver = (): boolean => session.state === "stopped" || session.state === "ended";
    while (!isOver()) await nextEvent(sessions.onDidChange);
  });
}

function nextEvent<T>(event: vscode.Event<T>): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      subscription.dispose();
      resolve(value);
    });
  });
}

async function traceNextKick(session: MachineSession): Promise<void> {
  const title =
    session.state === "stopped"
      ? vscode.l10n.t("Waiting for the guest's next kick: continue the machine and type something in its console")
      : vscode.l10n.t("Waiting for the guest's next kick: type something in its console");
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  const kick = await vscode.window.withProgress(options, (_progress, token) => {
    // The session may be over by then.
    token.onCancellationRequested(() => session.cancelTrace().catch(() => {}));
    const cancelled = new Promise<undefined>((resolve) => token.onCancellationRequested(() => resolve(undefined)));
    const trace = session.request("acrn/trace", { kicks: 1 }).then(({ kicks }) => kicks[0]);
    return Promise.race([trace, cancelled]);
  });
  if (kick !== undefined) await vscode.commands.executeCommand("acrn.showNotifyChain", { kick, session });
}
