import * as vscode from "vscode";
import type { AcrnLaunchArguments } from "../debug-adapter/protocol.ts";
import { attachPort } from "./attach-port.ts";
import { mistakeInLaunchJson, mistakeInSettings } from "./mistakes.ts";
import { fileNamed } from "./paths.ts";
import type { Sessions } from "./sessions.ts";

type Configuration = vscode.DebugConfiguration & {
  -readonly [K in keyof AcrnLaunchArguments]: AcrnLaunchArguments[K];
} & {
  /** Without what the settings say. Whoever boots a machine again has the completed configuration only. */
  __given?: Configuration;
  /** Names of the settings that are part of it, but for its `defaults`: the adapter tells which of those are used. */
  __settings?: readonly string[];
};

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
export function registerConfiguration(context: vscode.ExtensionContext, sessions: Sessions): void {
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  const provideDebugConfigurations = () => Object.values(builtIn());
  const provider: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations,
    resolveDebugConfiguration: (_folder, given) => {
      // F5 without a launch.json gives an empty configuration.
      const empty = given.type === undefined && given.request === undefined && given.name === undefined;
      return empty ? builtIn().boot : given;
    },
    resolveDebugConfigurationWithSubstitutedVariables: (folder, given) => complete(folder, given as Configuration),
  };
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider("acrn", provider, Initial),
    // Not with the other functions: VS Code would call them twice.
    vscode.debug.registerDebugConfigurationProvider("acrn", { provideDebugConfigurations }, Dynamic),
    sessions.onDidEnd(({ refusal, debugSession, usedDefaults }) => {
      const { __settings = [] } = debugSession.configuration as Configuration;
      const used = [...__settings, ...usedDefaults.map((name) => `acrn.guest.${name}`)];
      if (refusal === undefined || used.length === 0) return;
      // VS Code's own message leads to launch.json only.
      void mistakeInSettings(vscode.l10n.t("The machine has not started. It had these settings: {0}", used.join(", ")));
    }),
  );
}

function complete(folder: vscode.WorkspaceFolder | undefined, completed: Configuration): Configuration | undefined {
  // Not what somebody has written into a launch.json.
  const given = completed.__given?.type === completed.type ? completed.__given : completed;
  const port = attachPort(given.port);
  if (given.request === "attach" && port === undefined) {
    void mistakeInLaunchJson(
      vscode.l10n.t(
        'port is {0}; expected the number that "acrn-virtio run --dap PORT" printed, from 1 to 65535.',
        JSON.stringify(given.port) ?? vscode.l10n.t("missing"),
      ),
    );
    return undefined;
  }
  const settings = vscode.workspace.getConfiguration("acrn", folder);
  tellWrong(settings);
  const config: Configuration = { ...given, __given: given };
  const used = sourcesOf(settings, config);
  config.workspace ??= vscode.workspace.workspaceFolders
    ?.filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
  if (config.workspace === undefined) delete config.workspace;
  // The guest's console is what one looks at first, not the debug console.
  config.internalConsoleOptions ??= "neverOpen";
  if ((config.console ?? "terminal") === "terminal") config.consoleEvents = true;
  if (given.request === "attach") {
    config.port = port;
  } else {
    const defaults: NonNullable<AcrnLaunchArguments["defaults"]> = {};
    used.push(...fill(config, settings, "guest", ["dmArgs"]));
    fill(defaults, settings, "guest", ["kernel", "initrd", "memory"]);
    const root = folder ?? vscode.workspace.workspaceFolders?.[0];
    const at = root?.uri.scheme === "file" ? root.uri.fsPath : undefined;
    nameFiles(config, at);
    config.defaults = nameFiles(defaults, at);
  }
  config.__settings = used;
  return config;
}

/** What a configuration does not say is as in the settings. Returns the names of those that are used. */
function sourcesOf(settings: vscode.WorkspaceConfiguration, config: Configuration): string[] {
  const given: unknown = config.sources ?? {};
  // What is wrong in a launch.json is told by the adapter, as to every client.
  if (typeof given !== "object") return [];
  const prefer = settings.get("sources.prefer") === "model" ? "model" : "checkout";
  const sources = { prefer, ...given } as const;
  config.sources = sources;
  return fill(sources, settings, "sources", ["acrn", "linux"]);
}

/** Makes whole paths of those that a person has written. */
function nameFiles<T extends { [name: string]: unknown }>(target: T, folder: string | undefined): T {
  for (const name of ["kernel", "initrd", "overlay"]) {
    const path = target[name];
    if (typeof path === "string" && path !== "") Object.assign(target, { [name]: fileNamed(path, folder) });
  }
  return target;
}

/** Settings of a group that are texts and not empty. */
function fill(
  target: { [name: string]: unknown },
  settings: vscode.WorkspaceConfiguration,
  group: string,
  names: readonly string[],
): string[] {
  const used: string[] = [];
  for (const name of names) {
    const value: unknown = settings.get(`${group}.${name}`);
    if ((target[name] ?? undefined) !== undefined || typeof value !== "string" || value === "") continue;
    target[name] = value;
    used.push(`acrn.${group}.${name}`);
  }
  return used;
}

const TEXTS = ["guest.kernel", "guest.initrd", "guest.memory", "guest.dmArgs", "sources.acrn", "sources.linux"];

function tellWrong(settings: vscode.WorkspaceConfiguration): void {
  const wrong = TEXTS.filter((name) => typeof (settings.get(name) ?? "") !== "string");
  if (wrong.length === 0) return;
  const list = wrong.map((name) => `acrn.${name}: ${JSON.stringify(settings.get(name))}`).join(", ");
  void mistakeInSettings(vscode.l10n.t("Settings that are not used, because they are no texts in quotes: {0}", list));
}
