import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { EBADF, ENOENT, ENOSPC } from "../util/errno.ts";
import { createByteRingPair } from "./channel-file.ts";
import { ChannelOwner } from "./channel-owner.ts";
import { checkImage } from "./check-image.ts";
import { ENOSYS } from "./errno-map.ts";
import { opened, testFolder, testHost, until } from "./testing/test-host.ts";

describe("node host", { timeout: 60_000 }, () => {
  it("appends to a file", (t) => {
    const { host } = testHost(t);
    const path = join(testFolder(t), "log");
    writeFileSync(path, "old ");
    const file = opened(host.openAppend(path));
    assert.equal(file.write(Buffer.from("new")), 3);
    assert.equal(file.write(new Uint8Array(0)), 0);
    assert.equal(file.isTty, false);
    assert.equal(readFileSync(path, "utf8"), "old new");
    assert.equal(file.read(new Uint8Array(1)), -EBADF);
    file.close();
    file.close();
    assert.equal(file.write(Buffer.from("x")), -EBADF);
  });

  it("opens a file for reading, without waiting for what is not there yet", (t) => {
    const { host, logged } = testHost(t);
    const path = join(testFolder(t), "data");
    writeFileSync(path, "abc");
    const file = opened(host.openRead(path));
    const into = Buffer.alloc(4);
    assert.deepEqual([file.read(into), file.read(into), into.toString("latin1", 0, 3)], [3, 0, "abc"]);
    assert.equal(file.write(into), -EBADF);
    assert.equal(host.openRead(`${path}.none`), -ENOENT);
    assert.match(logged[0], /cannot open .* for reading: ENOENT/);
  });

  it("has the system's own generator where there is no /dev/random", (t) => {
    const { host } = testHost(t, { platform: "win32" });
    const file = opened(host.openRead("/dev/random"));
    const into = Buffer.alloc(64);
    assert.equal(file.read(into), 64);
    assert.ok(into.some((byte) => byte !== into[0]));
    file.close();
    assert.equal(file.read(into), -EBADF);
  });

  it("passes on why a file cannot be opened or written", { skip: !existsSync("/dev/full") }, (t) => {
    const { host, logged } = testHost(t);
    assert.equal(opened(host.openAppend("/dev/full")).write(Uint8Array.of(1)), -ENOSPC);
    assert.equal(host.openAppend(join(testFolder(t), "none", "log")), -ENOENT);
    assert.match(logged[0], /cannot open .* for appending: ENOENT/);
  });

  it("connects the console to its owner", async (t) => {
    const console = createByteRingPair();
    const { host } = testHost(t, { console });
    let text = "";
    const owner = new ChannelOwner(console, (bytes) => {
      text += Buffer.from(bytes).toString();
    });
    assert.equal(host.stdin(), host.stdin());
    host.stdin().write(Buffer.from("a"));
    await until(() => text === "a");
    host.close();
    assert.equal(await owner.send(Uint8Array.of(1)), false);
    await owner.finish();
  });

  it("says what Windows does not have", (t) => {
    const { host, logged } = testHost(t, { platform: "win32" });
    assert.equal(host.openPty(), -ENOSYS);
    assert.equal(host.openTty("COM1"), -ENOSYS);
    assert.equal(host.listenUnix("x"), -ENOSYS);
    assert.equal(host.connectUnix("x"), -ENOSYS);
    for (const message of logged) assert.match(message, /is not supported on Windows; use stdio or file/);
  });

  it("checks images as check_image does", (t) => {
    const folder = testFolder(t);
    const path = join(folder, "image");
    assert.match(checkImage(path) ?? "", /failed to open: ENOENT/);
    writeFileSync(path, "");
    assert.match(checkImage(path) ?? "", /empty/);
    writeFileSync(path, "x");
    assert.equal(checkImage(path), undefined);
    assert.match(checkImage(folder) ?? "", /folder/);
  });
});
