import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { chainStrings } from "../../src/extension/views/strings.ts";
import { overview, queue } from "../../src/extension/views/testing/overview.ts";
import type { ChainUpdate, Hop } from "../../src/webview/messages.ts";
import { startBrowser } from "../vscode/browser.ts";
import { View } from "./view.ts";

const strings = chainStrings((text) => text);

/** That kick, in 40 functions of one context. */
function shows(kick: number): ChainUpdate {
  const hops = Array.from({ length: 40 }, (_, depth): Hop => {
    const where = { layer: "hypervisor", context: "vm1:vcpu0", depth, resumed: false };
    return {
      ...where,
      station: `f${depth}`,
      t_ns: depth * kick,
      cause: null,
      caller: depth === 0 ? null : depth - 1,
      values: { kick },
    };
  });
  return {
    ...{ type: "update", machine: "running", overview: overview([queue(0), queue(1, { availIdx: kick })], kick) },
    kick: { kick, slot: 3, queue: 1, complete: true, recording: true, hops },
  };
}

describe("the Notify Chain view while the guest runs", () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());
  const open = (width = 900) => View.open<ChainUpdate>(browser, "notify-chain", strings, { width, height: 600 });

  test("the next kick takes the focus from no button", async () => {
    const view = await open();
    await view.update(shows(5));
    for (const name of ["Show Virtqueue", "Go to Source"]) {
      const button = view.page.getByRole("button", { name });
      await button.focus();
      await view.mark(button);
      await view.update(shows((await view.posted()).length + 6));
      assert.equal(await view.page.evaluate("document.activeElement.innerText"), name);
      assert.ok(await view.isMarked(button), name);
      await view.page.keyboard.press("Enter");
    }
    assert.deepEqual(await view.posted(), [
      { type: "ready" },
      { type: "showVirtqueue", slot: 3, queue: 1 },
      { type: "openSource", station: "f0" },
    ]);
    await view.page.close();
  });

  test("the next kick keeps the selected hop, and brings nobody back to it who has scrolled away", async () => {
    const view = await open();
    await view.update(shows(5));
    await view.page.locator(".row").nth(3).focus();
    await view.page.keyboard.press("ArrowDown");
    const scroller = view.page.locator(".scroller");
    await view.scroll(scroller, 400);
    await view.update(shows(6));
    assert.equal(await view.page.evaluate("document.activeElement.dataset.station"), "f1");
    assert.deepEqual(await view.scrolled(scroller), [400, 0]);
    await view.page.close();
  });

  test("it fits into a side bar", async () => {
    const view = await open(300);
    await view.update(shows(65_535));
    assert.ok(await view.fits());
    await view.page.close();
  });

  test("without a machine one can be booted, by keyboard", async () => {
    const view = await open();
    await view.update({ type: "update", machine: "none" });
    for (const key of ["Tab", "Enter", "Tab", "Enter"]) await view.page.keyboard.press(key);
    assert.deepEqual(await view.posted(), [
      { type: "ready" },
      { type: "boot", stop: false },
      { type: "boot", stop: true },
    ]);
    await view.page.close();
  });
});
