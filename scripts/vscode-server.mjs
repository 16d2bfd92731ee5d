// Installs the real VS Code and serves it with the packaged extension, for the tests.
//
// usage: node scripts/vscode-server.mjs oldest|newest JSON
//   JSON  what serveVscode takes: {home, vsix, settings, folder}
//
// Prints one line of JSON, {version, url, userData, extensions}, when it listens. Ends when its stdin does.

import { main, UserError } from "./lib/project.mjs";
import { SERVERS, vscodeServer } from "./lib/vscode-server.mjs";
import { serveVscode } from "./lib/vscode-window.mjs";

main(async () => {
  const [which, job] = process.argv.slice(2);
  if (!SERVERS[which]) throw new UserError(`expected ${Object.keys(SERVERS).join(" or ")}, not ${which}`, 2);
  const server = await vscodeServer(which);
  if (job === undefined) return 0;
  const { url, userData, extensions, closed, stop } = await serveVscode({ server, ...JSON.parse(job) });
  process.stdout.write(`${JSON.stringify({ version: server.version, url, userData, extensions })}\n`);
  const unwanted = new Promise((resolve) => process.stdin.on("end", resolve).resume());
  const ended = await Promise.race([closed.then(() => "server"), unwanted]);
  if (ended === "server") throw new UserError("VS Code's server ended by itself");
  await stop();
  return 0;
});
