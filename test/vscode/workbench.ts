import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { root } from "./project.ts";
import type { Server } from "./server.ts";
import { PATIENCE_MS, until } from "./until.ts";

/** The guest's, in the last row; spaces at the end of a row are not seen. */
export const PROMPT = /^\/root #$/m;

/** What is not said is as in {@link Workbench.open}. */
export interface WindowOptions extends BrowserContextOptions {
  readonly folder?: string;
  /** Called with the page before anything is loaded into it. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** A window of VS Code, used as a person does: keys, the palette, what is to be read on the screen. */
export class Workbench {
  readonly page: Page;
  readonly #server: Server;

  private constructor(page: Page, server: Server) {
    this.page = page;
    this.#server = server;
  }

  /** Opens a window, of a folder or empty, and waits until its extension host has started. */
  static async open(browser: Browser, server: Server, windowOptions: WindowOptions = {}): Promise<Workbench> {
    const { folder, prepare, ...options } = windowOptions;
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, ...options });
    page.setDefaultTimeout(PATIENCE_MS);
    await prepare?.(page);
    const workbench = new Workbench(page, server);
    const started = (): number => workbench.extensionHostLog().split("Eager extensions activated").length;
    const before = started();
    const url = new URL(server.url);
    if (folder !== undefined) url.searchParams.set("folder", folder);
    await page.goto(url.href);
    await until(
      "the extension host to start",
      async () => started() > before,
      async () => workbench.extensionHostLog(),
    );
    return workbench;
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** Runs a command of the palette, by its whole title. */
  async command(title: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input, .quick-input-widget .quick-input-filter input");
    await this.press("F1");
    await input.first().fill(`>${title}`);
    await this.choose(title);
  }

  /** Opens a file by its path. */
  async openFile(path: string): Promise<void> {
    await this.command("File: Open File...");
    const input = this.page.locator(".quick-input-widget .quick-input-filter input").first();
    const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${basename(path)}"]`).first();
    await until(
      `${path} in the list`,
      async () => {
        // The list begins with a folder, when it has read it, whatever is in the line by then.
        if ((await input.inputValue()) !== path) await input.fill(path);
        return (await row.count()) > 0;
      },
      () => input.inputValue(),
    );
    await row.click();
    await this.editorShows(new RegExp(basename(path)));
  }

  /** Takes the entry of the open list whose text is, or begins with, `label`. */
  async choose(label: string): Promise<void> {
    const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first();
    await row.click();
  }

  /** What the rows of the terminal in front show; "" without one. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator(".terminal-wrapper.active .xterm-rows > div");
    const lines = await rows.allTextContents();
    return lines.map((line) => line.replaceAll("\u00a0", " ").trimEnd()).join("\n");
  }

  async terminalShows(pattern: RegExp): Promise<void> {
    await until(
      `${pattern} in the terminal`,
      async () => pattern.test(await this.terminalText()),
      () => this.terminalText(),
    );
  }

  /** Types into the terminal in front. */
  async type(text: string): Promise<void> {
    await this.page.locator(".terminal-wrapper.active .xterm-helper-textarea").focus();
    await this.page.keyboard.type(text);
  }

  /** A part of the debug side bar, by the part's CSS class: call-stack, variables, breakpoints. */
  debugRows(part: "call-stack" | "variables" | "breakpoints"): Locator {
    // Not the copies that stick to a list's top.
    return this.page.locator(`.debug-${part} .monaco-list-rows > .monaco-list-row`);
  }

  async addFunctionBreakpoint(name: string): Promise<void> {
    await this.command("Add Function Breakpoint");
    const input = this.page.locator(".debug-breakpoints .inputBoxContainer input");
    await input.fill(name);
    await input.press("Enter");
    await this.rowShows(this.debugRows("breakpoints"), new RegExp(`^${name}`));
  }

  async rows(locator: Locator): Promise<string[]> {
    const texts = await locator.allTextContents();
    return texts.map((text) => text.replaceAll("\u00a0", " ").trim());
  }

  /** Waits until a row of the list matches. */
  async rowShows(locator: Locator, pattern: RegExp): Promise<void> {
    await until(
      `a row with ${pattern}`,
      async () => (await this.rows(locator)).some((text) => pattern.test(text)),
      () => this.rows(locator),
    );
  }

