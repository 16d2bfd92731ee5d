import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";

/** Who imports whom in src/, for the tests of its structure. */

const ROOT = process.env.ACRN_VIRTIO_ROOT ?? join(dirname(process.argv[1]), "..");

export interface Import {
  readonly line: number;
  /** As written: `../doors/guest.ts`, `node:fs`, `vscode`. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every source file below src/, by its path from the root. Throws when there is none. */
export function sources(): { readonly file: string; readonly text: string }[] {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.split(sep).join("/")}`)
    .filter((path) => /\.(ts|tsx|mts)$/.test(path));
  if (files.length === 0) throw new Error(`no sources below ${ROOT}/src`);
  return files.map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
}

/** Replaces comments by blanks, so that line numbers stay and no import is found in one. Strings are left as they are. */
function withoutComments(source: string): string {
  return source.replace(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (match) => (match.startsWith("/") ? match.replace(/[^\n]/g, " ") : match),
  );
}

/** Every import of a file: static, re-export, dynamic, require, and `new URL("x.ts", import.meta.url)` of a worker. */
export function importsOf(source: string): Import[] {
  const found: Import[] = [];
  const text = withoutComments(source);
  const forms =
    /\b(?:(?:import|export)\b(?<type>\s+type\b(?!\s+from\b))?(?<names>[\w\s$*{},]*?)\bfrom\s*|import\s*\(?\s*|require\s*\(\s*|new\s+URL\s*\(\s*)(?<quote>["'])(?<specifier>[^"'\n]+)\k<quote>/g;
  for (const match of text.matchAll(forms)) {
    const { type, names, specifier } = match.groups as Record<string, string | undefined>;
    // A URL may as well name a data file.
    if (match[0].startsWith("new") && !specifier?.endsWith(".ts")) continue;
    const at = match.index + match[0].lastIndexOf(specifier as string);
    const listed = /^\s*\{([^}]*)\}\s*$/
      .exec(names ?? "")?.[1]
      .split(",")
      .filter((name) => name.trim() !== "");
    const allTypes = listed !== undefined && listed.length > 0 && listed.every((name) => /^\s*type\s/.test(name));
    found.push({
      line: text.slice(0, at).split("\n").length,
      specifier: specifier as string,
      typeOnly: type !== undefined || allTypes,
    });
  }
  return found;
}

export const isTest = (file: string): boolean => file.endsWith(".test.ts") || file.includes("/testing/");

/** The path from the root that `file` means with a specifier, or the package. */
export function resolve(file: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(file), specifier)) : specifier;
}
