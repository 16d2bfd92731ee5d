import assert from "node:assert/strict";
import { test } from "node:test";
import { EACCES, ECONNREFUSED } from "../../../../../util/errno.ts";
import { DmExit } from "../../../../config.ts";
import { ConsoleDriver } from "../../../../testing/console-driver.ts";
import { FakeFile, type FakeHost } from "../../../../testing/fake-host.ts";
import { Fixture } from "../../../../testing/fixture.ts";

/** Starts a console that must be refused; returns the errors of the log. */
function refused(opts: string, prepare?: (host: FakeHost) => void): string[] {
  const f = new Fixture(opts, { prepare: (_kernel, host) => prepare?.(host) });
  assert.throws(
    () => f.start(),
    (error) => error instanceof DmExit && error.status === 1 && error.message.startsWith("Unable to init vdev"),
  );
  const errors = f.logged("1 acrn-dm: ").map((line) => line.slice("1 acrn-dm: ".length));
  assert.deepEqual(errors.slice(-2), ["pci virtio-console init failed", "Unable to init vdev (1)"]);
  return errors.slice(0, -2);
}

test("standard input serves one port", () => {
  assert.deepEqual(refused("stdio:a,stdio:b"), ["vtcon: stdio is used by other device"]);
});

test("a tty that cannot be opened, and one that is none", () => {
  assert.deepEqual(refused("tty:p=/dev/none"), ["vtcon: open failed: /dev/none"]);
  const file = new FakeFile(false);
  assert.deepEqual(
    refused("tty:p=/tmp/f", (host) => void host.files.set("/tmp/f", file)),
    ["vtcon: not a tty: /tmp/f"],
  );
  assert.equal(file.closed, 1);
});

test("socket errors", () => {
  const config = "vtcon: virtio_console_config_backend failed";
  assert.deepEqual(refused("socket:p"), ["vtcon: portpath is NULL", config]);
  assert.deepEqual(refused("socket:p=/tmp/s:Server"), ["Socket type not exist", config]);
  assert.deepEqual(refused("socket:p=/tmp/none:client"), ["/tmp/none not exist", config]);
});

test("17 ports are one too many; those before it are closed", () => {
  const files: FakeFile[] = [];
  const options = Array.from({ length: 17 }, (_, i) => `file:p${i}=/tmp/${i}`).join(",");
  const errors = refused(options, (host) => {
    for (let i = 0; i < 17; i++) host.files.set(`/tmp/${i}`, files[i] ?? push(files));
  });
  assert.deepEqual(errors, ["vtcon: virtio_console_add_port failed"]);
  assert.deepEqual(
    files.map(({ closed }) => closed > 0),
    new Array(17).fill(true),
  );
});

function push(files: FakeFile[]): FakeFile {
  const file = new FakeFile(false);
  files.push(file);
  return file;
}

test("16 ports work, numbered as on the command line, with two queues each", () => {
  const options = Array.from({ length: 16 }, (_, i) => `file:p${i}=/tmp/f`).join(",");
  const f = new Fixture(options, { prepare: (_k, host) => void host.files.set("/tmp/f", new FakeFile(false)) }).start();
  assert.deepEqual(
    f.console.ports.map(({ id, name, txq, rxq }) => [id, name, txq, rxq]),
    Array.from({ length: 16 }, (_, i) => [i, `p${i}`, i === 0 ? 0 : 2 * i + 2, i === 0 ? 1 : 2 * i + 3]),
  );
});

test("a pty's path is announced in three lines at error level", () => {
  const f = new Fixture("@pty:p").start();
  const line = `1 acrn-dm: ${"*".repeat(47)}`;
  const at = f.log.indexOf(line);
  assert.deepEqual(f.log.slice(at, at + 3), [line, "1 acrn-dm: virt-console backend redirected to /dev/pts/9", line]);
});

test("a file is written and never read", () => {
  const file = new FakeFile(true);
  const f = new Fixture("file:p=/tmp/log", { prepare: (_k, host) => void host.files.set("/tmp/log", file) }).start();
  const driver = new ConsoleDriver(f).probe();
  driver.queues[1].offerOut("logged");
  driver.queues[1].kick();
  assert.deepEqual(f.host.opened, ["file /tmp/log"]);
  assert.equal(file.text, "logged");
  assert.equal(f.console.ports[0].backend?.evp, undefined);
});

