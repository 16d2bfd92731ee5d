// Collects the texts of the extension that are shown to people, for translators.
//
// usage: node scripts/l10n.mjs [--missing]
//   writes l10n/bundle.l10n.json anew, from the calls of vscode.l10n.t in src/extension and of phrase in src/model
//   --missing  prints the texts that l10n/bundle.l10n.zh-cn.json does not have yet, and those it has in vain

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SyntaxKind } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { filesBelow, isProgram, main, ROOT, UserError } from "./lib/project.mjs";
import { parseTypeScript, walk } from "./lib/typescript.mjs";

const BUNDLE = "l10n/bundle.l10n.json";
const CHINESE = "l10n/bundle.l10n.zh-cn.json";

/** Every text the extension shows, sorted. Throws where one is not written as a plain string. */
export function extensionTexts() {
  const isSource = (path) =>
    path.endsWith(".ts") && !path.endsWith(".test.ts") && path !== "src/model/inspect/section.ts";
  const paths = ["src/extension", "src/model"].flatMap((folder) => filesBelow(folder, isSource));
  return textsOf(paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") })));
}

/**
 * The texts of sources, given as {path, text}: first arguments of l10n.t, of `t`, the parameter under which functions
 * without vscode get it, and of the model's `phrase`. Throws a UserError with file and line where one is no plain string.
 */
export function textsOf(sources) {
  const texts = new Set();
  for (const [path, source] of parseTypeScript(sources)) {
    walk(source, (node) => {
      if (!is.isCallExpression(node) || !isTranslation(node.expression) || isHandedOn(node)) return;
      const text = charactersOf(node.arguments[0]);
      if (text === undefined) {
        const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
        throw new UserError(`${path}:${line}: l10n.t needs a plain string, so that it can be translated`);
      }
      texts.add(text);
    });
  }
  return [...texts].sort();
}

function isTranslation(called) {
  if (is.isIdentifier(called)) return called.text === "t" || called.text === "phrase";
  if (!is.isPropertyAccessExpression(called) || called.name.text !== "t") return false;
  const { expression } = called;
  return (is.isIdentifier(expression) ? expression : expression.name)?.text === "l10n";
}

/** `t` itself, and a name of the protocol such as `t(queue.direction)`: those that are words are texts elsewhere. */
function isHandedOn({ expression, arguments: [first, second] }) {
  if (second !== undefined && is.isSpreadElement(second)) return true;
  return is.isIdentifier(expression) && is.isPropertyAccessExpression(first);
}

/** The characters of a string, or of strings joined by +; undefined for anything else. */
function charactersOf(node) {
  if (is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!is.isBinaryExpression(node) || node.operatorToken.kind !== SyntaxKind.PlusToken) return undefined;
  const [left, right] = [charactersOf(node.left), charactersOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
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
