// The binary of @lydell/node-pty for a platform: the installed one, or for another platform the one npm has.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npm } from "../lib/npm.mjs";
import { mustRun, onStop, ROOT, UserError } from "../lib/project.mjs";

/** Puts the package with the binary for `target` (such as linux-x64) below `modules`, a folder node_modules. */
export async function addNodePtyBinary(target, modules) {
  const name = `@lydell/node-pty-${target}`;
  const into = join(modules, ...name.split("/"));
  const installed = join(ROOT, "node_modules", ...name.split("/"));
  if (existsSync(installed)) {
    cpSync(installed, into, { recursive: true });
    return;
  }
  const locked = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages[`node_modules/${name}`];
  if (!locked?.integrity) throw new UserError(`package-lock.json has no checksum of ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "acrn-virtio-"));
  const clean = onStop(() => rmSync(folder, { recursive: true, force: true }));
  try {
    await npm(["pack", `${name}@${locked.version}`, "--pack-destination", folder, "--ignore-scripts"], { cwd: folder });
    const archive = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== locked.integrity)
      throw new UserError(`${name}@${locked.version} has ${found}, expected ${locked.integrity}`);
    mkdirSync(into, { recursive: true });
    await mustRun("tar", ["-xzf", archive, "-C", into, "--strip-components=1"]);
  } finally {
    clean();
  }
}
