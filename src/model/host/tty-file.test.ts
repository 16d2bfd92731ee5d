import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import type { HostFile, HostPty, Log } from "../doors/host.ts";
import { EAGAIN, EBADF, EIO, ENOENT } from "../util/errno.ts";
import { FdFile } from "./fd-file.ts";
import { opened, randomBytes, readAll, testFolder, testHost, until, writeAll } from "./testing/test-host.ts";
import { openPty } from "./tty-file.ts";

const MIB = 1024 * 1024;

function ptyWithSlave(t: TestContext): { pty: HostPty; slave: HostFile } {
  const { host } = testHost(t);
  const pty = opened(host.openPty());
  return { pty, slave: opened(host.openTty(pty.slave)) };
}

function modes(path: string): string {
  const fd = openSync(path, "r");
  const { stdout } = spawnSync("stty", ["-a"], { stdio: [fd, "pipe", "pipe"], encoding: "utf8" });
  closeSync(fd);
  return stdout;
}

/** Descriptors of this process that are terminals, apart from its own three. */
function openTerminals(): string[] {
  const folder = "/proc/self/fd";
  return readdirSync(folder)
    .filter((fd) => Number(fd) > 2)
    .flatMap((fd) => {
      try {
        return readlinkSync(join(folder, fd));
      } catch {
        return [];
      }
    })
    .filter((target) => /\/dev\/(pts|ptmx|tty)/.test(target));
}

