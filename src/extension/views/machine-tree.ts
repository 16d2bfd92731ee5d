import * as vscode from "vscode";
import type { MachineSession, Sessions } from "../sessions.ts";
import { changedItems, type MachineItem, machineItems } from "./machine-items.ts";
import { Refresher } from "./refresher.ts";

/** Marks of changed values: a decoration of these addresses. */
const SCHEME = "acrn-machine";
const CHANGED_COLOR = new vscode.ThemeColor("list.warningForeground");
/** The view has a place of its own, and one in the debug side bar. */
const VIEWS = ["acrn.machine", "acrn.machineInDebug"];
/** Open when the tree is seen first. */
const EXPANDED = new Set(["vm", "slots", "devices"]);

/** The Machine view: the machine at a glance, with the actions of its items. */
export function registerMachineTree(context: vscode.ExtensionContext, sessions: Sessions): void {
  const tree = new MachineTree(sessions);
  const copy = (pick: (item: MachineItem) => string | undefined) => async (item: MachineItem | undefined) => {
    const text = item === undefined ? undefined : pick(item);
    if (text !== undefined) await vscode.env.clipboard.writeText(text);
  };
  context.subscriptions.push(
    tree,
    vscode.commands.registerCommand("acrn.machine.refresh", () => tree.refresh()),
    vscode.commands.registerCommand(
      "acrn.machine.copyValue",
      copy(({ value, label }) => value || label),
    ),
    vscode.commands.registerCommand(
      "acrn.machine.copyPath",
      copy(({ path }) => path),
    ),
    vscode.commands.registerCommand("acrn.machine.showQueue", (item: MachineItem | undefined) =>
      vscode.commands.executeCommand("acrn.showVirtqueue", item?.queue),
    ),
  );
}

class MachineTree implements vscode.TreeDataProvider<MachineItem>, vscode.FileDecorationProvider, vscode.Disposable {
  readonly #views: readonly vscode.TreeView<MachineItem>[];
  readonly #refresher: Refresher;
  readonly #treeChanged = new vscode.EventEmitter<undefined>();
  readonly #marksChanged = new vscode.EventEmitter<vscode.Uri[]>();
  readonly #disposables: vscode.Disposable[];
  #session: MachineSession | undefined;
  #items: readonly MachineItem[] = [];
  #changed: ReadonlySet<string> = new Set();

  readonly onDidChangeTreeData = this.#treeChanged.event;
  readonly onDidChangeFileDecorations = this.#marksChanged.event;

  constructor(sessions: Sessions) {
    this.#views = VIEWS.map((id) =>
      vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#refresher = new Refresher(
      sessions,
      () => this.#views.some(({ visible }) => visible),
      (session) => this.#look(session),
    );
    this.#disposables = [
      ...this.#views,
      this.#refresher,
      this.#treeChanged,
      this.#marksChanged,
      ...this.#views.map((view) => view.onDidChangeVisibility(() => this.#refresher.refresh())),
      vscode.window.registerFileDecorationProvider(this),
    ];
    this.#refresher.refresh();
  }

  refresh(): void {
    this.#refresher.refresh();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  getChildren(item?: MachineItem): MachineItem[] {
    return [...(item?.children ?? this.#items)];
  }

  getTreeItem(item: MachineItem): vscode.TreeItem {
    const { TreeItemCollapsibleState: State } = vscode;
    const state = item.children.length === 0 ? State.None : EXPANDED.has(item.id) ? State.Expanded : State.Collapsed;
    const shown = new vscode.TreeItem(item.label, state);
    const changed = this.#changed.has(item.id);
    shown.id = item.id;
    shown.description = item.value;
    shown.tooltip = [`${item.label} ${item.value}`.trim(), item.tooltip].filter(Boolean).join("\n");
    shown.contextValue = item.kind ?? "value";
    shown.resourceUri = uriOf(item.id);
    // An address without an icon gets one of the file icon theme, as if it were a file.
    shown.iconPath = new vscode.ThemeIcon(item.icon ?? "blank");
    const spoken = `${item.label} ${item.value}`.trim();
    shown.accessibilityInformation = { label: changed ? vscode.l10n.t("{0}, changed", spoken) : spoken };
    return shown;
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== SCHEME || !this.#changed.has(uri.path.slice(1))) return undefined;
    const mark = new vscode.FileDecoration("●", vscode.l10n.t("Changed since the last look"), CHANGED_COLOR);
    mark.propagate = false;
    return mark;
  }

  async #look(session: MachineSession | undefined): Promise<void> {
    let items: readonly MachineItem[] = [];
    if (session !== undefined && session.state !== "ended") {
      // A machine that is still being made answers nothing.
      const overview = await session.request("acrn/overview", {}).catch(() => undefined);
      if (overview !== undefined) items = machineItems(overview, (text, ...values) => vscode.l10n.t(text, ...values));
    }
    const before = this.#changed;
    this.#changed = session === this.#session ? changedItems(this.#items, items) : new Set();
    this.#session = session;
    this.#items = items;
    const isStarting = items.length === 0 && session !== undefined && session.state !== "ended";
    const message = isStarting ? vscode.l10n.t("The machine is starting.") : undefined;
    for (const view of this.#views) view.message = message;
    this.#treeChanged.fire(undefined);
    this.#marksChanged.fire([...new Set([...before, ...this.#changed])].map(uriOf));
  }
}

const uriOf = (id: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path: `/${id}` });
