import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { html } from "../../src/extension/views/page.ts";

const root = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
const ADDRESS = "http://view.test/";

interface Marked {
  marked?: boolean;
}

/** What is used here of an element in the browser. */
export interface Scrolled {
  scrollTop: number;
  scrollLeft: number;
}

/** One of the webviews' programs in a browser, with the page that VS Code is given, and no VS Code around it. */
export class View<Update> {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open<Update>(
    browser: Browser,
    name: string,
    strings: { readonly [key: string]: string },
    viewport = { width: 600, height: 700 },
  ): Promise<View<Update>> {
    const page = await browser.newPage({ viewport });
    const file = (suffix: string): string => readFileSync(join(root, "dist", "webview", name + suffix), "utf8");
    const parts = { script: file(".js"), styles: file(".style.css"), nonce: "test" };
    const body = html({ language: "en", title: name, place: "view", strings, ...parts });
    await page.addInitScript(
      "globalThis.acquireVsCodeApi = () => ({ getState() {}, setState() {}, postMessage: (it) => posted.push(it) }); globalThis.posted = [];",
    );
    await page.route("**/*", (route) =>
      route.request().url() === ADDRESS ? route.fulfill({ body, contentType: "text/html" }) : route.abort(),
    );
    await page.goto(ADDRESS);
    return new View<Update>(page);
  }

  /** Sends what the extension sends, and waits until the program has taken it. */
  async update(update: Update): Promise<void> {
    await this.page.evaluate(`new Promise((resolve) => {
      window.addEventListener("message", resolve, { once: true });
      window.postMessage(${JSON.stringify(update)}, "*");
    }).then(() => undefined)`);
  }

  /** What the program has sent to the extension. */
  posted(): Promise<unknown[]> {
    return this.page.evaluate("posted");
  }

  /** Whether nothing of the page is beside what can be seen of it. */
  fits(): Promise<boolean> {
    return this.page.evaluate("document.documentElement.scrollWidth <= innerWidth");
  }

  /** Tag and classes of the element with the focus: "pre.text". */
  focus(): Promise<string> {
    return this.page.evaluate("[document.activeElement.localName, ...document.activeElement.classList].join('.')");
  }

  async scroll(element: Locator, top: number, left = 0): Promise<void> {
    await element.evaluate(
      (it: Scrolled, [y, x]) => {
        it.scrollTop = y;
        it.scrollLeft = x;
      },
      [top, left],
    );
  }

  scrolled(element: Locator): Promise<[top: number, left: number]> {
    return element.evaluate((it: Scrolled) => [it.scrollTop, it.scrollLeft]);
  }

  /** Marks an element, so that another one in its place is told from it. */
  async mark(element: Locator): Promise<void> {
    await element.evaluate((it: Marked) => {
      it.marked = true;
    });
  }

  async isMarked(element: Locator): Promise<boolean> {
    return element.evaluate((it: Marked) => it.marked === true);
  }
}
