import * as vscode from "vscode";
import { STDIO_PORT } from "../../debug-adapter/protocol.ts";
import { reporting } from "../commands.ts";
import { builtIn } from "../configuration.ts";
import type { MachineSession, Sessions } from "../sessions.ts";
import { GuestTerminal } from "./guest-terminal.ts";

/** The terminals of guests' consoles: one for each machine whose console VS Code shows. */
export class Consoles implements vscode.Disposable {
  readonly #terminals = new Set<GuestTerminal>();
  /** Made for a machine that is about to start. */
  #waiting: GuestTerminal | undefined;
  readonly #disposables: vscode.Disposable[];

  constructor(sessions: Sessions) {
    this.#disposables = [
      sessions.onDidStart((session) => this.#started(session)),
      sessions.onDidChange(() => {
        const open = [...this.#terminals].filter(({ isOpen }) => isOpen);
        for (const console of this.#terminals) console.look(open.length > 1 ? open.indexOf(console) + 1 : 0);
      }),
      sessions.onDidReceiveEvent((it) => {
        if (it.event === "acrn/console" && it.body.port === STDIO_PORT) {
          // A machine one has attached to may have a terminal of its own; this says that it has not.
          const { state, debugSession } = it.session;
          const isNew = this.#consoleOf(it.session) === undefined && state !== "ended";
          if (isNew && debugSession.configuration.request === "attach") this.#give(it.session, this.#idle());
          this.#consoleOf(it.session)?.output(Buffer.from(it.body.data, "base64"), it.body.offset);
        }
      }),
      sessions.onDidEnd((session) => this.#consoleOf(session)?.ended(...farewell(session))),
      vscode.window.registerTerminalProfileProvider("acrn.console", {
        provideTerminalProfile: () => this.#profile(sessions),
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Shows the console of a machine, in a new terminal if its own was closed. Without such a console: undefined. */
  show(session: MachineSession): vscode.Terminal | undefined {
    const console = this.#consoleOf(session);
    if (console === undefined) return undefined;
    console.terminal ??= vscode.window.createTerminal({ ...OPTIONS(), pty: console });
    console.terminal.show();
    return console.terminal;
  }

  /** The console that a terminal shows. */
  of(terminal: vscode.Terminal): GuestTerminal | undefined {
    return [...this.#terminals].find((console) => console.terminal === terminal);
  }

  #consoleOf(session: MachineSession): GuestTerminal | undefined {
    return [...this.#terminals].find((console) => console.session === session);
  }

  #started(session: MachineSession): void {
    const { consoleEvents, request } = session.debugSession.configuration;
    if (consoleEvents !== true || (request === "attach" && this.#waiting === undefined)) return;
    const console = this.#waiting ?? this.#idle();
    this.#waiting = undefined;
    this.#give(session, console);
  }

  /** A terminal whose machine is gone: it goes on with another one. */
  #idle(): GuestTerminal | undefined {
    return [...this.#terminals].find((it) => it.session === undefined && it.isOpen && it !== this.#waiting);
  }

  /** Gives a machine that terminal, or a new one. */
  #give(session: MachineSession, console: GuestTerminal | undefined): void {
    const used = console ?? this.#make();
    used.attach(session);
    const bootAgain = (): void => {
      // Once, until it has turned out that it does not start.
      used.onBootAgain = undefined;
      this.#waiting = used;
      void reporting(async () => {
        const { workspaceFolder, configuration } = session.debugSession;
        const noDebug = configuration.noDebug === true;
        let started = false;
        try {
          started = await vscode.debug.startDebugging(workspaceFolder, configuration, { noDebug });
        } finally {
          if (this.#waiting === used) this.#waiting = undefined;
          if (!started) used.onBootAgain = bootAgain;
        }
      });
    };
    used.onBootAgain = bootAgain;
    // One that VS Code is about to open shows itself.
    if (used.terminal !== undefined || console === undefined) this.show(session);
  }

  #make(): GuestTerminal {
    // Those that are closed and whose machine is gone are of no use any more.
    for (const it of this.#terminals) if (!it.isOpen && it.session === undefined) this.#terminals.delete(it);
    const console = new GuestTerminal(TITLE());
    // The walkthrough's step is done then.
    console.onTyped = () => void vscode.commands.executeCommand("setContext", "acrn.hasTyped", true);
    this.#terminals.add(console);
    return console;
  }

  /** For "New Terminal > ACRN Guest Console": the console of the machine that runs, else a machine of its own. */
  #profile(sessions: Sessions): vscode.TerminalProfile | undefined {
    const { active } = sessions;
    const console = active && this.#consoleOf(active);
    if (console?.terminal !== undefined) {
      // One terminal shows a console: two would each get half of the answers.
      console.terminal.show();
      return new vscode.TerminalProfile({ ...OPTIONS(), pty: closedAtOnce(), isTransient: true });
    }
    const made = console ?? this.#make();
    if (console === undefined) {
      this.#waiting = made;
      void reporting(async () => {
        const started = await vscode.debug.startDebugging(undefined, builtIn().boot, { noDebug: true });
        // Otherwise its session has told why.
        if (!started && this.#waiting === made) made.ended(vscode.l10n.t("The machine has not started."));
      });
    }
    const opened = vscode.window.onDidOpenTerminal((terminal) => {
      if ((terminal.creationOptions as vscode.ExtensionTerminalOptions).pty !== made) return;
      made.terminal = terminal;
      opened.dispose();
    });
    return new vscode.TerminalProfile({ ...OPTIONS(), pty: made });
  }
}

/** A terminal that goes as it comes: VS Code takes a profile without one for an error. */
function closedAtOnce(): vscode.Pseudoterminal {
  const closed = new vscode.EventEmitter<void>();
  return {
    onDidWrite: new vscode.EventEmitter<string>().event,
    onDidClose: closed.event,
    open: () => closed.fire(),
    close() {},
  };
}

const TITLE = (): string => vscode.l10n.t("ACRN Guest");
const OPTIONS = (): { readonly name: string; readonly iconPath: vscode.ThemeIcon } => ({
  name: TITLE(),
  iconPath: new vscode.ThemeIcon("vm"),
});

/** What the console of a machine that is gone says, in lines. */
function farewell({ debugSession, isLost, refusal }: MachineSession): string[] {
  if (refusal !== undefined) {
    return [vscode.l10n.t("The machine has not started:"), refusal, vscode.l10n.t("Enter tries again.")];
  }
  if (isLost) return [vscode.l10n.t("The machine's process has ended unexpectedly. Enter boots a new machine.")];
  if (debugSession.configuration.request === "attach") {
    return [vscode.l10n.t("The machine is not debugged from here any more. Enter attaches to it again.")];
  }
  return [vscode.l10n.t("The machine is switched off. Enter boots it again.")];
}
