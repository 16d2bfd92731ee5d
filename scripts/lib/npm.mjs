// Calls npm, the one the user started if there is one.

import { mustRun, UserError } from "./project.mjs";

/** Runs npm with the arguments; `options` as for mustRun. Resolves to its output. */
export function npm(args, options) {
  // Under `npm start` this is the npm that was called; it is a script for Node, on Windows too.
  const script = process.env.npm_execpath;
  if (script?.endsWith("js")) return mustRun(process.execPath, [script, ...args], options);
  return mustRun("npm", args, options).catch((error) => {
    if (error.code === "ENOENT") throw new UserError("npm was not found; it comes with Node (https://nodejs.org).");
    throw error;
  });
}