test("standard input that is no terminal is only written", () => {
  const f = new Fixture("@stdio:p", {
    prepare: (_k, host) => Object.defineProperty(host, "console", { value: new FakeFile(false) }),
  }).start();
  assert.equal(f.console.ports[0].backend?.evp, undefined);
});

test("a server without a client drops output, and accepts one", () => {
  const f = new Fixture("socket:p=/tmp/s").start();
  const driver = new ConsoleDriver(f).probe();
  const send = (text: string) => {
    driver.queues[1].offerOut(text);
    driver.queues[1].kick();
  };
  assert.deepEqual(f.host.opened, ["listen /tmp/s"]);
  send("nobody");
  assert.equal(f.console.ports[0].backend?.drops.busy.bytes, 6);
  const client = f.host.listener.connect();
  f.scheduler.runUntilIdle();
  send("hello");
  assert.equal(client.text, "hello");
});

test("a client whose connect fails is only logged, and its output dropped", () => {
  const f = new Fixture("socket:p=/tmp/s:client", {
    prepare: (_k, host) => void host.files.set("/tmp/s", -ECONNREFUSED),
  }).start();
  assert.deepEqual(f.logged("connect error"), ["1 acrn-dm: vtcon: connect error[111]"]);
  const driver = new ConsoleDriver(f).probe();
  driver.queues[1].offerOut("x");
  driver.queues[1].kick();
  assert.equal(f.console.ports[0].backend?.open, true);
});

test("a bind that fails", () => {
  const config = "vtcon: virtio_console_config_backend failed";
  const errors = refused("socket:p=/tmp/s", (host) => {
    host.listenUnix = () => -EACCES;
  });
  assert.deepEqual(errors, ["Bind Error = 13", config]);
});

test("extension: a workbench port talks to this program, under the port's name", () => {
  const f = new Fixture("@stdio:p,workbench:org.acrn-virtio.ready").start();
  const driver = new ConsoleDriver(f).probe();
  assert.deepEqual(f.host.opened, ["workbench org.acrn-virtio.ready"]);
  driver.queues[5].offerOut("ready");
  driver.queues[5].kick();
  assert.equal(f.host.ready.text, "ready");
  driver.fillInput(4, 1);
  f.host.ready.push("go");
  f.scheduler.runUntilIdle();
  assert.deepEqual(
    driver.queues[4].takeBytes().map((bytes) => new TextDecoder().decode(bytes)),
    ["go"],
  );
});

test("extension: iothread numbers", () => {
  const f = new Fixture("iothread=99,@stdio:p").start();
  assert.equal(f.dm.vmctx.iothreads.contexts.length, 34, "no more than queues");
});

test("the end closes what is open, standard input excepted", () => {
  const f = new Fixture("@stdio:p,pty:q,socket:r=/tmp/s").start();
  const client = f.host.listener.connect();
  f.scheduler.runUntilIdle();
  f.dm.terminate();
  f.scheduler.runUntilIdle();
  const { console: stdin, ptyMaster, listener } = f.host;
  assert.deepEqual([stdin.closed, ptyMaster.closed > 0, listener.closed > 0, client.closed > 0], [0, true, true, true]);
  assert.equal(f.dm.vmctx.stdioInUse, false);
  assert.equal(f.kernel.closed, true);
});

test("the device is reset at the end, also when no port has an event of its own", () => {
  for (const [options, host] of [
    ["file:p=/tmp/log", (host: FakeHost) => void host.files.set("/tmp/log", new FakeFile(true))],
    ["stdio:p", () => {}],
  ] as const) {
    const f = new Fixture(options, { prepare: (_kernel, fake) => host(fake) }).start();
    const [, output] = new ConsoleDriver(f).probe().queues;
    output.offerOut("last words");
    output.kick();
    const [, queue] = f.console.base.queues;
    assert.equal(queue.lastAvail, 1);
    f.dm.terminate();
    f.scheduler.runUntilIdle();
    assert.equal(queue.lastAvail, 0, options);
  }
});
