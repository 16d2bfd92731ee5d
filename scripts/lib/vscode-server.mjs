// Installs the real VS Code, as a server for a browser, into .vscode-server/: its server and workbench come from the npm
// package code-server, the modules it loads from test/vscode/{oldest,newest}. Modules that would have to be compiled are
// replaced by those in test/vscode/shims, so no compiler is needed and nothing runs at installation.

import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { npm } from "./npm.mjs";
import { filesBelow, hashFiles, mustRun, onStop, ROOT, readStamp, sha256, step, UserError } from "./project.mjs";

/** `node`: the lowest major version of Node it runs on. */
export const SERVERS = {
  oldest: {
    vscode: "1.100.3",
    codeServer: "4.100.3",
    node: 20,
    integrity: "sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==",
  },
  newest: {
    vscode: "1.139.1",
    codeServer: "4.139.1",
    node: 24,
    integrity: "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
  },
};

/** What an installed server takes. */
const MEGABYTES = { oldest: 100, newest: 320 };

/** The shim for each module that is not installed. */
const SHIMS = {
  "@vscode/spdlog": "spdlog",
  "@vscode/native-watchdog": "watchdog",
  "native-watchdog": "watchdog",
  "@vscode/ripgrep": "ripgrep",
  "@vscode/ripgrep-universal": "ripgrep",
  "@vscode/deviceid": "deviceid",
  "@vscode/fs-copyfile": "fs-copyfile",
  "@microsoft/1ds-core-js": "telemetry",
  "@microsoft/1ds-post-js": "telemetry",
};

/** Parts of VS Code that are large, talk to services or need modules of their own, and are not looked at here. */
const LEFT_OUT = [
  "*.map",
  "*/extensions/copilot",
  "*/extensions/github",
  "*/extensions/github-authentication",
  "*/extensions/mermaid-markdown-features",
  "*/extensions/microsoft-authentication",
  "*/extensions/typescript-language-features",
];

const FOLDER = ".vscode-server";

/**
 * Installs a server unless it is there. `which`: "oldest" or "newest".
 * Resolves to { version, command }: VS Code's version, and the program with its first arguments.
 */
export async function vscodeServer(which) {
  const server = SERVERS[which];
  const home = join(ROOT, FOLDER, which);
  const hash = inputHash(which);
  if (readStamp(`${FOLDER}/${which}/.stamp`) !== hash) {
    await step(`Installing VS Code ${server.vscode} as a server (once, ${MEGABYTES[which]} MB)`, () =>
      install(which, home, hash),
    );
  }
  return { version: server.vscode, command: [nodeFor(server, home), join(home, "vscode", "out", "server-main.js")] };
}

/** The server that runs on this Node itself. */
export function serverForThisNode() {
  return Number(process.versions.node.split(".")[0]) >= SERVERS.newest.node ? "newest" : "oldest";
}

function inputHash(which) {
  const made = JSON.stringify([SERVERS[which], SHIMS, LEFT_OUT]);
  return sha256(made + hashFiles([...filesBelow(`test/vscode/${which}`), ...filesBelow("test/vscode/shims")]));
}

async function install(which, home, hash) {
  const incoming = `${home}.new`;
  rmSync(incoming, { recursive: true, force: true });
  const clean = onStop(() => rmSync(incoming, { recursive: true, force: true }));
  const modules = join(incoming, "modules");
  mkdirSync(modules, { recursive: true });
  await Promise.all([unpackServer(SERVERS[which], incoming), installModules(which, modules)]);
  const vscode = join(incoming, "vscode");
  rmSync(join(vscode, "node_modules"), { recursive: true, force: true });
  renameSync(join(modules, "node_modules"), join(vscode, "node_modules"));
  writeShims(join(vscode, "node_modules"));
  rmSync(modules, { recursive: true });
  writeFileSync(join(incoming, ".stamp"), `${hash}\n`);
  rmSync(home, { recursive: true, force: true });
  renameSync(incoming, home);
  clean();
}

async function unpackServer({ codeServer, integrity }, folder) {
  await npm(["pack", `code-server@${codeServer}`, "--pack-destination", folder, "--ignore-scripts"], { cwd: folder });
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (!name) throw new UserError(`npm pack code-server@${codeServer} left no package in ${folder}`);
  const archive = join(folder, name);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) throw new UserError(`code-server ${codeServer} has ${found}, expected ${integrity}`);
  const target = join(folder, "vscode");
  mkdirSync(target);
  const excludes = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
  await mustRun("tar", ["-xzf", archive, "-C", target, "--strip-components=3", ...excludes, "package/lib/vscode"]);
  rmSync(archive);
}

/** `npm ci` of the modules this server loads, as locked. */
async function installModules(which, folder) {
  for (const name of ["package.json", "package-lock.json"]) {
    copyFileSync(join(ROOT, "test", "vscode", which, name), join(folder, name));
  }
  await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
}

function writeShims(modules) {
  for (const [name, shim] of Object.entries(SHIMS)) {
    const folder = join(modules, ...name.split("/"));
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(ROOT, "test", "vscode", "shims", `${shim}.mjs`), join(folder, "index.mjs"));
    const manifest = { name, version: "0.0.0", type: "module", exports: "./index.mjs" };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest)}\n`);
  }
}

/** This Node, or the one that was installed with the server when this is too old for it. */
function nodeFor({ node, vscode }, home) {
  if (Number(process.versions.node.split(".")[0]) >= node) return process.execPath;
  const own = join(home, "vscode", "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(own)) return own;
  throw new UserError(`VS Code ${vscode} needs Node ${node} or newer; this is Node ${process.versions.node}`);
}
