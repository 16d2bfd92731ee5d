// `npm start [-- COMMAND ...]`: sets up what is missing, boots the guest and connects this terminal to it. Without a
// terminal on stdin it shows a short demonstration instead.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { main, ROOT } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

main(async () => {
  const given = process.argv.slice(2);
  // Somebody who brings a kernel needs no image.
  const ownKernel = given.some((argument) => /^(-k|--kernel(=|$))/.test(argument));
  await setup({ guestImage: !ownKernel });
  const args = given.length > 0 ? given : [process.stdin.isTTY ? "run" : "demo"];
  return runProgram([join(ROOT, "bin", "acrn-virtio.mjs"), ...args]);
});

/** The program takes over: terminal and signals are its own, its exit code becomes ours. */
function runProgram(args) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal);
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  // Ctrl-C goes to the whole foreground group; the others come to this process alone.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 1)));
  });
}
