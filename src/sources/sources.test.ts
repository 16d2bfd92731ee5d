import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type SourceFiles, SourceMap, type SourceMapOptions, SourcesError } from "./sources.ts";
import { makeSourceFiles, ROOT, temporaryFolder } from "./testing/files.ts";
import { acrnMarkers, dm, type Files, guest, hsm, hv, linuxMarkers, writeFiles } from "./testing/trees.ts";
import type { StationRef } from "./types.ts";

const CONSOLE = "hw/pci/virtio/virtio_console.c";
const notifyTx = dm("virtio_console_notify_tx", CONSOLE);
const backendWrite: StationRef = { ...dm("virtio_console_backend_write", CONSOLE), pointers: ["cb"] };
const getchain = dm("vq_getchain", "hw/pci/virtio/virtio.c", "vq_getchain_old");
const emulateIo = hv("emulate_io", "dm/io_req.c");
const dispatch = hsm("acrn_ioreq_dispatch", "drivers/virt/acrn/ioreq.c");
const asyncio: StationRef = { ...hsm("acrn_asyncio_dispatch", dispatch.file), repository: "projectacrn/acrn-kernel" };
const kick = guest("virtqueue_kick", "drivers/virtio/virtio_ring.c");
const stations = [notifyTx, backendWrite, getchain, emulateIo, dispatch, asyncio, kick];

const consoleC = [
  "static void",
  "virtio_console_backend_write(struct port *port, struct iovec *iov)",
  "{",
  "\twritev(port->fd, iov);",
  "}",
  "",
  "static void helper(void)",
  "{",
  "}",
  "",
  "static void",
  "virtio_console_notify_tx(void *vdev, struct virtio_vq_info *vq)",
  "{",
  "\twhile (vq_has_descs(vq)) {",
  "\t\tvq_getchain(vq, &idx);",
  "\t\tport->cb(port, port->arg, iov, 1);",
  "\t}",
  "}",
  "/* line 19 */",
].join("\n");

const acrnFiles: Files = {
  ...acrnMarkers,
  [`devicemodel/${CONSOLE}`]: consoleC,
  "devicemodel/hw/pci/ring.c": "int vq_getchain(struct virtio_vq_info *vq)\n{\n\treturn 1;\n}\n",
  "devicemodel/hw/other.c": "int other(void)\n{\n}\n",
};
const linuxFiles: Files = {
  ...linuxMarkers,
  "drivers/virt/acrn/ioreq.c": [
    "static int acrn_ioreq_dispatch(struct acrn_vm *vm)",
    "{",
    "\tif (handle_cf8cfc(vm, req, i))",
    "\t\treturn 0;",
    "\twake_up_interruptible(&client->wq);",
    "}",
  ].join("\n"),
  "drivers/tty/n_tty.c": "static ssize_t n_tty_write(struct tty_struct *tty)\n{\n\treturn 0;\n}\n",
};

let files: SourceFiles;
const open: SourceMap[] = [];
before(async () => {
  files = await makeSourceFiles();
});
after(() => Promise.all(open.map((map) => map.dispose())));

async function sourceMap(options: Partial<SourceMapOptions>): Promise<SourceMap> {
  const map = await SourceMap.create({ workspaceFolders: [], prefer: "checkout", files, stations, ...options });
  open.push(map);
  return map;
}

/** Both trees in one workspace folder, indexed. */
async function both(options: Partial<SourceMapOptions> = {}) {
  const folder = temporaryFolder();
  const acrn = writeFiles(acrnFiles, join(folder, "acrn"));
  const linux = writeFiles(linuxFiles, join(folder, "linux"));
  const map = await sourceMap({ workspaceFolders: [folder], ...options });
  const report = await map.ready;
  return { map, acrn, linux, report, path: join(acrn, "devicemodel", CONSOLE) };
}

const reason = (answer: { kind: string; reason?: string }): string => {
  assert.equal(answer.kind, "missing");
  return answer.reason ?? "";
};

