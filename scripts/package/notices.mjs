// THIRD-PARTY-NOTICES of a package: the licence of everything that is inside and not the project's own.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WASM } from "../build.mjs";
import { ROOT, UserError } from "../lib/project.mjs";

const LICENCE_FILE = /^(licen[cs]e|copying|notice|third-?party-?notices)/i;
const RULE = "=".repeat(78);

/**
 * Works of others that were compiled or copied into a package's files and that its own licence file does not name: what they
 * are, and the text in LICENSES/. Known from v86's Readme, the compiler's sections and paths in WebAssembly, the build of
 * web-tree-sitter and the sources of node-pty.
 */
const INSIDE = {
  v86: [
    ["Berkeley SoftFloat (in v86.wasm)", "SoftFloat"],
    ["Zstandard's decompressor (in v86.wasm)", "zstd"],
    ["Rust's standard library with dlmalloc and hashbrown (in v86.wasm)", "Rust"],
    ["parts of QEMU's floppy disk controller (in libv86.mjs)", "QEMU-fdc"],
  ],
  "iced-x86": [["Rust's standard library with dlmalloc, lazy_static and wasm-bindgen", "Rust"]],
  "web-tree-sitter": [
    ["headers of ICU", "ICU"],
    ["Emscripten's runtime", "Emscripten"],
    ["musl, a C library", "musl"],
  ],
  "@lydell/node-pty": [
    ["node-addon-api (in pty.node)", "node-addon-api"],
    ["a function of tmux (in pty.node)", "tmux"],
  ],
};

/** The text. `shipped`: names of the packages that are shipped as files, beside those bundled into dist/. */
export function notices(shipped) {
  const names = [...new Set([...bundledPackages(), ...shipped])].sort();
  const parts = names.map(packageNotice);
  return [
    "ACRN Virtio Workbench is under the BSD 3-Clause licence (LICENSE.txt). It carries the following works of others.",
    guestNotice(),
    ...parts,
    `GNU GENERAL PUBLIC LICENSE, version 2\n\n${licenceText("GPL-2.0")}`,
    `GNU LESSER GENERAL PUBLIC LICENSE, version 2.1\n\n${licenceText("LGPL-2.1")}`,
  ].join(`\n\n${RULE}\n\n`);
}

/** The packages whose code is in the bundles of dist/, from the bundles' source maps, and those with WebAssembly there. */
function bundledPackages() {
  const dist = join(ROOT, "dist");
  const maps = readdirSync(dist).filter((name) => /\.c?js\.map$/.test(name));
  const sources = maps.flatMap((name) => JSON.parse(readFileSync(join(dist, name), "utf8")).sources);
  const paths = [...sources, ...Object.values(WASM).map((path) => `node_modules/${path}`)];
  return paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
}

function packageNotice(name) {
  const folder = join(ROOT, "node_modules", ...name.split("/"));
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  if (files.length === 0)
    throw new UserError(`node_modules/${name} has no licence file; its licence cannot be passed on`);
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  const inside = (INSIDE[name] ?? []).map(([what, text]) => `${name} contains ${what}:\n\n${licenceText(text)}`);
  return [`${name} ${version} (${license})`, ...texts, ...inside].join("\n\n");
}

const licenceText = (name) => readFileSync(join(ROOT, "LICENSES", `${name}.txt`), "utf8").trimEnd();

/** Kernel and busybox come from Debian unmodified; their source packages are named exactly. */
function guestNotice() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "guest-image", "manifest.json"), "utf8"));
  const lines = packages.map(({ name, version, architecture, source, builtUsing }) => {
    if (!source) throw new UserError(`guest-image/manifest.json names no source of ${name}: run npm run guest-image`);
    return `  ${name} ${version} (${architecture})\n    source: ${source}${builtUsing ? `\n    built using: ${builtUsing}` : ""}`;
  });
  return `The guest: Linux, busybox and the GNU C library

guest-image/ holds unmodified programs of Debian that run inside the virtual machine: the Linux kernel with some of its
modules (GNU General Public License, version 2), busybox (the same), and in it, statically linked, the GNU C library (GNU
Lesser General Public License, version 2.1 or later). They are separate works beside the extension. They come from these
packages:

${lines.join("\n")}

Their complete source code, with the scripts that build them, is what Debian publishes as the source packages named
above, of exactly those versions: in Debian's archive, and every version ever published at https://snapshot.debian.org
("linux" at /package/linux/, "linux-signed-i386" at /package/linux-signed-i386/, "busybox" at /package/busybox/, "glibc"
at /package/glibc/). For at least three years after they gave you this package, its publishers will also give anyone who
asks a copy of that source code on a medium customarily used for software, for no more than the cost of doing so.

How the kernel's file and the initial RAM disk are put together from them is in scripts/guest-image.mjs and
src/model/host/guest-image.ts of this project.`;
}
