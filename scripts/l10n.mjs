// Collects the texts of the extension that are shown to people, for translators.
//
// usage: node scripts/l10n.mjs [--missing]
//   writes l10n/bundle.l10n.json anew, from the calls of vscode.l10n.t in src/extension
//   --missing  prints the texts that l10n/bundle.l10n.zh-cn.json does not have yet, and those it has in vain

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, isProgram, main, ROOT, UserError } from "./lib/project.mjs";

const BUNDLE = "l10n/bundle.l10n.json";
const CHINESE = "l10n/bundle.l10n.zh-cn.json";

/** Every text of the extension, sorted. Throws where one is not written as a plain string. */
export function extensionTexts() {
  const sources = filesBelow("src/extension", (path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  const texts = sources.flatMap((path) => textsOf(readFileSync(join(ROOT, path), "utf8"), path));
  return [...new Set(texts)].sort();
}

/** vscode.l10n.t, or `t`, the parameter under which functions without vscode get it. */
const CALL = /\b(?:l10n\.t|(?<!\.)t)\(\s*/g;
/** Where it is handed on under that name. */
const HANDED_ON = /text, \.\.\.values\)/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`/y;

/** The texts of one file's calls; strings joined by + are one. */
export function textsOf(source, path) {
  const texts = [];
  for (const call of source.matchAll(CALL)) {
    let at = call.index + call[0].length;
    HANDED_ON.lastIndex = at;
    if (HANDED_ON.test(source)) continue;
    let text = "";
    for (;;) {
      STRING.lastIndex = at;
      const [literal] = STRING.exec(source) ?? [];
      // A name of the protocol; those that are words are texts elsewhere.
      if (literal === undefined && !call[0].startsWith("l10n")) break;
      if (literal === undefined) {
        const line = source.slice(0, at).split("\n").length;
        throw new UserError(`${path}:${line}: l10n.t needs a plain string, so that it can be translated`);
      }
      text += charactersOf(literal);
      at += literal.length;
      const joined = /^\s*\+\s*/.exec(source.slice(at));
      if (joined === null) break;
      at += joined[0].length;
    }
    if (text !== "") texts.push(text);
  }
  return texts;
}

/** The characters a literal stands for. */
function charactersOf(literal) {
  const inside = literal.slice(1, -1).replace(/\\(['`])/g, "$1");
  return JSON.parse(`"${literal[0] === '"' ? inside : inside.replace(/(?<!\\)"/g, '\\"')}"`);
}

const read = (path) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const write = (path, texts) => {
  mkdirSync(join(ROOT, "l10n"), { recursive: true });
  writeFileSync(join(ROOT, path), `${JSON.stringify(texts, null, 2)}\n`);
};

if (isProgram(import.meta.url)) {
  main(() => {
    const texts = extensionTexts();
    if (process.argv[2] === "--missing") {
      const known = read(CHINESE);
      for (const text of texts) if (known[text] === undefined) console.log(`missing: ${JSON.stringify(text)}`);
      for (const text of Object.keys(known)) if (!texts.includes(text)) console.log(`unused: ${JSON.stringify(text)}`);
      return;
    }
    write(BUNDLE, Object.fromEntries(texts.map((text) => [text, text])));
  });
}