test("stations resolve to the checkouts of the workspace", async () => {
  const { map, acrn, linux, path } = await both();
  assert.deepEqual(
    map.trees.map(({ kind, version }) => [kind, version]),
    [
      ["acrn", "3.4-unstable"],
      ["linux", "6.12.1"],
    ],
  );
  assert.deepEqual(map.resolve(notifyTx), {
    kind: "found",
    origin: "checkout",
    path,
    line: 12,
    column: 1,
    functionRange: { start: 11, end: 18 },
    name: "virtio_console_notify_tx",
    match: "file",
  });
  const moved = map.resolve(getchain);
  assert.ok(moved.kind === "found");
  assert.equal(moved.path, join(acrn, "devicemodel/hw/pci/ring.c"));
  assert.match(moved.note ?? "", /is in devicemodel\/hw\/pci\/ring\.c here, not in/);
  const dispatched = map.resolve(dispatch);
  assert.equal(dispatched.kind === "found" && dispatched.path, join(linux, "drivers/virt/acrn/ioreq.c"));
});

test("a caller stands on the line of its call, and of its hand-over", async () => {
  const { map, path } = await both();
  const call = map.callSite(notifyTx, backendWrite);
  const expected = { origin: "checkout", path, line: 16, column: 9, through: [], pointer: "cb", others: [] };
  assert.deepEqual(call, { kind: "found", ...expected });
  const woken = map.handOverSite(dispatch, "wakeUpInterruptible");
  assert.equal(woken.kind === "found" && woken.line, 5);
  assert.match(
    reason(map.handOverSite(dispatch, "queueWork")),
    /no call in acrn_ioreq_dispatch .*:1\) is known to lead/,
  );
  assert.match(reason(map.callSite(backendWrite, getchain)), /known to lead to vq_getchain/);
});

test("the model stands in for stations without a checkout, and comes first where that is preferred", async () => {
  const { map } = await both({ acrn: undefined });
  const model = join(ROOT, "src/model/hypervisor/io-req.ts");
  const fallback = map.resolve(emulateIo);
  assert.deepEqual(fallback.kind === "found" && [fallback.origin, fallback.path], ["model", model]);
  const { map: preferred, path } = await both({ prefer: "model" });
  const first = preferred.resolve(notifyTx);
  assert.ok(first.kind === "found" && first.origin === "model" && first.path.endsWith("console/notify.ts"));
  const call = preferred.callSite(notifyTx, getchain);
  assert.ok(call.kind === "found" && call.path === first.path && call.line > first.line);
  const there = preferred.stationAt(path, 12);
  assert.equal(there.kind === "found" && there.origin, "checkout");
  const here = preferred.stationAt(first.path, call.line);
  assert.ok(here.kind === "found" && !here.moved && here.callees.includes(getchain));
});

test("a line means the function it is in, the call that is there, or the next function of the chain", async () => {
  const { map, path } = await both();
  const at = (line: number) => {
    const place = map.stationAt(path, line);
    return place.kind === "found"
      ? [place.station.id, place.line, place.moved, place.callees.map(({ id }) => id).join(" ")]
      : place.reason;
  };
  assert.deepEqual(at(1), [backendWrite.id, 2, true, ""]);
  assert.deepEqual(at(2), [backendWrite.id, 2, false, ""]);
  assert.deepEqual(at(5), [backendWrite.id, 2, true, ""]);
  assert.deepEqual(at(7), [notifyTx.id, 12, true, ""]);
  assert.deepEqual(at(14), [notifyTx.id, 12, true, ""]);
  assert.deepEqual(at(15), [notifyTx.id, 15, false, getchain.id]);
  assert.deepEqual(at(16), [notifyTx.id, 16, false, backendWrite.id]);
  assert.match(
    String(at(19)),
    /no function of the notify chain is at line 19 .* the last is virtio_console_notify_tx at line 12/,
  );
  const places = map.breakpointLocations(path, 10, 15).map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(places, ["12:1", "15:3"]);
  assert.deepEqual(
    map.stationsIn(path).map(({ station, line }) => `${station.id}:${line}`),
    [`${backendWrite.id}:2`, `${notifyTx.id}:12`],
  );
});

