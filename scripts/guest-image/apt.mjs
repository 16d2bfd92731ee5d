// Fetches packages of another architecture with apt, from the sources the host already uses, without touching the host:
// apt gets its own state, cache and configuration in a folder of the project. Works without root.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasProgram, mustRun, run, say, sha256, UserError } from "../lib/project.mjs";

const ALTERNATIVE = "Or use a 32-bit kernel and initrd of your own: npm run guest -- run --kernel FILE --initrd FILE";

/** The last Debian release with a kernel for i386. */
export const LAST_I386_RELEASE = "bookworm";

/** The host programs this needs, with the package each comes in. */
const PROGRAMS = { "apt-get": "apt", "apt-cache": "apt", "apt-config": "apt", "dpkg-deb": "dpkg" };

/** Makes sure the programs are there. apt cannot install itself, so there is nothing to do but say so. */
export function requireApt() {
  const missing = Object.keys(PROGRAMS).filter((program) => !hasProgram(program));
  if (missing.length === 0) return;
  throw new UserError(
    `The guest image is made from Debian packages, but this machine has no ${missing.join(", ")}.\n` +
      `On a Debian-like machine run: sudo apt-get install ${[...new Set(missing.map((program) => PROGRAMS[program]))].join(" ")}\n` +
      `On another system, make the image on a Debian one (a container will do: npm run guest-image) and copy the folder guest-image/ here.\n` +
      ALTERNATIVE,
  );
}

/** apt for one architecture with everything it writes below `folder`. */
export class PrivateApt {
  constructor(folder, architecture) {
    this.folder = folder;
    this.architecture = architecture;
    this.configuration = join(folder, "apt.conf");
    this.env = { ...process.env, APT_CONFIG: this.configuration, LC_ALL: "C" };
  }

  /** Writes the configuration. Of the host's own only `Acquire::` is kept (proxies, certificates, time-outs): no hooks. */
  async prepare() {
    const state = join(this.folder, "state");
    const cache = join(this.folder, "cache");
    for (const path of [join(state, "lists/partial"), join(cache, "archives/partial")]) {
      mkdirSync(path, { recursive: true });
    }
    writeFileSync(join(state, "status"), "");
    this.settings = {
      "Dir::State": state,
      "Dir::State::lists": join(state, "lists"),
      "Dir::State::status": join(state, "status"),
      "Dir::Cache": cache,
      "Dir::Log": this.folder,
      "Dir::Etc::parts": "/dev/null",
      "Dir::Etc::main": "/dev/null",
      "APT::Architecture": this.architecture,
      "APT::Architectures": this.architecture,
      "APT::Sandbox::User": "",
      "APT::Get::List-Cleanup": "false",
      "Acquire::Languages": "none",
      "Debug::NoLocking": "1",
    };
    const host = await mustRun("apt-config", ["dump"], { env: { ...process.env, LC_ALL: "C" } });
    this.hostLines = host.split("\n").filter((line) => line.startsWith("Acquire::"));
    this.#writeConfiguration();
  }

