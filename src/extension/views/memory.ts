import * as vscode from "vscode";
import { hexDump } from "../../shared/hex.ts";
import type { MachineSession } from "../sessions.ts";

/** Guest memory as a document: in the Hex Editor extension where it is installed, else as a text. */

const HEX_EDITOR = { extension: "ms-vscode.hexeditor", view: "hexEditor.hexedit" };
/** How VS Code itself names memory of a debug session that it opens in the Hex Editor. */
const DEBUG_MEMORY = "vscode-debug-memory";
const SCHEME = "acrn-memory";
/** A text of more bytes is no longer looked at. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Provides the texts; they stay what they were when they were opened. */
export class MemoryDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #disposables: vscode.Disposable[];
  #opened = 0;

  constructor() {
    this.#disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? vscode.l10n.t("The machine has gone on; open the memory once more.");
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** The machine must be stopped. `count`: bytes. */
  async open({ debugSession }: MachineSession, memoryReference: string, count: number): Promise<void> {
    if (vscode.extensions.getExtension(HEX_EDITOR.extension) !== undefined) {
      const path = `/${encodeURIComponent(memoryReference)}/${encodeURIComponent(memoryReference.replace(":", " "))}.bin`;
      const query = `range=0:${count}`;
      const uri = vscode.Uri.from({ scheme: DEBUG_MEMORY, authority: debugSession.id, path, query });
      await vscode.commands.executeCommand("vscode.openWith", uri, HEX_EDITOR.view);
      return;
    }
    const bytes = Math.min(count, MAX_TEXT_BYTES);
    const answer: { address: string; data?: string } = await debugSession.customRequest("readMemory", {
      ...{ memoryReference, count: bytes },
    });
    const name = `${memoryReference.replace(":", "-")} (${++this.#opened}).txt`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    const text = hexDump(BigInt(answer.address), Buffer.from(answer.data ?? "", "base64"));
    const cut = bytes < count ? [vscode.l10n.t("The first {0} of {1} bytes.", bytes, count)] : [];
    this.#texts.set(uri.toString(), [...cut, text, ""].join("\n"));
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }
}