test("files without a place say why", async () => {
  const { map, acrn, path } = await both();
  assert.match(
    reason(map.stationAt(join(acrn, "devicemodel/hw/other.c"), 1)),
    /no function of the notify chain is in devicemodel/,
  );
  assert.match(reason(map.stationAt("/somewhere/else.c", 1)), /is in no acrn-hypervisor or Linux checkout/);
  assert.deepEqual(map.breakpointLocations("/somewhere/else.c", 1, 9), []);
  assert.deepEqual(map.stationsIn(join(path, "..")), []);
  const other = writeFiles(acrnFiles);
  const one = await sourceMap({ workspaceFolders: [acrn, other] });
  assert.deepEqual(
    one.ignored.map(({ root }) => root),
    [other],
  );
  assert.match(reason(one.stationAt(join(other, "devicemodel", CONSOLE), 1)), /but .* is used; sources\.acrn chooses/);
});

test("a checkout that is behind a link is the same one", async () => {
  const { acrn, path } = await both();
  const link = join(temporaryFolder(), "link");
  symlinkSync(acrn, link);
  const map = await sourceMap({ acrn: link });
  await map.ready;
  for (const one of [path, join(link, "devicemodel", CONSOLE)]) assert.equal(map.stationAt(one, 12).kind, "found", one);
});

test("what a checkout has not is told: the version, the file, the names tried", async () => {
  const { map, report, linux } = await both({ files: { ...files, model: { ...files.model, roots: [] } } });
  const missing = new Map(
    report.trees.flatMap((tree) => tree.missing.map((one) => [one.station, one.reason] as const)),
  );
  assert.deepEqual([...missing.keys()], [emulateIo.id, asyncio.id, kick.id]);
  assert.match(
    reason(map.resolve(emulateIo)),
    /acrn-hypervisor 3\.4-unstable\): there is no hypervisor\/dm\/io_req\.c, nor/,
  );
  assert.match(
    reason(map.resolve(kick)),
    /Linux 6\.12\.1\): drivers\/virtio\/virtio_ring\.c has no such function, nor/,
  );
  assert.match(reason(map.resolve(asyncio)), /only the Service VM kernel of projectacrn\/acrn-kernel has it/);
  const alone = await sourceMap({ linux, files: { ...files, model: { ...files.model, roots: [] } } });
  await alone.ready;
  assert.match(
    reason(alone.resolve(notifyTx)),
    /no acrn-hypervisor checkout is in the workspace or named in sources\.acrn/,
  );
});

test("a checkout named in the configuration is used instead of the workspace's; a wrong one is an error", async () => {
  const { acrn } = await both();
  const named = writeFiles({ ...acrnFiles, VERSION: "MAJOR_VERSION=1\n" });
  const map = await sourceMap({ acrn: named, workspaceFolders: [acrn] });
  assert.deepEqual(
    map.trees.map(({ root, version }) => [root, version]),
    [[named, "1.0"]],
  );
  await assert.rejects(sourceMap({ linux: acrn }), SourcesError);
});

test("an edit moves lines as soon as the file is saved, also while the code is broken", async () => {
  const { map, path } = await both();
  writeFileSync(path, `\n\n${consoleC}`);
  assert.equal(await map.refresh(path), true);
  const shifted = map.callSite(notifyTx, backendWrite);
  assert.equal(shifted.kind === "found" && shifted.line, 18);
  writeFileSync(path, consoleC.replace("vq_getchain(vq, &idx);", "if (vq_getchain(vq"));
  await map.refresh(path);
  const broken = map.callSite(notifyTx, backendWrite);
  assert.equal(broken.kind === "found" && broken.line, 16);
  assert.equal(await map.refresh("/somewhere/else.c"), false);
});

