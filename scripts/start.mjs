// `npm start`: sets up what is missing and opens VS Code with the extension.
//
// usage: npm start [-- [--desktop | --browser] [--port PORT] [FOLDER]]
//   --desktop    the VS Code installed on this computer; the default when there is one and a display
//   --browser    the real VS Code in a browser, served on this computer only; the default otherwise
//   --port PORT  where it is served; a free port without it
//   FOLDER       opened in the window; an empty window without it
//
// Without a terminal on stdin, and with no arguments, it shows a short demonstration instead.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { main, ROOT, readStamp, say, step, UserError } from "./lib/project.mjs";
import { runProgram } from "./lib/take-over.mjs";
import { desktopProblem, openDesktop } from "./lib/vscode-desktop.mjs";
import { serverForThisNode, vscodeServer } from "./lib/vscode-server.mjs";
import { serveVscode } from "./lib/vscode-window.mjs";
import { makePackage } from "./package.mjs";
import { setup } from "./setup.mjs";

const HOME = ".vscode-server/home";
const VSIX = `${HOME}/acrn-virtio.vsix`;

main(async () => {
  const { desktop, browser, port, folder } = readArguments(process.argv.slice(2));
  await setup();
  if (process.argv.length === 2 && !process.stdin.isTTY) return runProgram(["demo"]);
  const problem = browser ? "--browser was given" : desktopProblem();
  if (problem === undefined) return openInDesktop(folder);
  if (desktop) throw new UserError(`VS Code cannot be opened: ${problem}. ${WITHOUT}`);
  say(`* VS Code in the browser (${problem})`);
  return openInBrowser(port, folder);
});

const FIRST_STEPS = 'F5 boots the guest, and F1 "ACRN: Open Walkthrough" shows around';
const WITHOUT = '"npm run guest" boots the guest in this terminal.';

function readArguments(args) {
  let parsed;
  try {
    const options = {
      desktop: { type: "boolean" },
      browser: { type: "boolean" },
      port: { type: "string", default: "0" },
    };
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error.message}\n${USAGE}`, 2);
  }
  const { values, positionals } = parsed;
  const port = /^\d+$/.test(values.port) ? Number(values.port) : -1;
  if (port < 0 || port > 65535) throw new UserError(`--port ${values.port}: expected a number from 0 to 65535`, 2);
  if (positionals.length > 1 || (values.desktop && values.browser)) throw new UserError(USAGE, 2);
  const folder = positionals[0] && resolve(process.env.INIT_CWD ?? ".", positionals[0]);
  if (folder && !existsSync(folder)) throw new UserError(`${folder}: no such folder`, 2);
  return { ...values, port, folder };
}

const USAGE = `usage: npm start [-- [--desktop | --browser] [--port PORT] [FOLDER]]\n${WITHOUT}`;

async function openInDesktop(folder) {
  const vsix = await changedPackage("desktop");
  await openDesktop({ home: join(ROOT, HOME), vsix, folder });
  if (vsix) await remember("desktop");
  say(`VS Code is open. In its window ${FIRST_STEPS}.`);
  return 0;
}

async function openInBrowser(port, folder) {
  let server;
  try {
    server = await vscodeServer(serverForThisNode());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`VS Code could not be installed: ${error.message}\n${WITHOUT}`);
  }
  const vsix = await changedPackage("browser");
  const { url, closed } = await serveVscode({ server, home: join(ROOT, HOME), vsix, folder, port });
  if (vsix) await remember("browser");
  say(`\nVS Code ${server.version} is at\n\n  ${url}\n\nIn a browser there ${FIRST_STEPS}. Ctrl-C here ends it.`);
  say("The address holds a secret: whoever has it can run programs as you.");
  await closed;
  throw new UserError("VS Code's server ended");
}

/** The package, made anew, if it is not the one that is installed; undefined if it is. */
async function changedPackage(where) {
  if (readStamp(`${HOME}/.${where}-stamp`) === (await packageHash())) return undefined;
  mkdirSync(join(ROOT, HOME), { recursive: true });
  await step("Packing the extension", () => makePackage(undefined, join(ROOT, VSIX)));
  return join(ROOT, VSIX);
}

/** Only an installed package counts: being stopped before that has it made and installed again. */
async function remember(where) {
  writeFileSync(join(ROOT, HOME, `.${where}-stamp`), `${await packageHash()}\n`);
}

/** Imported late: it needs what the set-up installs. */
const packageHash = async () => (await import("./package/staging.mjs")).packageHash();