  /** What is to be read in the window's webviews: the text of each frame that has some. */
  async webviews(): Promise<string[]> {
    const frames = this.page.frames().filter((frame) => frame !== this.page.mainFrame());
    const texts = frames.map((frame) =>
      frame
        .locator("body")
        .innerText({ timeout: 2000 })
        .catch(() => ""),
    );
    return (await Promise.all(texts)).filter(
      (text): text is string => !!text?.trim() && !text.includes("vscodeWebWorkerExtHostId"),
    );
  }

  /** Waits until one webview shows all of the patterns. */
  async webviewShows(...patterns: RegExp[]): Promise<void> {
    await until(
      `a webview with ${patterns.join(" and ")}`,
      async () => (await this.webviews()).some((text) => patterns.every((pattern) => pattern.test(text))),
      () => this.webviews(),
    );
  }

  /** Clicks in the webview that has such an element. */
  async clickInWebview(selector: string): Promise<void> {
    const find = async () => {
      for (const frame of this.page.frames()) if ((await frame.locator(selector).count()) > 0) return frame;
      return undefined;
    };
    const frame = await until(`a webview with ${selector}`, find, () => this.webviews());
    await frame.locator(selector).first().click();
  }

  async statusBar(): Promise<string> {
    return (await this.page.locator(".statusbar-item").allTextContents()).join(" | ");
  }

  async statusShows(pattern: RegExp): Promise<void> {
    await until(
      `${pattern} in the status bar`,
      async () => pattern.test(await this.statusBar()),
      () => this.statusBar(),
    );
  }

  /** Presses a button of the debug toolbar, by the beginning of its label, when it can be pressed. */
  async debugButton(label: string): Promise<void> {
    await this.page.locator(`.debug-toolbar .action-label:not(.disabled)[aria-label^="${label}"]`).click();
  }

  /** Starts a configuration of launch.json. */
  async start(name: string): Promise<void> {
    await this.command("Debug: Select and Start Debugging");
    await this.choose(name);
  }

  /** Waits until there are as many terminals, by what their tabs say; a single one has no tab. */
  async terminals(...titles: readonly RegExp[]): Promise<void> {
    const tabs = this.page.locator(".terminal-tabs-entry");
    await until(
      `terminals ${titles.join(", ")}`,
      async () => {
        const texts = await this.rows(tabs);
        return texts.length === titles.length && titles.every((title) => texts.some((text) => title.test(text)));
      },
      () => this.rows(tabs),
    );
  }

  /** Brings one of several terminals to the front, by the text of its tab. */
  async terminal(title: string): Promise<void> {
    await this.page.locator(".terminal-tabs-entry", { hasText: title }).click();
    await this.page.locator(".monaco-list-row.selected .terminal-tabs-entry", { hasText: title }).waitFor();
  }

  /** Waits for a notification that says `pattern`; presses its button `label`, if there is one to press. */
  async notification(pattern: RegExp, label?: string): Promise<void> {
    const notifications = this.page.locator(".notifications-toasts .notification-list-item");
    await this.rowShows(notifications, pattern);
    if (label === undefined) return;
    await notifications.filter({ hasText: pattern }).locator(".monaco-button", { hasText: label }).click();
  }

  /** Waits for an editor's tab. */
  async editorShows(title: RegExp): Promise<void> {
    await this.rowShows(this.page.locator(".tabs-container .tab.active"), title);
  }

  /** Waits for a modal dialog that says `pattern`, and presses the button whose label begins with `label`. */
  async answer(pattern: RegExp, label: string): Promise<void> {
    const dialog = this.page.locator(".monaco-dialog-box");
    await this.rowShows(dialog, pattern);
    await dialog.locator(".monaco-button", { hasText: label }).first().click();
    await dialog.waitFor({ state: "detached" });
  }

  async screenshot(name: string): Promise<void> {
    const folder = join(root, "out", "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** The extension host's log of this window. */
  extensionHostLog(): string {
    return this.logs("remoteexthost.log");
  }

  /** The log files of that name, joined. */
  logs(name: string): string {
    const folder = join(this.#server.userData, "logs");
    if (!existsSync(folder)) return "";
    const paths = readdirSync(folder, { recursive: true }).map(String);
    const found = paths.filter((path) => path.endsWith(name)).sort();
    return found.map((path) => readFileSync(join(folder, path), "utf8")).join("");
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
