import { existsSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { machineProcessOptions } from "../shared/machine-process.ts";

/** The program that holds the machine and speaks DAP; it runs in a process of its own. */
export function adapterProgram(context: vscode.ExtensionContext): string {
  return join(context.extensionPath, "dist", "cli.js");
}

/** Arguments of Node for one of its commands that run a machine. */
export function machineCommand(program: string, command: string): string[] {
  return [...machineProcessOptions(availableParallelism()), program, command];
}

/** Machines are debugged on their own computer only. */
const LOOPBACK = "127.0.0.1";

/** Environment in which VS Code's own executable is Node. */
export const NODE_ENVIRONMENT = { ELECTRON_RUN_AS_NODE: "1" };

/** Starts the debug adapter of a launch, or connects to the one that an attach names. */
export function registerAdapter(context: vscode.ExtensionContext): void {
  const program = adapterProgram(context);
  const factory: vscode.DebugAdapterDescriptorFactory = {
    createDebugAdapterDescriptor({ configuration }) {
      if (configuration.request === "attach") return serverAt(configuration.port);
      if (!existsSync(program)) {
        throw new Error(vscode.l10n.t("{0} is missing: the extension is damaged; install it anew.", program));
      }
      return new vscode.DebugAdapterExecutable(process.execPath, machineCommand(program, "dap"), {
        env: NODE_ENVIRONMENT,
      });
    },
  };
  context.subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory("acrn", factory));
}

/** Tries the port first: of one where nobody listens VS Code would say "connect ECONNREFUSED" only. */
function serverAt(port: number): Promise<vscode.DebugAdapterDescriptor> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, LOOPBACK, () => {
      socket.destroy();
      resolve(new vscode.DebugAdapterServer(port, LOOPBACK));
    });
    socket.once("error", () => {
      const text = vscode.l10n.t(
        'No machine answers at port {0}. Start one in a terminal with "acrn-virtio run --dap {0}", or give the port that it printed.',
        port,
      );
      reject(new Error(text));
    });
  });
}
