import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { groupOfPrograms, lockGroupOf } from "./own-group.ts";
import { html, type Page } from "./page.ts";

/** A webview program of dist/webview, and what its host does with its messages. */
export interface Program {
  /** Of the view and of the editor: "acrn.notifyChain". */
  readonly id: string;
  /** Of its files: "notify-chain". */
  readonly name: string;
  readonly title: string;
  readonly strings: { readonly [key: string]: string };
  /** `raw` is untrusted. */
  received(raw: unknown, place: Place): void;
  visibilityChanged(): void;
}

/** Where a program is shown. */
export interface Place {
  readonly webview: vscode.Webview;
  /** The editor group it is in; undefined for a view beside the editors. */
  readonly column: vscode.ViewColumn | undefined;
}

/** Shows one program in its view, in an editor, or in both, with the same contents. */
export class ProgramHost implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #program: Program;
  readonly #disposables: vscode.Disposable[];
  #view: vscode.WebviewView | undefined;
  #panel: vscode.WebviewPanel | undefined;

  constructor(context: vscode.ExtensionContext, program: Program) {
    this.#context = context;
    this.#program = program;
    this.#disposables = [
      vscode.window.registerWebviewViewProvider(program.id, {
        resolveWebviewView: (view) => this.#resolve(view),
      }),
      vscode.window.registerWebviewPanelSerializer(program.id, {
        deserializeWebviewPanel: async (panel) => this.#adopt(panel),
      }),
    ];
  }

  get visible(): boolean {
    return this.#view?.visible === true || this.#panel?.visible === true;
  }

  /** Sends to wherever it can be seen; what is hidden asks again when it is shown. */
  post(message: unknown): void {
    for (const place of [this.#view, this.#panel]) if (place?.visible) void place.webview.postMessage(message);
  }

  /** Opens it in an editor beside the one in use, or shows the editor it is in. */
  open({ preserveFocus = false } = {}): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal(undefined, preserveFocus);
      return;
    }
    const { id, title } = this.#program;
    const known = groupOfPrograms();
    const viewColumn = known?.viewColumn ?? vscode.ViewColumn.Beside;
    const panel = vscode.window.createWebviewPanel(id, title, { viewColumn, preserveFocus }, this.#options());
    this.#adopt(panel);
    if (known === undefined) lockGroupOf(panel);
  }

  dispose(): void {
    const panel = this.#panel;
    this.#panel = undefined;
    panel?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #resolve(view: vscode.WebviewView): void {
    this.#view = view;
    view.webview.options = this.#options();
    this.#fill(view.webview, "view", () => undefined);
    view.onDidChangeVisibility(() => this.#program.visibilityChanged());
    view.onDidDispose(() => {
      if (this.#view !== view) return;
      this.#view = undefined;
      this.#program.visibilityChanged();
    });
  }

  #adopt(panel: vscode.WebviewPanel): void {
    const before = this.#panel;
    this.#panel = panel;
    before?.dispose();
    panel.webview.options = this.#options();
    const icon = (name: string) => vscode.Uri.joinPath(this.#context.extensionUri, "media", "icons", name);
    panel.iconPath = { light: icon("activity.svg"), dark: icon("activity-dark.svg") };
    this.#fill(panel.webview, "editor", () => panel.viewColumn);
    panel.onDidChangeViewState(() => this.#program.visibilityChanged());
    panel.onDidDispose(() => {
      if (this.#panel !== panel) return;
      this.#panel = undefined;
      this.#program.visibilityChanged();
    });
  }

  /** Pages load no files, and could not. */
  #options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [], enableForms: false };
  }

  #fill(webview: vscode.Webview, place: Page["place"], column: () => vscode.ViewColumn | undefined): void {
    const { name, title, strings } = this.#program;
    const file = (suffix: string): string => this.#context.asAbsolutePath(join("dist", "webview", name + suffix));
    webview.onDidReceiveMessage((raw) => this.#program.received(raw, { webview, column: column() }));
    webview.html = html({
      ...{ language: vscode.env.language, title, place, strings },
      script: readFileSync(file(".js"), "utf8"),
      styles: readFileSync(file(".style.css"), "utf8"),
      nonce: randomBytes(18).toString("base64"),
    });
  }
}