  #writeConfiguration() {
    const own = Object.entries(this.settings).map(([name, value]) => `${name} "${value}";`);
    // A proxy's address may carry a password, so nobody else may read this file.
    writeFileSync(this.configuration, `${[...this.hostLines, ...own].join("\n")}\n`, { mode: 0o600 });
  }

  /**
   * Uses another Debian release from the mirrors the host has. False when the host has no Debian mirror or not Debian's keys,
   * as on Ubuntu. Call `update` before, so that apt knows whose the mirrors are, and after.
   */
  async useRelease(codename) {
    const keys = ["gpg", "pgp"].map((end) => `/usr/share/keyrings/debian-archive-keyring.${end}`).find(existsSync);
    const format = "$(ORIGIN)|$(LABEL)|$(REPO_URI)";
    const targets = await mustRun("apt-get", ["indextargets", "--format", format], { env: this.env });
    const lines = targets.split("\n").map((line) => line.split("|"));
    const mirrors = new Set(
      lines.filter(([origin, label]) => origin === "Debian" && label === "Debian").map((l) => l[2]),
    );
    if (!keys || mirrors.size === 0) return false;
    const list = join(this.folder, "sources.list");
    writeFileSync(list, [...mirrors].map((uri) => `deb [signed-by=${keys}] ${uri} ${codename} main\n`).join(""));
    this.settings["Dir::Etc::sourcelist"] = list;
    this.settings["Dir::Etc::sourceparts"] = "/dev/null";
    this.#writeConfiguration();
    return true;
  }

  /** Reads the package lists. One broken source is no reason to stop: what matters is whether the packages are found. */
  async update() {
    const { code, output } = await run("apt-get", ["update", "-q"], { env: this.env });
    this.lastUpdate = output;
    if (code === 0 && !/^[WE]:/m.test(output)) return;
    const problems = output.split("\n").filter((line) => /^[WE]:/.test(line));
    say(
      `  apt-get update met problems; going on with what it has:\n${problems.map((line) => `    ${line}`).join("\n")}`,
    );
  }

  /** The newest version's fields of a package, or undefined when no source has it. */
  async show(name) {
    const { code, output } = await run("apt-cache", ["show", "--no-all-versions", name], { env: this.env });
    if (code !== 0) return undefined;
    const fields = {};
    for (const line of output.split("\n\n")[0].split("\n")) {
      const match = /^([A-Za-z0-9-]+): (.*)$/.exec(line);
      if (match) fields[match[1]] = match[2];
    }
    return fields.Package === name ? fields : undefined;
  }

  /** Downloads packages into `target`; apt checks signatures and checksums. */
  async download(names, target) {
    mkdirSync(target, { recursive: true });
    await mustRun("apt-get", ["download", "-q", ...names], { env: this.env, cwd: target });
  }
}

/**
 * The kernel to take: `linux-image-686`, or with PAE when that is gone. Resolves to the meta package's and the real
 * package's names, or to undefined when the sources have neither.
 */
export async function findKernel(apt) {
  for (const meta of ["linux-image-686", "linux-image-686-pae"]) {
    const fields = await apt.show(meta);
    const image = /\b(linux-image-\d\S*-686(?:-pae)?)\b/.exec(fields?.Depends ?? "")?.[1];
    if (image && (await apt.show(image))) return { meta, image };
  }
  return undefined;
}

export function noKernelError(update) {
  const problems = update.split("\n").filter((line) => /^[WE]:/.test(line));
  return new UserError(
    "No source in /etc/apt offers a 32-bit Debian kernel (linux-image-686 for i386), from which the guest image is made.\n" +
      (problems.length > 0 ? `apt-get update said:\n${problems.map((line) => `  ${line}`).join("\n")}\n` : "") +
      "Debian 12 (bookworm) has it; make the image there (a container will do: npm run guest-image) and copy the folder guest-image/ here.\n" +
      ALTERNATIVE,
  );
}

/** The .deb files in a folder with what they say of themselves. */
export async function readDebs(folder) {
  const debs = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .sort()) {
    const path = join(folder, file);
    const field = async (name) => (await mustRun("dpkg-deb", ["-f", path, name])).trim();
    const version = await field("Version");
    const source = (await field("Source")) || (await field("Package"));
    debs.push({
      name: await field("Package"),
      version,
      architecture: await field("Architecture"),
      // What the licences ask to be named: the source package, and those whose code was linked in.
      source: source.includes(" (") ? source : `${source} (${version})`,
      builtUsing: await field("Built-Using"),
      sha256: sha256(readFileSync(path)),
      path,
    });
  }
  return debs;
}

/** Unpacks a package over what is in `target`. */
export async function unpack(deb, target) {
  mkdirSync(target, { recursive: true });
  await mustRun("dpkg-deb", ["-x", deb, target]);
}
