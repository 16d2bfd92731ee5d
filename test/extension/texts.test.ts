import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

/** What people read: every text of the manifest and of the extension is there in every language, with its placeholders. */

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? process.cwd();
type Texts = Record<string, string>;
const read = (path: string): Texts => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const manifest = readFileSync(join(ROOT, "package.json"), "utf8");

/** {0}, and what must not be translated: `code`, [..](command:..). */
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\d+\}|`[^`]*`|\(command:[\w.]+\)/g)].map(([it]) => it).sort();

function assertTranslated(original: Texts, translation: Texts): void {
  assert.deepEqual(
    Object.keys(original).filter((key) => translation[key] === undefined),
    [],
    "texts without a translation",
  );
  assert.deepEqual(
    Object.keys(translation).filter((key) => original[key] === undefined),
    [],
    "translations of texts that are not there",
  );
  for (const [key, text] of Object.entries(original)) {
    assert.deepEqual(placeholders(translation[key]), placeholders(text), key);
    assert.equal(translation[key].split("\n").length, text.split("\n").length, key);
    assert.notEqual(translation[key].trim(), "", key);
  }
}

describe("package.nls.json", () => {
  const texts = read("package.nls.json");

  test("holds what the manifest names, and nothing else", () => {
    const named = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
    assert.deepEqual([...named].sort(), Object.keys(texts).sort());
  });

  test("is translated into Chinese", () => assertTranslated(texts, read("package.nls.zh-cn.json")));
});

describe("l10n/bundle.l10n.json", () => {
  const bundle = read("l10n/bundle.l10n.json");

  test("holds every text of the extension; node scripts/l10n.mjs writes it anew", async () => {
    const { extensionTexts } = await import(pathToFileURL(join(ROOT, "scripts", "l10n.mjs")).href);
    assert.deepEqual(Object.keys(bundle), extensionTexts());
  });

  test("is translated into Chinese; node scripts/l10n.mjs --missing lists what is not", () =>
    assertTranslated(bundle, read("l10n/bundle.l10n.zh-cn.json")));
});

test("the texts of a source are found in every form, and what cannot be translated is refused", async () => {
  const { textsOf } = await import(pathToFileURL(join(ROOT, "scripts", "l10n.mjs")).href);
  const text = `
    vscode.l10n.t("plain \\"{0}\\"", x); l10n.t(
      'single "{0}"' + // a comment between
      " and more",
    ); vscode.l10n.t(\`back \\\`code\\\`\`); t("handed {0}", 1); t(queue.direction); (text, ...values) => l10n.t(text, ...values);
    format("not this"); a.t("nor this"); // t("nor this")`;
  const found = ["back `code`", "handed {0}", 'plain "{0}"', 'single "{0}" and more'];
  assert.deepEqual(textsOf([{ path: "x.ts", text }]), found);
  for (const refused of ["l10n.t(name)", "t(name)", 't("a" + name)', "t(`a $" + "{name}`)"]) {
    const source = { path: "x.ts", text: `\n${refused}` };
    assert.throws(() => textsOf([source]), { message: /^x\.ts:2: l10n\.t needs a plain string/ }, refused);
  }
});

describe("the walkthrough", () => {
  const { contributes } = JSON.parse(manifest);
  const [{ steps }] = contributes.walkthroughs;
  const commands = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  const nls = read("package.nls.json");

  test("has at most six steps, each with a picture, a description and an end", () => {
    assert.ok(steps.length > 0 && steps.length <= 6);
    for (const { id, description, media, completionEvents } of steps) {
      assert.ok(existsSync(join(ROOT, media.svg)), media.svg);
      assert.ok(completionEvents.length > 0, id);
      for (const [, command] of nls[description.slice(1, -1)].matchAll(/command:([\w.]+)/g)) {
        assert.ok(commands.has(command) || command.startsWith("workbench."), command);
      }
    }
  });

  test("its pictures take every colour from the theme", () => {
    const folder = join(ROOT, "media", "walkthrough");
    for (const name of readdirSync(folder)) {
      const picture = readFileSync(join(folder, name), "utf8");
      const colours = [...picture.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour);
      assert.ok(colours.length > 0);
      for (const colour of colours) assert.match(colour, /^(none|var\(--vscode-[\w-]+\))$/, name);
      assert.doesNotMatch(picture, /<(script|style|image|foreignObject)|href|style=/, name);
    }
  });
});

describe("the settings", () => {
  const { contributes } = JSON.parse(manifest);

  test("are in groups with titles, in an order, each with a description and a default", () => {
    for (const { title, properties } of contributes.configuration) {
      assert.match(title, /^%settings\.\w+%$/);
      const settings: [string, Record<string, unknown>][] = Object.entries(properties);
      for (const [name, setting] of settings) {
        assert.match(String(setting.description ?? setting.markdownDescription), /^%settings\./, name);
        assert.notEqual(setting.default, undefined, name);
      }
      const orders = settings.map(([, { order }]) => order);
      assert.deepEqual(orders, [...orders].sort(), title);
      assert.equal(new Set(orders).size, orders.length, title);
    }
  });
});

describe("the debug configurations", () => {
  type Schema = { readonly [key: string]: unknown; readonly enum?: readonly string[] };
  const { launch, attach } = JSON.parse(manifest).contributes.debuggers[0].configurationAttributes;
  const ofLaunch: Record<string, Schema> = launch.properties;
  const ofAttach: Record<string, Schema> = attach.properties;

  test("say the same of an attribute that launch and attach both have: a manifest cannot refer to what it has said", () => {
    const shared = Object.keys(ofAttach).filter((name) => name in ofLaunch);
    assert.deepEqual(shared, ["stopOnKick", "console", "sources", "workspace", "record"]);
    for (const name of shared.filter((name) => name !== "console"))
      assert.deepEqual(ofAttach[name], ofLaunch[name], name);
  });

  test("differ in the console only by the pseudo-terminal, which is decided when a machine is made", () => {
    const { enum: kinds, enumDescriptions: about, ...rest } = ofAttach.console;
    const { enum: all = [], enumDescriptions: aboutAll, ...launchRest } = ofLaunch.console;
    const withoutPty = (list: unknown): unknown[] => (list as unknown[]).filter((_, index) => all[index] !== "pty");
    assert.ok(all.includes("pty"));
    assert.deepEqual([kinds, about, rest], [withoutPty(all), withoutPty(aboutAll), launchRest]);
  });
});
