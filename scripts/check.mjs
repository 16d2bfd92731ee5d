// `npm test`: sets up what is missing, then format and lint, types and tests. Runs all of them and fails when one does.

import { join } from "node:path";
import { main, ROOT, run, say } from "./lib/project.mjs";
import { setup } from "./setup.mjs";

const bin = (...path) => [join(ROOT, "node_modules", ...path)];

const CHECKS = [
  ["format and lint (npm run lint)", [...bin("@biomejs", "biome", "bin", "biome"), "ci", "."]],
  ["types (npm run typecheck)", [...bin("typescript", "bin", "tsc"), "--noEmit"]],
  ["types of the webviews", [...bin("typescript", "bin", "tsc"), "--noEmit", "-p", "src/webview"]],
  ["tests (npm run test:unit)", [join(ROOT, "scripts", "test.mjs"), ...process.argv.slice(2)]],
];

main(async () => {
  await setup();
  const failed = [];
  for (const [name, args] of CHECKS) {
    say(`\n* ${name}`);
    const { code } = await run(process.execPath, args, { inherit: true });
    if (code !== 0) failed.push(name);
  }
  if (failed.length === 0) {
    say("\nAll checks passed.");
    return 0;
  }
  say(`\nFailed: ${failed.join(", ")}`);
  return 1;
});
