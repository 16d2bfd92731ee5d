import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { makePackage, root } from "./project.ts";
import { startServer } from "./server.ts";
import { until } from "./until.ts";
import { PROMPT, Workbench } from "./workbench.ts";

/** A picture in the README; larger ones load slowly. */
const LIMIT_BYTES = 150_000;

const SETTINGS = {
  "window.autoDetectColorScheme": true,
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "breadcrumbs.enabled": false,
  "editor.fontSize": 12,
  "terminal.integrated.fontSize": 12,
};

/** The README's pictures are those of the first two; all are left in out/screenshots to be looked at. */
const THEMES = [
  { name: "light", media: { colorScheme: "light", forcedColors: "none" } },
  { name: "dark", media: { colorScheme: "dark", forcedColors: "none" } },
  { name: "contrast-light", media: { colorScheme: "light", forcedColors: "active" } },
  { name: "contrast-dark", media: { colorScheme: "dark", forcedColors: "active" } },
] as const;
const KEPT: readonly string[] = ["stop-light", "stop-dark"];

/** The class VS Code gives its window in each of them. */
const CLASSES = { light: "vs", dark: "vs-dark", "contrast-light": "hc-light", "contrast-dark": "hc-black" } as const;

/** Takes the README's pictures in the real VS Code, into media/. */
export async function takePictures(): Promise<void> {
  const browser = await startBrowser();
  try {
    const server = await startServer("newest", await makePackage(), SETTINGS);
    try {
      const workbench = await Workbench.open(browser, server, { viewport: { width: 1280, height: 800 } });
      await pictures(browser, workbench).catch(async (error) => {
        await workbench.screenshot("failed-pictures");
        throw error;
      });
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
  }
}

async function pictures(browser: Browser, workbench: Workbench): Promise<void> {
  await stopInDeviceModel(workbench);
  await workbench.webviewShows(
    /Machine stopped/,
    /Kick \d+ of queue \d+, slot \d+, under way/,
    /virtio_console_notify_tx/,
  );
  await inAllThemes(browser, workbench, "stop");
  await workbench.command("ACRN: Show Virtqueue");
  await workbench.webviewShows(/avail/i, /used/i, /desc/i);
  await inAllThemes(browser, workbench, "virtqueue");
  await workbench.debugButton("Stop");
}

async function stopInDeviceModel(workbench: Workbench): Promise<void> {
  await workbench.press("F5");
  await workbench.choose("ACRN Guest");
  await workbench.terminalShows(PROMPT);
  await workbench.type("uname -sr\n");
  await workbench.terminalShows(/^Linux \d.*\n\/root #$/m);
  // From now on hops are recorded.
  await workbench.command("ACRN: Show Notify Chain");
  await workbench.webviewShows(/Machine running/, /Recording\./);
  await workbench.addFunctionBreakpoint("virtio_console_notify_tx");
  await workbench.type("e");
  await workbench.rowShows(workbench.debugRows("call-stack"), /^virtio_console_notify_tx/);
  await workbench.rowShows(workbench.debugRows("variables"), /queue/i);
  await workbench.statusShows(/ACRN: stopped/);
  await workbench.command("Notifications: Clear All Notifications");
}

async function inAllThemes(browser: Browser, workbench: Workbench, name: string): Promise<void> {
  const { page } = workbench;
  const converter = await browser.newPage();
  for (const theme of THEMES) {
    await page.emulateMedia(theme.media);
    await page.locator(`.monaco-workbench.${CLASSES[theme.name]}`).first().waitFor();
    await settled(page);
    const picture = `${name}-${theme.name}`;
    await workbench.screenshot(picture);
    if (KEPT.includes(picture)) await keep(picture, await toWebp(converter, await page.screenshot()));
  }
  await converter.close();
}

async function keep(name: string, picture: Buffer): Promise<void> {
  const file = join("media", `${name}.webp`);
  if (picture.length > LIMIT_BYTES) throw new Error(`${file} has ${picture.length} bytes, more than ${LIMIT_BYTES}`);
  writeFileSync(join(root, file), picture);
  process.stderr.write(`  ${file}: ${(picture.length / 1000).toFixed(0)} kB\n`);
}

/** Waits until the window looks the same twice. */
async function settled(page: Page): Promise<void> {
  let before: Buffer | undefined;
  await until("the window to come to rest", async () => {
    const now = await page.screenshot();
    const same = before?.equals(now) === true;
    before = now;
    return same;
  });
}

/** Of WebP, with loss: without it the pictures are twice as large. */
const QUALITY = 0.9;

async function toWebp(page: Page, png: Buffer): Promise<Buffer> {
  const script = `(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${png.toString("base64")}";
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", ${QUALITY});
  })()`;
  const url = await page.evaluate<string>(script);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
