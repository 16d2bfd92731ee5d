import assert from "node:assert/strict";
import { test } from "node:test";
import { busyboxApplets } from "./initramfs.ts";
import { loadOrder, type ModuleInfo, modulesAlias, modulesDep, readModuleInfo } from "./modules.ts";

/** A 32-bit ELF file with nothing but a .modinfo section and the section names. */
function moduleFile(modinfo: string): Uint8Array {
  const names = "\0.shstrtab\0.modinfo\0";
  const file = Buffer.alloc(52 + 3 * 40 + names.length + modinfo.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  file.writeUInt32LE(52, 32);
  file.writeUInt16LE(3, 48);
  file.writeUInt16LE(1, 50);
  const section = (index: number, name: number, at: number, size: number): void => {
    file.writeUInt32LE(name, 52 + index * 40);
    file.writeUInt32LE(at, 52 + index * 40 + 16);
    file.writeUInt32LE(size, 52 + index * 40 + 20);
  };
  const namesAt = 52 + 3 * 40;
  section(1, names.indexOf(".shstrtab"), namesAt, names.length);
  section(2, names.indexOf(".modinfo"), namesAt + names.length, modinfo.length);
  file.write(names, namesAt, "latin1");
  file.write(modinfo, namesAt + names.length, "latin1");
  return file;
}

const module = (path: string, ...depends: string[]): ModuleInfo => ({
  path: `kernel/${path}.ko`,
  data: new Uint8Array(0),
  name: path.replaceAll("-", "_"),
  depends,
  aliases: [`virtio:${path}*`],
});

test("a module tells its name, dependencies and aliases", () => {
  const data = moduleFile("license=GPL\0alias=virtio:d03v*\0alias=char-major-9\0depends=virtio,virtio_ring\0name=x\0");
  const info = readModuleInfo({ path: "kernel/drivers/virtio-rng.ko", data });
  assert.equal(info.name, "virtio_rng");
  assert.deepEqual(info.depends, ["virtio", "virtio_ring"]);
  assert.deepEqual(info.aliases, ["virtio:d03v*", "char-major-9"]);
  assert.deepEqual(readModuleInfo({ path: "a.ko", data: moduleFile("depends=\0") }).depends, []);
});

test("what is no module is refused by name, however it is damaged", () => {
  const whole = moduleFile("depends=\0");
  for (const data of [new Uint8Array(0), whole.subarray(0, 60), Buffer.alloc(200), Buffer.from("#!/bin/sh")]) {
    assert.throws(() => readModuleInfo({ path: "x.ko", data }), /^Error: x\.ko: this is not a 32-bit kernel module/);
  }
  for (let at = 0; at < 172; at++) {
    const damaged = Uint8Array.from(whole);
    damaged[at] ^= 0xff;
    try {
      readModuleInfo({ path: "x.ko", data: damaged });
    } catch (error) {
      assert.match(String(error), /^Error: x\.ko: /, `byte ${at}`);
    }
  }
});

const all = [module("console", "virtio", "ring"), module("virtio"), module("ring", "virtio"), module("lonely")];
const find = (name: string) => all.find((candidate) => candidate.name === name);

test("each module is loaded after what it needs, once", () => {
  assert.deepEqual(
    loadOrder(["console", "ring", "absent"], find).map(({ name }) => name),
    ["virtio", "ring", "console"],
  );
});

test("a missing dependency and a circle are errors", () => {
  assert.throws(() => loadOrder(["a"], () => module("a", "b")), /depend on each other/);
  assert.throws(
    () => loadOrder(["a"], (name) => (name === "a" ? module("a", "b") : undefined)),
    /module a depends on b, which the kernel package does not hold/,
  );
});

test("modprobe's index files", () => {
  assert.equal(
    modulesDep(all),
    "kernel/console.ko: kernel/ring.ko kernel/virtio.ko\nkernel/virtio.ko:\nkernel/ring.ko: kernel/virtio.ko\nkernel/lonely.ko:\n",
  );
  assert.equal(modulesAlias([module("console")]), "alias virtio:console* console\n");
});

test("busybox's applets are read from its table of names", () => {
  const file = Buffer.from("ELF...\0text\0[\0[[\0insmod\0sh\0zcat\0\0more", "latin1");
  assert.deepEqual(busyboxApplets(file), ["[", "[[", "insmod", "sh", "zcat"]);
  assert.throws(() => busyboxApplets(Buffer.from("something else")), /expected busybox-static/);
});
