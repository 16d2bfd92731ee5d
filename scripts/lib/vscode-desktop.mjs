// The desktop VS Code of this computer.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./project.mjs";

/** Its command is a script for the shell on Windows. */
const shell = process.platform === "win32";

/** The lowest version the extension runs on; package.json's engines.vscode says the same. */
const LOWEST = [1, 100];

/** Why the desktop VS Code cannot be used here; undefined when it can. */
export function desktopProblem(env = process.env) {
  if (process.platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return "there is no display";
  const { stdout, error, status } = spawnSync("code", ["--version"], { encoding: "utf8", shell, timeout: 20_000 });
  if (error || status !== 0) return 'the command "code" is not installed';
  const version = /^(\d+)\.(\d+)/.exec(stdout);
  if (!version) return `the command "code" is no VS Code: its version is ${JSON.stringify(stdout.split("\n")[0])}`;
  const [major, minor] = version.slice(1).map(Number);
  if (major > LOWEST[0] || (major === LOWEST[0] && minor >= LOWEST[1])) return undefined;
  return `VS Code ${major}.${minor} is too old, ${LOWEST.join(".")} or newer is needed`;
}

/** Opens a window with the extension, apart from the user's own extensions and settings. `vsix` is installed if given. */
export async function openDesktop({ home, vsix, folder }) {
  const data = join(home, "desktop");
  const extensions = join(home, "extensions");
  mkdirSync(extensions, { recursive: true });
  const places = ["--user-data-dir", data, "--extensions-dir", extensions].map(quoted);
  if (vsix) await mustRun("code", [...places, "--install-extension", quoted(vsix), "--force"], { shell });
  await mustRun("code", [...places, "--new-window", ...(folder ? [quoted(folder)] : [])], { shell });
}

const quoted = (argument) => (shell ? `"${argument}"` : argument);
