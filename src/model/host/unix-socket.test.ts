import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { HostFile } from "../doors/host.ts";
import { EAGAIN, EBADF, EINVAL, ENOENT, ENOTCONN, EPIPE } from "../util/errno.ts";
import { EISDIR, ENAMETOOLONG } from "./errno-map.ts";
import { opened, randomBytes, readAll, testFolder, testHost, until, writeAll } from "./testing/test-host.ts";

const MIB = 1024 * 1024;

/** A listening socket of the host, and a client of Node's connected to it. */
async function serverAndClient(t: TestContext): Promise<{ file: HostFile; client: Socket; path: string }> {
  const { host } = testHost(t);
  const path = join(testFolder(t), "s");
  const listener = opened(host.listenUnix(path));
  const client = connect(path);
  t.after(() => client.destroy());
  await until(() => listener.readable);
  return { file: opened(listener.accept()), client, path };
}

async function received(socket: Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let got = 0;
  socket.on("data", (piece) => {
    pieces.push(piece);
    got += piece.length;
  });
  await until(() => got >= length);
  return Buffer.concat(pieces);
}

describe("unix sockets", { timeout: 60_000, skip: process.platform === "win32" }, () => {
  it("serves a client, 1 MiB each way byte for byte", async (t) => {
    const { file, client } = await serverAndClient(t);
    const up = randomBytes(MIB, 1);
    const down = randomBytes(MIB, 2);
    client.write(up);
    const [gotUp, gotDown] = await Promise.all([readAll(file, MIB), received(client, MIB), writeAll(file, down)]);
    assert.equal(Buffer.compare(gotUp, up), 0);
    assert.equal(Buffer.compare(gotDown, down), 0);
  });

  it("connects to a server, 1 MiB each way byte for byte", async (t) => {
    const { host } = testHost(t);
    const path = join(testFolder(t), "s");
    const up = randomBytes(MIB, 3);
    const down = randomBytes(MIB, 4);
    let gotUp: Promise<Buffer> | undefined;
    const server = createServer((socket) => {
      gotUp = received(socket, MIB);
      socket.end(down);
    }).listen(path);
    t.after(() => server.close());
    await until(() => server.listening);
    const file = opened(host.connectUnix(path));
    assert.equal(file.isTty, false);
    const [gotDown] = await Promise.all([readAll(file, MIB), writeAll(file, up)]);
    assert.equal(Buffer.compare(gotDown, down), 0);
    await until(() => gotUp !== undefined);
    assert.equal(Buffer.compare((await gotUp) ?? Buffer.of(), up), 0);
    await until(() => file.readable);
    assert.equal(file.read(new Uint8Array(1)), 0);
  });

  it("reads what a client wrote before it vanished, then the end; writes meet EPIPE", async (t) => {
    const { file, client } = await serverAndClient(t);
    client.end("bye");
    await until(() => file.readable);
    const into = Buffer.alloc(10);
    assert.equal(file.read(into), 3);
    await until(() => file.readable);
    assert.equal(file.read(into), 0);
    assert.equal(file.readable, false);
    client.destroy();
    await until(() => client.closed);
    assert.equal(file.write(Buffer.from("x")), -EPIPE);
    file.close();
    assert.equal(file.read(into), -EBADF);
  });

  it("notices that a client was killed while its output waited", async (t) => {
    const { file, client } = await serverAndClient(t);
    const piece = new Uint8Array(4096);
    let result = 0;
    while (result >= 0) result = file.write(piece);
    assert.equal(result, -EAGAIN);
    client.destroy();
    await until(() => client.closed);
    assert.equal(file.write(piece), -EPIPE);
  });

  it("does not read far ahead of a model that reads nothing", async (t) => {
    const { file, client } = await serverAndClient(t);
    client.write(new Uint8Array(4 * MIB));
    await until(() => file.readable);
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    assert.ok(client.writableLength > 3 * MIB, `${client.writableLength} of ${4 * MIB} bytes wait at the client`);
    assert.equal((await readAll(file, 4 * MIB)).length, 4 * MIB);
  });

  it("takes the next client after one has gone", async (t) => {
    const { host } = testHost(t);
    const path = join(testFolder(t), "s");
    const listener = opened(host.listenUnix(path));
    assert.equal(listener.accept(), -EAGAIN);
    let calls = 0;
    listener.watcher = { onReadable: () => calls++ };
    for (const text of ["one", "two"]) {
      const client = connect(path);
      client.write(text);
      await until(() => listener.readable);
      const file = opened(listener.accept());
      assert.equal((await readAll(file, 3)).toString(), text);
      client.destroy();
      await until(() => file.readable);
      assert.equal(file.read(new Uint8Array(1)), 0);
      file.close();
    }
    assert.equal(calls, 2);
  });

  it("removes what has the path, with a warning, and its own socket when it is closed", (t) => {
    const { host, logged } = testHost(t);
    const path = join(testFolder(t), "s");
    writeFileSync(path, "in the way");
    const first = opened(host.listenUnix(path));
    assert.match(logged[0], /was there already \(a file\); it has been removed/);
    const second = opened(host.listenUnix(path));
    assert.match(logged[1], /was there already \(an old socket/);
    second.close();
    second.close();
    assert.equal(existsSync(path), false);
    first.close();
  });

  it("closes connections and socket files with the host", async (t) => {
    const { host } = testHost(t);
    const path = join(testFolder(t), "s");
    const listener = opened(host.listenUnix(path));
    const clients = [connect(path), connect(path)];
    for (const client of clients) client.on("error", () => {});
    await until(() => listener.readable);
    const file = opened(listener.accept());
    host.close();
    assert.equal(existsSync(path), false);
    assert.equal(file.write(Uint8Array.of(1)), -EBADF);
    for (const client of clients) await until(() => client.closed);
  });

  it("refuses a path it cannot bind, at once and with a reason", (t) => {
    const { host, logged } = testHost(t);
    const folder = testFolder(t);
    mkdirSync(join(folder, "sub"));
    const table: [string, number, RegExp][] = [
      [join(folder, "none", "s"), -ENOENT, /none\/s: ENOENT; the folder must exist and be writable/],
      [join(folder, "sub"), -EISDIR, /is a folder/],
      [join(folder, "x".repeat(108 - folder.length)), -ENAMETOOLONG, /10[89] bytes are too long .* at most 107/],
      ["", -EINVAL, /needs a path/],
    ];
    for (const [path, errno, message] of table) {
      assert.equal(host.listenUnix(path), errno, path);
      assert.match(logged.at(-1) ?? "", message);
    }
  });

  it("tells a missing path from a server that does not listen", async (t) => {
    const { host, logged } = testHost(t);
    const path = join(testFolder(t), "s");
    assert.equal(host.connectUnix(path), -ENOENT);
    writeFileSync(path, "");
    const file = opened(host.connectUnix(path));
    await until(() => file.readable);
    assert.match(logged[0], /cannot connect to .*: ECONNREFUSED; start the server before the machine/);
    assert.equal(file.read(new Uint8Array(1)), -EINVAL);
    assert.equal(file.write(new Uint8Array(1)), -ENOTCONN);
    assert.equal(file.readable, false);
  });
});
