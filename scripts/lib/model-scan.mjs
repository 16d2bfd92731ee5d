// Finds the functions of the model's TypeScript, and which of them are stations of the chain.

import { SyntaxKind } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { UserError } from "./project.mjs";
import { parseTypeScript, walk } from "./typescript.mjs";

/** Functions that make a station of a function: their first parameter is the station, and a function is what they return. */
const MAKERS_FOLDER = /^src\/model\/chain\/[^/]+$/;

/** Stations that are no function of their own in the model. */
const ELSEWHERE = {
  vcpu_thread: ["handleExit", "enterGuest"].map((name) => ({ path: "src/model/hypervisor/hv-main.ts", name })),
};

/**
 * Reads sources, given as {path, text}, paths from the project's folder. Returns the `files` and `stations` of a ModelIndex
 * (src/sources/model-index.ts). Throws a UserError with file and line where a station is made in a way that cannot be followed:
 * none is lost in silence.
 */
export function scanModel(sources) {
  const parsed = [...parseTypeScript(sources)];
  const makers = new Set(parsed.filter(([path]) => MAKERS_FOLDER.test(path)).flatMap(([, source]) => makersIn(source)));
  const stations = {};
  const files = [];
  for (const [path, source] of parsed) {
    const scan = new FileScan(path, source, makers);
    for (const { id, name } of scan.stations()) stations[id] = [...(stations[id] ?? []), { path, name }];
    const functions = scan.functions();
    if (functions.length > 0) files.push({ path, functions, errors: 0 });
  }
  return { files, stations: { ...ELSEWHERE, ...stations } };
}

function makersIn(source) {
  const isMaker = ({ parameters, type }) =>
    parameters[0]?.type?.typeName?.text === "Station" && type !== undefined && is.isFunctionTypeNode(type);
  return source.statements.filter((it) => is.isFunctionDeclaration(it) && isMaker(it)).map(({ name }) => name.text);
}

/** One file. Lines and columns count from 1, columns in UTF-16 units. */
class FileScan {
  #path;
  #source;
  #makers;

  constructor(path, source, makers) {
    this.#path = path;
    this.#source = source;
    this.#makers = makers;
  }

  /** Id and function's name of each station that is made here. */
  stations() {
    const found = [];
    walk(this.#source, (node) => {
      if (!this.#isMade(node)) return;
      const [station] = node.arguments;
      const { parent } = node;
      const { name } =
        (is.isVariableDeclaration(parent) || isProperty(parent)) && parent.initializer === node ? parent : {};
      if (name === undefined || !is.isPropertyAccessExpression(station)) {
        const { line } = this.#place(node);
        const text = `${node.expression.text}(...)`;
        throw new UserError(
          `${this.#path}:${line}: ${text} makes a station that cannot be found again; ` +
            `expected: const name = ${node.expression.text}(stations.name_of_the_c_function, ...)`,
        );
      }
      found.push({ id: station.name.text, name: nameOf(name) });
    });
    return found;
  }

  /** Functions, methods, and what is made of functions, at the top of the file, in its classes and in its objects. */
  functions() {
    const found = [];
    for (const statement of this.#source.statements) {
      if (is.isFunctionDeclaration(statement) && statement.body)
        found.push(this.#definition(statement, statement.name));
      else if (is.isClassDeclaration(statement)) found.push(...this.#members(statement.members));
      else if (is.isVariableStatement(statement)) {
        for (const { name, initializer } of statement.declarationList.declarations) {
          const value = plain(initializer);
          if (value === undefined) continue;
          if (is.isObjectLiteralExpression(value)) found.push(...this.#members(value.properties));
          else if (this.#holdsFunction(value)) found.push(this.#definition(statement, name));
        }
      }
    }
    return found;
  }

  #members(members) {
    const isFunction = ({ body, initializer }) => body !== undefined || this.#holdsFunction(plain(initializer));
    return members
      .filter((member) => member.name?.text !== undefined && isFunction(member))
      .map((member) => this.#definition(member, member.name));
  }

  /** A function, or what a call makes of one. */
  #holdsFunction(value) {
    if (value === undefined) return false;
    if (is.isArrowFunction(value) || is.isFunctionExpression(value)) return true;
    return is.isCallExpression(value) && (this.#isMade(value) || value.arguments.some((it) => this.#holdsFunction(it)));
  }

  #definition(node, nameNode) {
    const name = nameOf(nameNode);
    const { line, column } = this.#nameAt(nameNode);
    return {
      name,
      line,
      column,
      start: this.#place(node).line,
      end: this.#source.getLineAndCharacterOfPosition(node.end).line + 1,
      isStatic: !node.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword),
      calls: this.#calls(node).filter((call) => call.name !== name),
    };
  }

  #calls(node) {
    const calls = [];
    walk(node, (child) => {
      if (!is.isCallExpression(child) || this.#isMade(child)) return;
      const { expression } = child;
      const called = is.isPropertyAccessExpression(expression) ? expression.name : expression;
      if (is.isIdentifier(called) || is.isPrivateIdentifier(called)) {
        calls.push({ name: nameOf(called), ...this.#nameAt(called) });
      }
    });
    return calls.sort((a, b) => a.line - b.line || a.column - b.column);
  }

  #isMade(node) {
    return is.isCallExpression(node) && is.isIdentifier(node.expression) && this.#makers.has(node.expression.text);
  }

  /** Behind the `#` of a private one. */
  #nameAt(nameNode) {
    const { line, column } = this.#place(nameNode);
    return { line, column: column + nameNode.text.length - nameOf(nameNode).length };
  }

  #place(node) {
    const { line, character } = this.#source.getLineAndCharacterOfPosition(node.getStart(this.#source));
    return { line: line + 1, column: character + 1 };
  }
}

const isProperty = (node) => is.isPropertyAssignment(node) || is.isPropertyDeclaration(node);
const nameOf = ({ text }) => text.replace(/^#/, "");

/** Without what only tells its type. */
function plain(value) {
  const wrapped =
    value !== undefined &&
    (is.isAsExpression(value) || is.isSatisfiesExpression(value) || is.isParenthesizedExpression(value));
  return wrapped ? plain(value.expression) : value;
}
