// Reads TypeScript with the compiler's own parser: nothing of a source is missed because it is written in another way.

import { API } from "typescript/unstable/sync";
import { UserError } from "./project.mjs";

/** A folder that is on no disk; only what is given is there. */
const FOLDER = "/sources/";

/**
 * Parses sources, given as {path, text}. Returns a Map from path to the compiler's SourceFile.
 * Throws a UserError with `path:line: message` for the first one that is not TypeScript.
 */
export function parseTypeScript(sources) {
  const texts = new Map(sources.map(({ path, text }) => [FOLDER + path, text]));
  const configuration = `${FOLDER}tsconfig.json`;
  const compilerOptions = { noLib: true, noResolve: true, types: [], allowImportingTsExtensions: true, noEmit: true };
  texts.set(configuration, JSON.stringify({ compilerOptions, files: sources.map(({ path }) => path) }));
  const api = new API({
    cwd: FOLDER,
    fs: {
      readFile: (path) => texts.get(path) ?? null,
      fileExists: (path) => texts.has(path),
      directoryExists: (path) =>
        FOLDER.startsWith(`${path}/`) || [...texts.keys()].some((it) => it.startsWith(`${path}/`)),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (path) => path,
    },
  });
  try {
    const { program } = api.updateSnapshot({ openProjects: [configuration] }).getProjects()[0];
    const [wrong] = program.getSyntacticDiagnostics();
    if (wrong !== undefined) {
      const file = program.getSourceFile(wrong.fileName);
      const line = file.getLineAndCharacterOfPosition(wrong.pos).line + 1;
      throw new UserError(`${wrong.fileName.slice(FOLDER.length)}:${line}: ${wrong.text}`);
    }
    return new Map(sources.map(({ path }) => [path, program.getSourceFile(FOLDER + path)]));
  } finally {
    // The compiler may say "context canceled" on its way out.
    api.close();
  }
}

/** Calls `visit` for a node and all below it, a node before its children. */
export function walk(node, visit) {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}
