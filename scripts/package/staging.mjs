// Puts together the folder that becomes the extension: only what runs, and the papers.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, hashFiles, ROOT, UserError } from "../lib/project.mjs";
import { addNodePtyBinary } from "./node-pty.mjs";
import { notices } from "./notices.mjs";

/** Files of node_modules that are shipped; everything else is bundled into dist/. */
const MODULES = {
  v86: ["package.json", "LICENSE", "build/libv86.mjs"],
  "iced-x86": ["package.json", "LICENSE.txt", "iced_x86.js", "iced_x86_bg.wasm"],
  "@lydell/node-pty": ["package.json", "LICENSE", "requireBinary.js"],
};

/** Fields of package.json that say nothing to VS Code. */
const DEVELOPMENT_FIELDS = ["private", "scripts", "devDependencies", "bin", "files"];

/** A bundle that only the set-up uses. */
const SETUP_BUNDLE = "dist/record-symbols.js";

const GUEST_IMAGE = ["vmlinux", "initrd.cpio", "kallsyms.gz", "manifest.json"];

/** Writes everything for a target such as linux-x64 into `folder` and returns the manifest. */
export async function stage(target, folder) {
  const put = (path, data) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data);
  };

  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const field of DEVELOPMENT_FIELDS) delete manifest[field];
  put("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  checkModules(manifest);
  for (const [path, to] of shippedFiles()) {
    const data = readFileSync(join(ROOT, path));
    put(to, /^dist\/.*\.c?js$/.test(path) ? withoutSourceMap(data.toString()) : data);
  }
  // The binary for Windows opens consoles, not the pseudo-terminals that the pty backend needs.
  if (!target.startsWith("win32-")) await addNodePtyBinary(target, join(folder, "node_modules"));
  put("THIRD-PARTY-NOTICES.txt", `${notices(Object.keys(MODULES))}\n`);
  return manifest;
}

/** The project's files that a package has, with their names there; the manifest and the notices are written. */
function shippedFiles() {
  const paths = [
    ...readdirSync(ROOT).filter((name) => /^package\.nls(\..+)?\.json$/.test(name)),
    ...filesBelow("l10n"),
    ...filesBelow("media", isShipped),
    ...filesBelow("dist", (path) => !/\.(map|stamp)$/.test(path)).filter((path) => path !== SETUP_BUNDLE),
    // What `acrn-virtio image` puts into one.
    ...filesBelow("guest"),
    ...GUEST_IMAGE.map((name) => `guest-image/${name}`),
    ...Object.entries(MODULES).flatMap(([name, files]) => files.map((file) => `node_modules/${name}/${file}`)),
    "CHANGELOG.md",
  ];
  const renamed = [
    ["docs/package-readme.md", "README.md"],
    ["LICENSE", "LICENSE.txt"],
  ];
  return [...paths.map((path) => [path, path]), ...renamed];
}

/** One hash over all that makes a package: while it is the same, so is the package. */
export function packageHash() {
  // The lock file stands for the binary of a module and for the licences of those that are bundled.
  const makers = ["package.json", "package-lock.json", ...filesBelow("scripts/package"), ...filesBelow("LICENSES")];
  return hashFiles([...shippedFiles().map(([path]) => path), ...makers]);
}

/** The pictures of the repository's README and the drawing the icon is made from stay out. */
const isShipped = (path) => !/[/\\](trace|icon)\.svg$|\.webp$/.test(path);

const withoutSourceMap = (text) => text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");

/** A new dependency must be shipped too, or the package would not start. */
function checkModules(manifest) {
  for (const name of Object.keys(manifest.dependencies)) {
    if (!MODULES[name])
      throw new UserError(`${name} is a dependency, but scripts/package/staging.mjs does not ship it`);
  }
  for (const name of GUEST_IMAGE) {
    if (!existsSync(join(ROOT, "guest-image", name)))
      throw new UserError(`guest-image/${name} is missing: npm run setup`);
  }
}
