import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Finding } from "./check.ts";

/** What the build puts into dist/ and the program opens when it runs. */
const PROGRAM_FILES = [
  "worker.js",
  "v86.wasm",
  "source-indexer.js",
  "web-tree-sitter.wasm",
  "tree-sitter-c.wasm",
  "model-sources.json",
  "stations.json",
];

/** What the guest is booted from; other files of the manifest may be left out of a package. */
const NEEDED = ["vmlinux", "initrd.cpio"];

/** A clone can make its files anew; a package cannot. */
const remedy = (project: URL, command: string): string =>
  existsSync(new URL("scripts/build.mjs", project))
    ? `run "npm run ${command}" in the project's folder`
    : "install the extension anew";

/** The built files are there, and what is WebAssembly is whole. */
export async function checkFiles(project: URL): Promise<Finding> {
  const about = "program";
  const wrong: string[] = [];
  for (const name of PROGRAM_FILES) {
    const bytes = await readFile(new URL(`dist/${name}`, project)).catch(() => undefined);
    if (bytes === undefined) wrong.push(`${name} is missing`);
    else if (bytes.length === 0) wrong.push(`${name} is empty`);
    else if (name.endsWith(".wasm") && !WebAssembly.validate(bytes)) wrong.push(`${name} is damaged`);
  }
  if (wrong.length === 0) return { outcome: "ok", about, detail: `${PROGRAM_FILES.length} files` };
  return { outcome: "failed", about, detail: `${wrong.join(", ")}; ${remedy(project, "build")}` };
}

interface Manifest {
  readonly kernelRelease: string;
  readonly files: { readonly [name: string]: { readonly size: number; readonly sha256: string } };
}

/** The guest image is what its manifest says, byte by byte. */
export async function checkImage(project: URL): Promise<Finding> {
  const about = "guest image";
  const failed = (what: string): Finding => ({
    outcome: "failed",
    about,
    detail: `${what}; ${remedy(project, "guest-image")}`,
  });
  const folder = new URL("guest-image/", project);
  const text = await readFile(new URL("manifest.json", folder), "utf8").catch(() => undefined);
  if (text === undefined) return failed("manifest.json is missing");
  const manifest = parseManifest(text);
  if (manifest === undefined) return failed("manifest.json is damaged");
  const wrong: string[] = [];
  for (const name of new Set([...NEEDED, ...Object.keys(manifest.files)])) {
    const problem = await compare(new URL(name, folder), manifest.files[name]);
    if (problem !== undefined && (problem !== "is missing" || NEEDED.includes(name))) wrong.push(`${name} ${problem}`);
  }
  if (wrong.length > 0) return failed(wrong.join(", "));
  return { outcome: "ok", about, detail: `Linux ${manifest.kernelRelease}, checksums as in its manifest` };
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const { kernelRelease, files } = JSON.parse(text) as Manifest;
    const whole = Object.entries(files).every(
      ([name, file]) => /^[\w.-]+$/.test(name) && Number.isInteger(file.size) && /^[0-9a-f]{64}$/.test(file.sha256),
    );
    return whole && typeof kernelRelease === "string" ? { kernelRelease, files } : undefined;
  } catch {
    return undefined;
  }
}

async function compare(file: URL, expected: Manifest["files"][string] | undefined): Promise<string | undefined> {
  if (expected === undefined) return "is not in manifest.json";
  try {
    const { size } = await stat(file);
    if (size !== expected.size) return `has ${size} bytes, ${expected.size} expected`;
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex") === expected.sha256 ? undefined : "has another checksum";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? "is missing" : `cannot be read (${code ?? message})`;
  }
}
