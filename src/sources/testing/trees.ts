import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StationRef } from "../types.ts";
import { temporaryFolder } from "./files.ts";

export type Files = { readonly [path: string]: string };

/** Writes files below a folder, by default a new one; returns the folder. */
export function writeFiles(files: Files, folder = temporaryFolder()): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The least that is recognised as acrn-hypervisor. */
export const acrnMarkers: Files = {
  "hypervisor/Makefile": "",
  "devicemodel/core/main.c": "",
  VERSION: "MAJOR_VERSION=3\nMINOR_VERSION=4\nEXTRA_VERSION=-unstable\n",
};

/** The least that is recognised as Linux, with the HSM driver of mainline. */
export const linuxMarkers: Files = {
  Makefile: "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\nEXTRAVERSION =\nNAME = Test\n",
  "kernel/Makefile": "",
  "drivers/virtio/virtio_ring.c": "",
  "drivers/virt/acrn/ioreq.c": "",
};

export const dm = (id: string, file: string, ...aliases: string[]): StationRef => ({
  id,
  layer: "device-model",
  repository: "projectacrn/acrn-hypervisor",
  file: `devicemodel/${file}`,
  aliases,
});

export const hv = (id: string, file: string, ...aliases: string[]): StationRef => ({
  ...dm(id, file, ...aliases),
  layer: "hypervisor",
  file: `hypervisor/${file}`,
});

export const guest = (id: string, file: string, ...aliases: string[]): StationRef => ({
  id,
  layer: "guest",
  repository: "torvalds/linux",
  file,
  aliases,
});

export const hsm = (id: string, file: string): StationRef => ({ ...guest(id, file), layer: "service-vm" });
