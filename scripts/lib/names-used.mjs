// Which names from outside TypeScript sources use: for tests that keep some names out of some rooms.

import * as is from "typescript/unstable/ast/is";
import { parseTypeScript, walk } from "./typescript.mjs";

/**
 * Every identifier that stands for a value or a type, and every module that is imported, as {path, line, name}, in order.
 * Names of properties and of what is declared are none.
 */
export function namesUsed(sources) {
  const used = [];
  for (const [path, source] of parseTypeScript(sources)) {
    walk(source, (node) => {
      const name = is.isIdentifier(node) ? identifierUsed(node) : moduleNamed(node);
      if (name === undefined) return;
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      used.push({ path, line, name });
    });
  }
  return used;
}

function identifierUsed(node) {
  const { parent } = node;
  const isShorthand = is.isShorthandPropertyAssignment(parent);
  if (parent.name === node && !isShorthand) return undefined;
  if (is.isQualifiedName(parent) && parent.right === node) return undefined;
  return node.text;
}

function moduleNamed(node) {
  if (!is.isStringLiteral(node)) return undefined;
  const { parent } = node;
  const isImported =
    is.isImportDeclaration(parent) || is.isExportDeclaration(parent) || is.isExternalModuleReference(parent);
  const isLoaded = is.isCallExpression(parent) && parent.expression.getText() === "import";
  return isImported || isLoaded ? node.text : undefined;
}
