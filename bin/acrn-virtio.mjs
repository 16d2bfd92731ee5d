#!/usr/bin/env node
// Starts the command line program. It only finds the built file; everything else is in src/cli.

import { existsSync } from "node:fs";

const program = new URL("../dist/cli.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write("acrn-virtio is not built yet: run `npm start` (or `npm run build`) in its folder first.\n");
  process.exitCode = 70;
}
