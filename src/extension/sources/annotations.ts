import * as vscode from "vscode";
import { reporting } from "../commands.ts";
import type { Sessions } from "../sessions.ts";
import { StationCounts } from "./counts.ts";
import { type FoundFunction, findFunctions, stationNamed, stationsOf } from "./find-functions.ts";
import type { StationRegistry } from "./registry.ts";
import { BREAK_COMMAND, contextsOf, stationMarkdown } from "./station-text.ts";

/** Headers are C++ to VS Code unless told otherwise. */
const SELECTOR: vscode.DocumentSelector = ["c", "cpp"].map((language) => ({ language, scheme: "file" }));

/** Tells in C files of ACRN and Linux which functions are stations of the chain: above them, and in hovers. */
export function registerAnnotations(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  registry: StationRegistry,
): void {
  const withStations = new WeakSet<vscode.TextDocument>();
  const isShown = () => vscode.window.visibleTextEditors.some(({ document }) => withStations.has(document));
  const counts = new StationCounts(sessions, () => codeLensWanted() && isShown());
  const lensesChanged = new vscode.EventEmitter<void>();
  const lenses: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: lensesChanged.event,
    async provideCodeLenses(document) {
      if (!codeLensWanted()) return [];
      const functions = await functionsIn(registry, document);
      if (functions.length > 0 && !withStations.has(document)) {
        withStations.add(document);
        counts.look();
      }
      return functions.flatMap((found) => lensesOf(found, counts));
    },
  };
  const hovers: vscode.HoverProvider = {
    async provideHover(document, position) {
      const range = document.getWordRangeAtPosition(position, /[A-Za-z_]\w*/);
      if (range === undefined) return undefined;
      const station = stationNamed(
        document.getText(range),
        document.getText(),
        stationsOf(pathOf(document), await registry.get()),
      );
      return station && new vscode.Hover(stationMarkdown(station, counts.textOf(station.id)), range);
    },
  };
  context.subscriptions.push(
    counts,
    lensesChanged,
    counts.onDidChange(() => lensesChanged.fire()),
    vscode.languages.registerCodeLensProvider(SELECTOR, lenses),
    vscode.languages.registerHoverProvider(SELECTOR, hovers),
    vscode.window.onDidChangeVisibleTextEditors(() => counts.look()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("acrn.sources.codeLens")) lensesChanged.fire();
    }),
    vscode.commands.registerCommand(BREAK_COMMAND, (name: unknown) => reporting(() => breakOn(name))),
  );
}

const codeLensWanted = (): boolean => vscode.workspace.getConfiguration("acrn").get("sources.codeLens") !== false;
const pathOf = (document: vscode.TextDocument): string => document.uri.path;

async function functionsIn(registry: StationRegistry, document: vscode.TextDocument): Promise<FoundFunction[]> {
  const path = pathOf(document);
  const candidates = stationsOf(path, await registry.get());
  return candidates.length === 0 ? [] : findFunctions(document.getText(), path, candidates);
}

function lensesOf({ station, line, start, end }: FoundFunction, counts: StationCounts): vscode.CodeLens[] {
  const range = new vscode.Range(line, start, line, end);
  const entered = counts.textOf(station.id);
  const what = vscode.l10n.t("station: {0}, {1}", station.layer, contextsOf(station));
  return [
    // Without a command it is plain text.
    new vscode.CodeLens(range, { title: entered === undefined ? what : `${what} · ${entered}`, command: "" }),
    new vscode.CodeLens(range, {
      title: vscode.l10n.t("break here"),
      tooltip: vscode.l10n.t("Stop whenever {0} is entered", station.id),
      command: BREAK_COMMAND,
      arguments: [station.id],
    }),
  ];
}

/** Adds a function breakpoint, or enables the one that is there, with its condition, hit count and log message. */
function breakOn(name: unknown): void {
  if (typeof name !== "string" || !/^\w+$/.test(name)) {
    throw new Error(vscode.l10n.t("{0} is not a function's name.", String(name)));
  }
  const same = vscode.debug.breakpoints
    .filter((it) => it instanceof vscode.FunctionBreakpoint)
    .filter(({ functionName }) => functionName === name);
  if (same.some(({ enabled }) => enabled)) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There is a breakpoint on {0} already.", name));
    return;
  }
  if (same.length > 0) {
    // An extension cannot switch one on, only put another in its place.
    vscode.debug.removeBreakpoints(same);
    vscode.debug.addBreakpoints(
      same.map(
        ({ condition, hitCondition, logMessage }) =>
          new vscode.FunctionBreakpoint(name, true, condition, hitCondition, logMessage),
      ),
    );
    void vscode.window.showInformationMessage(vscode.l10n.t("The breakpoint on {0} is enabled.", name));
    return;
  }
  vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint(name)]);
  void vscode.window.showInformationMessage(vscode.l10n.t("The guest stops whenever {0} is entered.", name));
}
