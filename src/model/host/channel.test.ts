import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { EAGAIN, EBADF, EPIPE } from "../util/errno.ts";
import { type ByteRingPair, ChannelFile, createByteRingPair } from "./channel-file.ts";
import { ChannelOwner } from "./channel-owner.ts";
import { randomBytes, until } from "./testing/test-host.ts";

/** The machine's thread: sends back what it gets, until the end. */
function echo(pair: ByteRingPair): void {
  const file = new ChannelFile(pair);
  const buffer = new Uint8Array(3000);
  const onReadable = (): void => {
    for (;;) {
      const count = file.read(buffer);
      if (count === -EAGAIN) return;
      if (count <= 0) {
        file.close();
        parentPort?.close();
        return;
      }
      assert.equal(file.write(buffer.subarray(0, count)), count);
    }
  };
  file.watcher = { onReadable };
}

/** The machine's thread: writes for ever, in `write()` when it is ended. */
function flood(pair: ByteRingPair): void {
  const file = new ChannelFile(pair);
  const piece = new Uint8Array(1000);
  while (file.write(piece) > 0) parentPort?.postMessage("wrote");
  parentPort?.postMessage("closed");
}

interface Job {
  readonly job: "echo" | "flood";
  readonly pair: ByteRingPair;
}

function start(job: Job["job"], pair: ByteRingPair): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { job, pair } satisfies Job });
}

function tests(): void {
  it("brings 1 MiB to another thread and back through 4 KiB", async () => {
    const pair = createByteRingPair(4096);
    const worker = start("echo", pair);
    worker.on("error", (error) => assert.fail(error));
    const sent = randomBytes(1024 * 1024);
    const got: Uint8Array[] = [];
    const owner = new ChannelOwner(pair, (bytes) => void got.push(bytes));
    assert.equal(await owner.send(sent.subarray(0, 7)), true);
    assert.equal(await owner.send(sent.subarray(7)), true);
    await owner.end();
    await new Promise((resolve) => worker.once("exit", resolve));
    await owner.finish();
    assert.deepEqual(Buffer.compare(Buffer.concat(got), sent), 0);
  });

  it("makes the writer wait while the owner takes nothing, and drops nothing", async () => {
    const pair = createByteRingPair(1024);
    let taken = 0;
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const owner = new ChannelOwner(pair, async (bytes) => {
      taken += bytes.length;
      if (taken < 3000) await gate;
    });
    const worker = start("flood", pair);
    let wrote = 0;
    worker.on("message", (message) => {
      if (message === "wrote") wrote++;
    });
    await until(() => wrote >= 1);
    open();
    await until(() => wrote >= 100);
    owner.close();
    await new Promise<void>((resolve) => worker.on("message", (message) => message === "closed" && resolve()));
    await worker.terminate();
    assert.ok(wrote * 1000 - taken <= 1024 + 1000, `${wrote * 1000 - taken} bytes are nowhere`);
  });

  it("can be ended while it waits for the owner", async () => {
    const pair = createByteRingPair(1024);
    const worker = start("flood", pair);
    await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
  });

  it("tells the machine when a write begins and ends to wait", async () => {
    const pair = createByteRingPair(16);
    const said: string[] = [];
    const owner = new ChannelOwner(pair, () => new Promise(() => {}));
    const file = new ChannelFile(pair, {
      blocked: () => said.push("blocked"),
      waiting: () => owner.close(),
      released: () => said.push("released"),
    });
    assert.equal(file.write(new Uint8Array(16)), 16);
    assert.deepEqual(said, []);
    assert.equal(file.write(new Uint8Array(20)), -EPIPE);
    assert.deepEqual(said, ["blocked", "released"]);
    assert.equal(file.write(new Uint8Array(0)), 0);
  });

  it("is readable while there is input, then at the end of it, now and then", async () => {
    const pair = createByteRingPair();
    const file = new ChannelFile(pair);
    const owner = new ChannelOwner(pair, () => {});
    const into = new Uint8Array(10);
    assert.equal(file.readable, false);
    assert.equal(file.read(into), -EAGAIN);
    let calls = 0;
    file.watcher = { onReadable: () => calls++ };
    await owner.send(Uint8Array.of(1, 2, 3));
    await until(() => calls === 1);
    assert.equal(file.readable, true);
    assert.equal(file.read(into.subarray(0, 2)), 2);
    assert.equal(file.readable, true);
    assert.equal(file.read(into), 1);
    assert.equal(file.readable, false);
    await owner.end();
    await until(() => calls === 2);
    assert.equal(file.readable, true);
    assert.equal(file.read(into), 0);
    assert.equal(file.readable, false);
    await until(() => calls === 3);
    assert.equal(file.readable, true);
    file.close();
    file.close();
    assert.equal(file.readable, false);
    assert.equal(file.read(into), -EBADF);
    assert.equal(file.write(into), -EBADF);
    await owner.finish();
  });

  it("resolves what cannot be sent any more to false", async () => {
    const pair = createByteRingPair(16);
    const owner = new ChannelOwner(pair, () => {});
    const sent = owner.send(new Uint8Array(100));
    new ChannelFile(pair).close();
    assert.equal(await sent, false);
    assert.equal(await owner.send(Uint8Array.of(1)), false);
    await owner.finish();
  });

  it("hands over what is left when the machine has ended", async () => {
    const pair = createByteRingPair();
    const file = new ChannelFile(pair);
    let text = "";
    const owner = new ChannelOwner(pair, (bytes) => {
      text += Buffer.from(bytes).toString();
    });
    file.write(Buffer.from("last words"));
    await owner.finish();
    assert.equal(text, "last words");
  });

  it("reports an owner that fails in finish(), and lets the machine go on", async () => {
    const pair = createByteRingPair(16);
    const owner = new ChannelOwner(pair, () => Promise.reject(new Error("terminal gone")));
    const file = new ChannelFile(pair);
    file.write(new Uint8Array(8));
    await until(() => file.write(new Uint8Array(1)) === -EPIPE);
    await assert.rejects(owner.finish(), /terminal gone/);
  });
}

if (isMainThread) {
  describe("channel", { timeout: 60_000 }, tests);
} else {
  const { job, pair } = workerData as Job;
  // Keeps the event loop alive, as a running machine does.
  parentPort?.on("message", () => {});
  if (job === "echo") echo(pair);
  else flood(pair);
}
