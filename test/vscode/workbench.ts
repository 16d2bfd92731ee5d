import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { root } from "./project.ts";
import type { Server } from "./server.ts";
import { PATIENCE_MS, until } from "./until.ts";

/** A window of VS Code, used as a person does: keys, the palette, what is to be read on the screen. */
export class Workbench {
  readonly page: Page;
  readonly #server: Server;

  private constructor(page: Page, server: Server) {
    this.page = page;
    this.#server = server;
  }

  /** Opens a window and waits until its extension host has started. */
  static async open(browser: Browser, server: Server): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(server.url);
    const workbench = new Workbench(page, server);
    await until(
      "the extension host to start",
      async () => workbench.extensionHostLog().includes("Eager extensions activated"),
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
    return this.page.locator(`.debug-${part} .monaco-list-row`);
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

  /** The function the machine is stopped in: the first frame below the thread that says why it stopped. "" while it runs. */
  async frame(): Promise<string> {
    const rows = await this.debugRows("call-stack").all();
    const texts = await Promise.all(rows.map((row) => row.textContent({ timeout: 1000 }).catch(() => "")));
    const thread = texts.findIndex((text) => /Paused on/.test(text ?? ""));
    const name = rows[thread + 1]?.locator(".stack-frame .label");
    return thread < 0 || name === undefined
      ? ""
      : (await name.textContent({ timeout: 1000 }).catch(() => ""))?.trim() || "";
  }

  /** What is in the window's webviews: the text of each frame that has some. */
  async webviews(): Promise<string[]> {
    const frames = this.page.frames().filter((frame) => frame !== this.page.mainFrame());
    const texts = frames.map((frame) =>
      frame
        .locator("body")
        .textContent({ timeout: 2000 })
        .catch(() => ""),
    );
    return (await Promise.all(texts)).filter((text): text is string => !!text?.trim());
  }

  /** Waits until one webview shows all of the patterns. */
  async webviewShows(...patterns: RegExp[]): Promise<void> {
    await until(
      `a webview with ${patterns.join(" and ")}`,
      async () => (await this.webviews()).some((text) => patterns.every((pattern) => pattern.test(text))),
      () => this.webviews(),
    );
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

  /** What notifications say. */
  async notifications(): Promise<string[]> {
    return this.rows(this.page.locator(".notifications-toasts .notification-list-item"));
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
