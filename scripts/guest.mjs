// `npm run guest [-- COMMAND ...]`: sets up what is missing, boots the guest and connects this terminal to it. Without a
// terminal on stdin it shows a short demonstration instead.

import { main } from "./lib/project.mjs";
import { runProgram } from "./lib/take-over.mjs";
import { setup } from "./setup.mjs";

main(async () => {
  const given = process.argv.slice(2);
  // Somebody who brings a kernel needs no image.
  const ownKernel = given.some((argument) => /^(-k|--kernel(=|$))/.test(argument));
  await setup({ guestImage: !ownKernel });
  return runProgram(given.length > 0 ? given : [process.stdin.isTTY ? "run" : "demo"]);
});
