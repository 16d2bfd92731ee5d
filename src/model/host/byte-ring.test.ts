import assert from "node:assert/strict";
import { it } from "node:test";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { ByteRing } from "./byte-ring.ts";

const TOTAL = 8 * 1024 * 1024;
const CAPACITY = 1024;

/** A reproducible stream of bytes, and of piece lengths from 1 to 2047. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 21;
  };
}

function produce(memory: SharedArrayBuffer): void {
  const ring = new ByteRing(memory);
  const next = generator(1);
  const length = generator(2);
  for (let sent = 0; sent < TOTAL; ) {
    const piece = new Uint8Array(Math.min(length() + 1, TOTAL - sent));
    for (let i = 0; i < piece.length; i++) piece[i] = next();
    for (let done = 0; done < piece.length; done += ring.write(piece, done)) ring.waitForSpace();
    sent += piece.length;
  }
  ring.closeWriter();
}

if (!isMainThread) {
  produce(workerData as SharedArrayBuffer);
  parentPort?.close();
} else {
  it("wraps around, takes what fits, and gives it back in order", () => {
    const ring = new ByteRing(ByteRing.allocate(8));
    const into = new Uint8Array(5);
    for (let round = 0; round < 50; round++) {
      assert.equal(ring.write(Uint8Array.of(1, 2, 3, 4, 5, 6)), 6);
      assert.equal(ring.write(Uint8Array.of(7, 8, 9, 10)), 2);
      assert.equal(ring.space, 0);
      assert.equal(ring.write(Uint8Array.of(9)), 0);
      assert.equal(ring.read(into), 5);
      assert.deepEqual([...into], [1, 2, 3, 4, 5]);
      assert.equal(ring.read(into), 3);
      assert.deepEqual([...into.subarray(0, 3)], [6, 7, 8]);
      assert.equal(ring.read(into), 0);
    }
  });

  it("counts on when its 32-bit positions overflow", () => {
    const memory = ByteRing.allocate(16);
    new Int32Array(memory).fill(-3, 0, 2);
    const ring = new ByteRing(memory);
    const into = new Uint8Array(16);
    assert.equal(ring.write(Uint8Array.of(1, 2, 3, 4, 5, 6, 7)), 7);
    assert.equal(ring.used, 7);
    assert.equal(ring.read(into), 7);
    assert.deepEqual([...into.subarray(0, 7)], [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(ring.used, 0);
  });

  it("refuses a capacity that is no power of two", () => {
    assert.throws(() => ByteRing.allocate(100), /capacity 100, expected a power of two/);
  });

  it("wakes both sides when one closes", async () => {
    const ring = new ByteRing(ByteRing.allocate(2));
    const data = ring.whenData();
    ring.closeWriter();
    await data;
    ring.write(Uint8Array.of(1, 2));
    const full = new ByteRing(ByteRing.allocate(2));
    full.write(Uint8Array.of(1, 2));
    assert.equal(full.waitForSpace(1), false);
    const space = full.whenSpace();
    full.closeReader();
    await space;
    assert.equal(full.waitForSpace(), true);
  });

  it("carries 8 MiB from another thread byte for byte through 1 KiB", async () => {
    const memory = ByteRing.allocate(CAPACITY);
    const ring = new ByteRing(memory);
    const worker = new Worker(new URL(import.meta.url), { workerData: memory });
    const next = generator(1);
    const into = new Uint8Array(700);
    let received = 0;
    for (;;) {
      const ended = ring.writerClosed;
      const count = ring.read(into);
      for (let i = 0; i < count; i++) {
        if (into[i] !== (next() & 0xff)) assert.fail(`byte ${received + i} is wrong`);
      }
      received += count;
      if (count === 0 && ended) break;
      if (count === 0) await ring.whenData();
    }
    assert.equal(received, TOTAL);
    await worker.terminate();
  });
}
