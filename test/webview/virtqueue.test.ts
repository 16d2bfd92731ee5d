import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { virtqueueStrings } from "../../src/extension/views/strings.ts";
import type { Virtqueue, VirtqueueUpdate } from "../../src/webview/messages.ts";
import { startBrowser } from "../vscode/browser.ts";
import { View } from "./view.ts";

const SIZE = 64;
const strings = virtqueueStrings((text) => text);
const choices = [{ slot: 3, queue: 1, label: "3: virtio-console-pci-3, 1" }];

/** A queue from whose ring `taken` chains have been taken; the last one's buffer is that text. */
function shows(taken: number, text: string, chain: Partial<Virtqueue["chains"][number]> = {}): VirtqueueUpdate {
  const preview = Buffer.from(text).toString("base64");
  const address = { descriptor: 5, address: "0x1000", memoryReference: "guest:0x1000" };
  const buffers = [{ ...address, length: text.length, deviceWrites: false, preview }];
  const ring = { descAddress: 0, availAddress: 4096, usedAddress: 8192, availFlags: 0, usedFlags: 0 };
  const queue: Virtqueue = {
    ...{ slot: 3, queue: 1, device: "virtio-console-pci-3", size: SIZE, ready: true, lastAvail: taken, saveUsed: 0 },
    ...{ msixVector: 1, ioeventfd: false, eventIdx: false, moreChains: 0 },
    rings: {
      ...{ ...ring, usedEvent: 0, availEvent: 0, availIdx: taken, usedIdx: taken },
      descriptors: new Array(SIZE).fill({ address: "0xfffffff8", length: 4096, flags: 3, next: 63 }),
      avail: new Array(SIZE).fill(5),
      used: new Array(SIZE).fill({ id: 5, length: 0 }),
    },
    chains: [{ position: taken - 1, state: "used", head: 5, buffers, ...chain }],
  };
  return { type: "update", machine: "running", choices, queue };
}

const LONG = "0123456789abcdef".repeat(32);

describe("the Virtqueue view while the guest runs", () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());
  const open = () => View.open<VirtqueueUpdate>(browser, "virtqueue", strings, { width: 300, height: 700 });

  test("an update leaves focus, scrolling and what is the same alone", async () => {
    const view = await open();
    await view.update(shows(5, LONG));
    const [text, hex] = [view.page.locator("pre.text"), view.page.locator("pre.hex")];
    await hex.focus();
    await view.scroll(hex, 50, 20);
    await view.page.evaluate(`(() => {
      const text = document.querySelector("pre.text").firstChild;
      getSelection().setBaseAndExtent(text, 2, text, 9);
    })()`);
    await view.mark(text);
    await view.update(shows(6, LONG));
    assert.match(await view.page.locator("h2").innerText(), /at 5 of/);
    assert.equal(await view.focus(), "pre.hex");
    assert.deepEqual(await view.scrolled(hex), [50, 20]);
    assert.equal(await view.page.evaluate("String(getSelection())"), "2345678");
    assert.ok(await view.isMarked(text));
    await view.update(shows(7, "other"));
    assert.equal(await text.innerText(), "other");
    assert.equal(await view.focus(), "pre.hex");
    await view.page.close();
  });

  test("parts that come and go take nothing else with them", async () => {
    const view = await open();
    const buffer = view.page.locator("section.buffer");
    await view.update(shows(5, LONG));
    await view.mark(buffer);
    await view.update(shows(6, LONG, { state: "available", fault: "its next descriptor is 99" }));
    await view.update(shows(7, LONG));
    assert.ok(await view.isMarked(buffer));
    await view.page.close();
  });

  test("tables keep focus and place", async () => {
    const view = await open();
    await view.update(shows(5, "x"));
    await view.page.getByRole("button", { name: "Tables" }).click();
    const table = view.page.getByRole("region", { name: "Available Ring" });
    await table.focus();
    await view.scroll(table, 200);
    await view.update(shows(6, "x"));
    assert.deepEqual(await view.scrolled(table), [200, 0]);
    assert.equal(await view.page.evaluate("document.activeElement.ariaLabel"), "Available Ring");
    assert.equal(await table.locator("tr.current th").innerText(), "5");
    await view.page.close();
  });

  test("what the user has opened stays open, and focus goes on to what takes its place", async () => {
    const view = await open();
    const received = (state: "available" | "used", text: string): VirtqueueUpdate => {
      const update = shows(5, text, { state });
      const [chain] = update.queue?.chains ?? [];
      const buffers = chain.buffers.map((buffer) => ({ ...buffer, deviceWrites: true }));
      return { ...update, queue: { ...(update.queue as Virtqueue), chains: [{ ...chain, buffers }] } };
    };
    await view.update(received("available", "before"));
    await view.page.locator("summary").focus();
    await view.page.keyboard.press("Enter");
    await view.update(received("available", "later"));
    assert.equal(await view.page.locator("details[open] pre.text").innerText(), "later");
    assert.equal(await view.focus(), "summary");
    await view.update(received("used", "written"));
    assert.equal(await view.page.locator("details").count(), 0);
    assert.equal(await view.focus(), "pre.text");
    await view.page.close();
  });

  test("memory can be opened while the machine is stopped; else its button says why not", async () => {
    const view = await open();
    const button = view.page.getByRole("button", { name: "Open in Hex Editor" });
    await view.update(shows(5, "text"));
    await button.focus();
    await view.page.keyboard.press("Enter");
    assert.equal(await button.getAttribute("title"), strings.needsStop);
    await view.update({ ...shows(5, "text"), machine: "stopped" });
    assert.equal(await view.focus(), "button.link");
    await view.page.keyboard.press("Enter");
    assert.deepEqual(await view.posted(), [
      { type: "ready" },
      { type: "openMemory", memoryReference: "guest:0x1000", count: 4 },
    ]);
    await view.page.close();
  });

  test("it fits into a side bar, as rings and as tables", async () => {
    const view = await open();
    await view.update(shows(65_535, LONG));
    assert.ok(await view.fits());
    assert.equal(await view.page.locator(".indices").innerText(), "avail.idx 65535\ntaken to 65535\nused.idx 65535");
    await view.page.getByRole("button", { name: "Tables" }).click();
    assert.ok(await view.fits());
    await view.page.close();
  });

  test("without a machine one can be booted, by keyboard", async () => {
    const view = await open();
    await view.page.keyboard.press("Tab");
    await view.page.keyboard.press("Enter");
    await view.page.keyboard.press("Tab");
    await view.page.keyboard.press("Enter");
    assert.deepEqual(await view.posted(), [
      { type: "ready" },
      { type: "boot", stop: false },
      { type: "boot", stop: true },
    ]);
    await view.update({ type: "update", machine: "running", choices: [] });
    assert.equal(await view.page.locator(".empty").innerText(), strings.noQueues);
    await view.page.close();
  });
});
