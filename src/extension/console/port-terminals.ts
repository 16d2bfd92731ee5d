import * as vscode from "vscode";
import { adapterProgram, NODE_ENVIRONMENT } from "../adapter.ts";
import type { MachineSession } from "../sessions.ts";
import type { PortPlace } from "./port-place.ts";

/**
 * Terminals joined to ports with a pseudo-terminal or a socket. One for each: two would share what the guest writes, or take
 * the port away from each other.
 */
export class PortTerminals {
  readonly #program: string;
  readonly #terminals = new Map<string, vscode.Terminal>();

  constructor(context: vscode.ExtensionContext) {
    this.#program = adapterProgram(context);
  }

  /** Shows the terminal of a port, or opens one. */
  show({ debugSession }: MachineSession, label: string, { kind, path }: PortPlace): void {
    for (const [key, { exitStatus }] of this.#terminals) if (exitStatus !== undefined) this.#terminals.delete(key);
    const key = `${debugSession.id} ${path}`;
    const terminal = this.#terminals.get(key) ?? this.#open(label, kind, path);
    this.#terminals.set(key, terminal);
    terminal.show();
  }

  #open(label: string, kind: PortPlace["kind"], path: string): vscode.Terminal {
    return vscode.window.createTerminal({
      name: vscode.l10n.t("{0}: ACRN Guest", label),
      iconPath: new vscode.ThemeIcon("vm"),
      shellPath: process.execPath,
      shellArgs: [this.#program, "console", "--filter", `--${kind}`, path],
      env: NODE_ENVIRONMENT,
      isTransient: true,
    });
  }
}
