import * as vscode from "vscode";
import type { AcrnLaunchArguments } from "../debug-adapter/protocol.ts";
import { fileNamed } from "./paths.ts";

type Configuration = vscode.DebugConfiguration & { -readonly [K in keyof AcrnLaunchArguments]: AcrnLaunchArguments[K] };

/** Configurations that need no launch.json. */
export function builtIn(): { readonly boot: Configuration; readonly bootAndStop: Configuration } {
  return {
    boot: { type: "acrn", request: "launch", name: vscode.l10n.t("Boot ACRN guest") },
    bootAndStop: {
      type: "acrn",
      request: "launch",
      name: vscode.l10n.t("Boot ACRN guest, stop at first kick"),
      stopOnKick: "first",
    },
  };
}

/** Makes F5 work without a launch.json, and checks and completes what one says. */
export function registerConfiguration(context: vscode.ExtensionContext): void {
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  const provider: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations: () => Object.values(builtIn()),
    resolveDebugConfiguration: (_folder, given) => {
      // F5 without a launch.json gives an empty configuration.
      const empty = given.type === undefined && given.request === undefined && given.name === undefined;
      return empty ? builtIn().boot : given;
    },
    resolveDebugConfigurationWithSubstitutedVariables: (folder, given) => complete(folder, given as Configuration),
  };
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider("acrn", provider, Initial),
    vscode.debug.registerDebugConfigurationProvider("acrn", provider, Dynamic),
  );
}

function complete(folder: vscode.WorkspaceFolder | undefined, given: Configuration): Configuration | undefined {
  if (given.request === "attach") {
    const { port } = given;
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t(
          'port is {0}; expected the number that "acrn-virtio run --dap PORT" printed, from 1 to 65535.',
          JSON.stringify(port) ?? vscode.l10n.t("missing"),
        ),
      );
      return undefined;
    }
  }
  const settings = vscode.workspace.getConfiguration("acrn", folder);
  const config: Configuration = { ...given, sources: sourcesOf(settings, given.sources) };
  config.workspace ??= vscode.workspace.workspaceFolders
    ?.filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
  if (config.workspace === undefined) delete config.workspace;
  // The guest's console is what one looks at first, not the debug console.
  config.internalConsoleOptions ??= "neverOpen";
  if ((config.console ?? "terminal") === "terminal") config.consoleEvents = true;
  if (given.request !== "attach") {
    guestOf(settings, config);
    const root = folder ?? vscode.workspace.workspaceFolders?.[0];
    const at = root?.uri.scheme === "file" ? root.uri.fsPath : undefined;
    for (const name of ["kernel", "initrd", "overlay"] as const) {
      const path: unknown = config[name];
      if (typeof path === "string" && path !== "") config[name] = fileNamed(path, at);
    }
  }
  return config;
}

function sourcesOf(settings: vscode.WorkspaceConfiguration, given: unknown): AcrnLaunchArguments["sources"] {
  // What is wrong in a launch.json is told by the adapter, as to every client.
  if (given !== undefined && (typeof given !== "object" || given === null)) return given as never;
  const prefer = settings.get("sources.prefer") === "model" ? "model" : "checkout";
  return { ...texts(settings, "sources", ["acrn", "linux"]), prefer, ...given };
}

/** Settings are what a configuration does not say. */
function guestOf(settings: vscode.WorkspaceConfiguration, config: Configuration): void {
  const own = texts(settings, "guest", ["kernel", "initrd", "memory", "dmArgs"]);
  const dmArgs = config.dmArgs ?? own.dmArgs;
  if (dmArgs !== undefined) config.dmArgs = dmArgs;
  // A kernel and its initial RAM disk belong together, and acrn-dm's own options may name all of them.
  if (config.dmArgs !== undefined) return;
  if (config.kernel === undefined && config.initrd === undefined) {
    if (own.kernel !== undefined) config.kernel = own.kernel;
    if (own.initrd !== undefined) config.initrd = own.initrd;
  }
  if (config.memory === undefined && own.memory !== undefined) config.memory = own.memory;
}

/** The settings of a group that are texts and not empty. */
function texts<K extends string>(
  settings: vscode.WorkspaceConfiguration,
  group: string,
  names: readonly K[],
): { [name in K]?: string } {
  const found: { [name in K]?: string } = {};
  for (const name of names) {
    const value = settings.get<unknown>(`${group}.${name}`);
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  return found;
}
