// Serves the real VS Code for a browser on this computer, with the packaged extension installed.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun, onStop, UserError } from "./project.mjs";

/** No start page, no chat, nothing fetched or sent. */
const QUIET = {
  "workbench.startupEditor": "none",
  "git.openRepositoryInParentFolders": "never",
  "terminal.integrated.showTerminalConfigPrompt": false,
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
};

/**
 * Starts a server on a free port of the loopback interface and waits until it listens.
 * @param {object} job
 * @param {{command: string[]}} job.server what vscodeServer() returned
 * @param {string} job.home folder for its data and extensions; kept
 * @param {string} [job.vsix] the extension, unless it is installed in `home` already
 * @param {object} [job.settings] put over the quiet ones
 * @param {string} [job.folder] opened in the window; an empty window without it
 * @param {number} [job.port] 0 for a free one
 * Resolves to { url, userData, extensions, closed, stop }: `closed` resolves when the server ends.
 */
export async function serveVscode({ server, home, vsix, settings = {}, folder, port = 0 }) {
  const userData = join(home, "data");
  const extensions = join(home, "extensions");
  mkdirSync(extensions, { recursive: true });
  for (const scope of ["User", "Machine"]) {
    mkdirSync(join(userData, scope), { recursive: true });
    const path = join(userData, scope, "settings.json");
    // Later the user's own.
    if (!existsSync(path)) writeFileSync(path, `${JSON.stringify({ ...QUIET, ...settings }, null, 2)}\n`);
  }
  const [program, ...first] = server.command;
  const places = ["--user-data-dir", userData, "--server-data-dir", userData, "--extensions-dir", extensions];
  const env = environment();
  if (vsix) await mustRun(program, [...first, ...places, "--install-extension", vsix, "--force"], { env });

  // Whoever has the token can run programs as this user: it is random, and in a file because everybody sees command lines.
  const token = randomBytes(16).toString("hex");
  const tokenFile = join(home, "token");
  writeFileSync(tokenFile, token, { mode: 0o600 });
  chmodSync(tokenFile, 0o600);
  const options = ["--host", "127.0.0.1", "--port", String(port), "--connection-token-file", tokenFile];
  const child = spawn(
    program,
    [...first, ...places, ...options, "--accept-server-license-terms", "--telemetry-level", "off"],
    {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const closed = new Promise((resolve) => child.on("close", resolve));
  const forget = onStop(() => child.kill());
  closed.then(forget);
  const address = await listening(child);
  const url = new URL(address);
  url.searchParams.set("tkn", token);
  if (folder) url.searchParams.set("folder", folder);
  const stop = async () => {
    child.kill();
    await closed;
  };
  return { url: url.href, userData, extensions, closed, stop };
}

/** Resolves to the address the server says it listens at; rejects with what it printed when it ends instead. */
function listening(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const read = (data) => {
      // What it prints later is of no use to anybody; it must only be read.
      if (printed === undefined) return;
      printed += data;
      const port = /listening on (\d+)/.exec(printed)?.[1];
      if (!port) return;
      printed = undefined;
      resolve(`http://127.0.0.1:${port}/`);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("close", (code) => reject(new UserError(`VS Code's server ended with exit code ${code}:\n${printed}`)));
  });
}

/** Without the variables of a VS Code this was started from: they would make the server its child. */
function environment() {
  const own = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name));
  return Object.fromEntries(own);
}
