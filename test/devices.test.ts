/** A device is one room: nobody outside of it knows it by name, and one that is made elsewhere is a device like all others. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { builtInDeviceClasses } from "../src/model/device-model/hw/pci/devices.ts";
import { importsOf, isTest, resolve, sources } from "./imports.ts";

const LIST = "src/model/device-model/hw/pci/devices.ts";

/** Files that may name a device, and why. */
const MAY_NAME: { readonly [file: string]: string } = {
  [LIST]: "the one list of classes",
  "src/cli/default-slots.ts": "what is on the bus when the command line names no device",
  "src/cli/silence.ts": "advice about the driver a guest's own kernel needs for a console",
  "src/model/guest/image/initramfs.ts": "drivers of Linux that the guest image carries",
};

/** The folders below hw/pci/virtio that devices have for themselves. */
const rooms = importsOf(sources().find(({ file }) => file === LIST)?.text ?? "")
  .map(({ specifier }) => resolve(LIST, specifier))
  .filter((path) => path.includes("/virtio/"))
  .map((path) => path.slice(0, path.lastIndexOf("/") + 1));

test("no product file outside its room names a virtio device", () => {
  const names = builtInDeviceClasses
    .filter(({ queues }) => queues !== undefined)
    .map(({ className }) => className.replace("-", "[-_]?"));
  assert.ok(names.length > 0 && rooms.length === names.length);
  // Not `acrn-virtio console`, as in the name of a folder.
  const pattern = new RegExp(`(?<!acrn-)(${names.join("|")})|\\bvtcon\\b|\\bvtrnd\\b`, "i");
  const naming = sources()
    .filter(({ file, text }) => !isTest(file) && !rooms.some((room) => file.startsWith(room)) && pattern.test(text))
    .map(({ file }) => file);
  assert.deepEqual(naming.sort(), Object.keys(MAY_NAME).sort());
});

test("nothing but the list imports from a device's room", () => {
  const importing = sources().flatMap(({ file, text }) =>
    isTest(file) || file === LIST
      ? []
      : importsOf(text)
          .map(({ specifier }) => resolve(file, specifier))
          .filter((target) => rooms.some((room) => target.startsWith(room) && !file.startsWith(room)))
          .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(importing, []);
});

test("the first lines of both READMEs say which virtio devices there are", () => {
  const virtio = builtInDeviceClasses.filter(({ queues }) => queues !== undefined).map(({ className }) => className);
  for (const file of ["README.md", "docs/package-readme.md"]) {
    const sentence = /Of acrn-dm's virtio devices it has ([^;]*);/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    assert.deepEqual([...sentence.matchAll(/`([\w-]+)`/g)].map(([, name]) => name).sort(), virtio.sort(), file);
  }
});
