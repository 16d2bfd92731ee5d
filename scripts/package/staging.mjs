// Puts together the folder that becomes the extension: only what runs, and the papers.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, ROOT, UserError } from "../lib/project.mjs";
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

/** Bundles that only the set-up uses. */
const SETUP_BUNDLES = ["dist/guest-image.js", "dist/record-symbols.js"];

const GUEST_IMAGE = ["vmlinux", "initrd.cpio", "kallsyms.gz", "manifest.json"];

/** Writes everything for a target such as linux-x64 into `folder` and returns the manifest. */
export async function stage(target, folder) {
  const put = (path, data) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), data);
  };
  const copy = (path, to = path) => put(to, readFileSync(join(ROOT, path)));

  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const field of DEVELOPMENT_FIELDS) delete manifest[field];
  put("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  for (const name of readdirSync(ROOT).filter((name) => /^package\.nls(\..+)?\.json$/.test(name))) copy(name);
  for (const path of [...filesBelow("l10n"), ...filesBelow("media", isShipped)]) copy(path);

  for (const path of filesBelow("dist", (path) => !path.endsWith(".map") && !path.endsWith(".stamp"))) {
    if (SETUP_BUNDLES.includes(path)) continue;
    if (/\.c?js$/.test(path)) put(path, withoutSourceMap(readFileSync(join(ROOT, path), "utf8")));
    else copy(path);
  }
  for (const name of GUEST_IMAGE) copy(`guest-image/${name}`);

  for (const [name, files] of Object.entries(MODULES)) for (const file of files) copy(`node_modules/${name}/${file}`);
  // The binary for Windows opens consoles, not the pseudo-terminals that the pty backend needs.
  if (!target.startsWith("win32-")) await addNodePtyBinary(target, join(folder, "node_modules"));
  checkModules(manifest);

  copy("docs/package-readme.md", "README.md");
  copy("CHANGELOG.md");
  copy("LICENSE", "LICENSE.txt");
  put("THIRD-PARTY-NOTICES.txt", `${notices(Object.keys(MODULES))}\n`);
  return manifest;
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
