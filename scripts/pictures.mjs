// Takes the README's pictures, media/*-light.webp and media/*-dark.webp, in the real VS Code.
//
// usage: npm run pictures
//
// The same in high contrast is left in out/screenshots/, to be looked at.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, buildIsFresh, bundleOptions } from "./build.mjs";
import { main, ROOT } from "./lib/project.mjs";

const PROGRAM = join(ROOT, "out", "pictures.mjs");

main(async () => {
  const esbuild = await import("esbuild");
  const entry = { entryPoints: ["test/vscode/pictures.ts"], outfile: PROGRAM };
  await esbuild.build({ ...bundleOptions(), packages: "external", ...entry });
  if (!buildIsFresh()) await build();
  process.env.ACRN_VIRTIO_ROOT = ROOT;
  const { takePictures } = await import(pathToFileURL(PROGRAM).href);
  await takePictures();
});