test("a function that moves to another file is followed", async () => {
  const { map, acrn } = await both();
  mkdirSync(join(acrn, "hypervisor/arch"));
  writeFileSync(join(acrn, "hypervisor/arch/io.c"), "int emulate_io(struct vcpu *vcpu)\n{\n}\n");
  await map.refresh(join(acrn, "hypervisor/arch/io.c"));
  const found = map.resolve(emulateIo);
  assert.deepEqual(found.kind === "found" && [found.match, found.path], ["moved", join(acrn, "hypervisor/arch/io.c")]);
});

test("functions of the guest's kernel that are no stations are found on demand", async () => {
  const { map, linux } = await both();
  const write = guest("n_tty_write.isra.0", "");
  assert.match(reason(map.resolve(write)), /not in the files of .* that are indexed/);
  await map.find(["n_tty_write", "no_such_function"]);
  const found = map.resolve(guest("n_tty_write", ""));
  assert.equal(found.kind === "found" && found.path, join(linux, "drivers/tty/n_tty.c"));
  const split = map.resolve(write);
  assert.equal(split.kind === "found" && split.line, 1);
});

test("a second start comes from the cache, a damaged cache is made again", async () => {
  const cacheFolder = join(temporaryFolder(), "cache");
  const { acrn, linux } = await both({ cacheFolder });
  const start = async () => {
    const map = await sourceMap({ acrn, linux, cacheFolder });
    const { trees } = await map.ready;
    assert.equal(map.resolve(notifyTx).kind, "found");
    return trees.map(({ parsed, files: all }) => `${parsed} of ${all}`);
  };
  assert.deepEqual(await start(), ["0 of 2", "0 of 2"]);
  for (const name of readdirSync(cacheFolder)) writeFileSync(join(cacheFolder, name), "damaged");
  assert.ok((await start()).every((one) => !one.startsWith("0")));
  assert.ok((await start()).every((one) => one.startsWith("0")));
});

test("before the index is there, answers are pending; cancelling ends it and says so", async () => {
  const acrn = writeFiles(acrnFiles);
  const controller = new AbortController();
  const withoutModel = { ...files, model: { ...files.model, roots: [] } };
  const map = await sourceMap({ acrn, files: withoutModel, signal: controller.signal });
  const path = join(acrn, "devicemodel", CONSOLE);
  for (const answer of [map.resolve(notifyTx), map.stationAt(path, 12)]) {
    assert.ok(answer.kind === "missing" && answer.pending === true, JSON.stringify(answer));
  }
  controller.abort();
  const report = await map.ready;
  assert.equal(report.cancelled, true);
  assert.match(report.trees[0].failure ?? "", /cancelled/);
  assert.match(reason(map.resolve(notifyTx)), /is not indexed: indexing was cancelled/);
  assert.match(reason(map.stationAt(path, 12)), /is not indexed: indexing was cancelled/);
  assert.equal(await map.refresh(path), true);
  const aborted = await sourceMap({ acrn, signal: AbortSignal.abort() });
  assert.equal((await aborted.ready).cancelled, true);
});

test("progress is reported, and a tree that vanishes while it is indexed is no disaster", async () => {
  const seen = new Set<string>();
  const acrn = writeFiles(acrnFiles);
  const map = await sourceMap({ acrn, onProgress: ({ root, phase }) => seen.add(`${phase} ${root}`) });
  renameSync(acrn, `${acrn}-gone`);
  const report = await map.ready;
  renameSync(`${acrn}-gone`, acrn);
  assert.equal(report.trees.length, 1);
  assert.ok([...seen].every((one) => one.endsWith(acrn)) && seen.size > 0);
});

test("without any checkout the model is all there is", async () => {
  const map = await sourceMap({ workspaceFolders: [temporaryFolder()] });
  assert.deepEqual(await map.ready, { trees: [], cancelled: false });
  const found = map.resolve(notifyTx);
  assert.equal(found.kind === "found" && found.origin, "model");
  assert.match(reason(map.resolve(kick)), /no Linux checkout is in the workspace or named in sources\.linux/);
});