function tests(): void {
  it("carries 1 MiB of random bytes from slave to master", async (t) => {
    const told: string[] = [];
    const { host } = testHost(t, { onPty: (path) => told.push(path) });
    const pty = opened(host.openPty());
    assert.deepEqual(told, [pty.slave]);
    // A program that leaves the modes alone; the tty backend would turn OPOST on.
    const program = new FdFile(openSync(pty.slave, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY));
    t.after(() => program.close());
    const bytes = randomBytes(MIB);
    const [got] = await Promise.all([readAll(pty.master, MIB), writeAll(program, bytes)]);
    assert.equal(Buffer.compare(got, bytes), 0);
  });

  it("carries 1 MiB of random bytes from master to slave", async (t) => {
    const { pty, slave } = ptyWithSlave(t);
    const bytes = randomBytes(MIB, 2);
    const [got] = await Promise.all([readAll(slave, MIB), writeAll(pty.master, bytes)]);
    assert.equal(Buffer.compare(got, bytes), 0);
  });

  it("makes a pty's slave raw without output processing, and a tty backend raw with it", (t) => {
    const { host } = testHost(t);
    const pty = opened(host.openPty());
    assert.match(modes(pty.slave), /^-opost /m);
    assert.match(modes(pty.slave), / -icanon .* -echo /s);
    const tty = opened(host.openTty(pty.slave));
    assert.equal(tty.isTty, true);
    assert.match(modes(pty.slave), / clocal/);
    assert.match(modes(pty.slave), /^opost /m);
    tty.close();
    assert.match(modes(pty.slave), / -clocal/);
    assert.match(modes(pty.slave), /^-opost /m);
  });

  it("says EAGAIN when a pty that nobody reads is full, and goes on afterwards", async (t) => {
    const { pty, slave } = ptyWithSlave(t);
    const piece = new Uint8Array(1000).fill(0x61);
    let written = 0;
    for (;;) {
      const count = pty.master.write(piece);
      if (count < 0) {
        assert.equal(count, -EAGAIN);
        break;
      }
      written += count;
    }
    assert.ok(written > 1000);
    await readAll(slave, written);
    await until(() => pty.master.write(piece) > 0);
  });

  it("announces input once it is there, and only while it is", async (t) => {
    const { pty, slave } = ptyWithSlave(t);
    let calls = 0;
    slave.watcher = { onReadable: () => calls++ };
    assert.equal(slave.readable, false);
    assert.equal(slave.read(new Uint8Array(1)), -EAGAIN);
    pty.master.write(Buffer.from("abc"));
    await until(() => calls > 0);
    assert.equal(slave.readable, true);
    assert.equal(slave.read(new Uint8Array(2)), 2);
    assert.equal(slave.readable, true);
    assert.equal(slave.read(new Uint8Array(2)), 1);
    assert.equal(slave.readable, false);
    assert.equal(slave.read(new Uint8Array(2)), -EAGAIN);
  });

  it("lets programs come and go at the slave", async (t) => {
    const { host } = testHost(t);
    const pty = opened(host.openPty());
    for (const text of ["first", "second"]) {
      writeFileSync(pty.slave, text);
      assert.equal((await readAll(pty.master, text.length)).toString(), text);
    }
    assert.equal(pty.master.read(new Uint8Array(1)), -EAGAIN);
  });

  it("reports a terminal that hangs up", async (t) => {
    const { pty, slave } = ptyWithSlave(t);
    pty.master.close();
    await until(() => slave.readable);
    const result = slave.read(new Uint8Array(10));
    assert.ok(result === 0 || result === -EIO, `read: ${result}`);
    assert.ok(slave.write(new Uint8Array(1)) < 0);
  });

  it("reads slowly without having Node read far ahead", async (t) => {
    const { pty, slave } = ptyWithSlave(t);
    const piece = new Uint8Array(4096);
    let written = 0;
    let refused = 0;
    while (refused < 50) {
      const count = pty.master.write(piece);
      if (count > 0) {
        written += count;
        refused = 0;
      } else {
        refused++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    assert.ok(written < 512 * 1024, `${written} bytes were taken by a reader that reads nothing`);
    assert.equal((await readAll(slave, written)).length, written);
  });

  it("closes everything, twice if asked", (t) => {
    const before = openTerminals();
    const { pty, slave } = ptyWithSlave(t);
    assert.equal(openTerminals().length, before.length + 3);
    for (let i = 0; i < 2; i++) {
      slave.close();
      pty.master.close();
    }
    assert.deepEqual(openTerminals(), before);
    assert.equal(slave.readable, false);
    assert.equal(slave.read(new Uint8Array(1)), -EBADF);
    assert.equal(pty.master.write(new Uint8Array(1)), -EBADF);
    assert.throws(() => closeSync(openSync(pty.slave, "r")), "the slave is gone with its master");
  });

  it("leaves it to the caller to refuse what is no terminal", (t) => {
    const { host, logged } = testHost(t);
    const path = join(testFolder(t), "file");
    writeFileSync(path, "text");
    const file = opened(host.openTty(path));
    assert.equal(file.isTty, false);
    assert.equal(host.openTty(`${path}-not`), -ENOENT);
    assert.match(logged[0], /cannot open .*file-not: ENOENT/);
  });

  it("works in a worker thread, and lets go when the thread is ended", async () => {
    const before = openTerminals();
    const worker = new Worker(new URL(import.meta.url), { stderr: true });
    let stderr = "";
    worker.stderr.on("data", (text) => {
      stderr += text;
    });
    const slave = await new Promise<string>((resolve) => worker.once("message", resolve));
    const fd = openSync(slave, constants.O_RDWR | constants.O_NOCTTY);
    const into = Buffer.alloc(5);
    assert.equal(readSync(fd, into, 0, 5, null), 5);
    assert.equal(into.toString(), "hello");
    closeSync(fd);
    await worker.terminate();
    assert.deepEqual(openTerminals(), before);
    assert.equal(stderr, "");
  });
}

if (isMainThread) {
  describe("terminals", { timeout: 60_000, skip: process.platform === "win32" }, tests);
} else {
  const complain: Log = (_level, _source, message) => assert.fail(message);
  const pty = opened(openPty(complain));
  pty.master.write(Buffer.from("hello"));
  parentPort?.postMessage(pty.slave);
}
