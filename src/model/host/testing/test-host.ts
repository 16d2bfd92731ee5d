import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { HostFile, Log } from "../../doors/host.ts";
import { CollectorFile } from "../../util/collector-file.ts";
import { EAGAIN } from "../../util/errno.ts";
import { createByteRingPair } from "../channel-file.ts";
import { createNodeHost, type NodeHost, type NodeHostOptions } from "../node-host.ts";

/** What the tests of this folder share. */

/** A host that is closed when the test ends, and what it logged. */
export function testHost(t: TestContext, options: Partial<NodeHostOptions> = {}): { host: NodeHost; logged: string[] } {
  const logged: string[] = [];
  const log: Log = (_level, _source, message) => logged.push(message);
  const host = createNodeHost({
    console: createByteRingPair(),
    workbenchPort: () => new CollectorFile(0),
    log,
    ...options,
  });
  t.after(() => host.close());
  return { host, logged };
}

/** A new folder, removed when the test ends. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "acrn-virtio-host-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Fails the test when the host could not open a file. */
export function opened<T>(result: T | number): T {
  if (typeof result === "number") throw new Error(`errno ${-result}`);
  return result;
}

/** Lets the event loop turn until `condition` holds; the test's time limit ends it otherwise. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The same bytes for the same seed. */
export function randomBytes(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** Reads until `length` bytes are there. Reads only what `readable` announces. */
export async function readAll(file: HostFile, length: number): Promise<Buffer> {
  const into = Buffer.alloc(length);
  for (let got = 0; got < length; ) {
    await until(() => file.readable);
    const count = file.read(into.subarray(got, got + 5000));
    if (count <= 0) throw new Error(`read: ${count} after ${got} of ${length} bytes`);
    got += count;
  }
  return into;
}

/** Writes everything, waiting while the other end is slow. */
export async function writeAll(file: Pick<HostFile, "write">, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const count = file.write(bytes.subarray(done));
    if (count === -EAGAIN) await new Promise((resolve) => setTimeout(resolve, 1));
    else if (count <= 0) throw new Error(`write: ${count} after ${done} of ${bytes.length} bytes`);
    else done += count;
  }
}
