import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { loadNativePty } from "../model/host/native-pty.ts";
import { messageOf } from "../shared/message-of.ts";
import type { Finding } from "./check.ts";
import { CliError } from "./exit.ts";
import { MachineSession } from "./machine-session.ts";
import { machineSpec } from "./machine-spec.ts";
import type { GuestOptions } from "./options.ts";

const OLDEST_NODE = 20;
const WASM_PAGE = 64 * 1024;
/** Milliseconds after which something that should take a moment is held to have failed. */
const THREAD_MS = 30_000;
const BOOT_MS = 300_000;

export function checkVersions(project: URL): Finding {
  const about = "versions";
  const { node, electron } = process.versions;
  const runtime = electron === undefined ? `Node ${node}` : `Node ${node} of Electron ${electron}`;
  const detail = `${productVersion(project)}, ${runtime}, ${process.platform} ${process.arch}`;
  if (Number.parseInt(node, 10) >= OLDEST_NODE) return { outcome: "ok", about, detail };
  return { outcome: "failed", about, detail: `${detail}; Node ${OLDEST_NODE} or newer is needed` };
}

function productVersion(project: URL): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", project), "utf8"));
    return `acrn-virtio ${(manifest as { version?: unknown }).version}`;
  } catch {
    return "acrn-virtio of unknown version";
  }
}

/** A guest's memory is one piece of WebAssembly memory. `bytes`: of the guest. */
export function checkMemory(bytes: number): Finding {
  const about = "memory";
  const pages = Math.ceil(bytes / WASM_PAGE);
  try {
    new WebAssembly.Memory({ initial: pages });
    return { outcome: "ok", about, detail: `${bytes / 2 ** 20} MiB for a guest can be allocated` };
  } catch (error) {
    const detail =
      `${bytes / 2 ** 20} MiB for a guest cannot be allocated (${messageOf(error)}); close other programs, or raise the ` +
      "limit on address space (ulimit -v), of which WebAssembly reserves 10 GiB";
    return { outcome: "failed", about, detail };
  }
}

/** A machine lives in a thread that blocks in shared memory until it is woken. */
const SLEEPER = `
  const { workerData, parentPort } = require("node:worker_threads");
  parentPort.postMessage(Atomics.wait(new Int32Array(workerData), 0, 0, ${THREAD_MS}));
`;

export async function checkThread(): Promise<Finding> {
  const about = "thread";
  const shared = new Int32Array(new SharedArrayBuffer(4));
  let timer: NodeJS.Timeout | undefined;
  let worker: Worker | undefined;
  try {
    worker = new Worker(SLEEPER, { eval: true, workerData: shared.buffer });
    const said = new Promise<unknown>((resolve, reject) => worker?.once("message", resolve).once("error", reject));
    const late = new Promise<unknown>((resolve) => {
      timer = setTimeout(resolve, THREAD_MS, "timed-out");
    });
    worker.once("online", () => {
      Atomics.store(shared, 0, 1);
      Atomics.notify(shared, 0);
    });
    const outcome = await Promise.race([said, late]);
    // "not-equal": it was woken before it slept.
    if (outcome === "timed-out") throw new Error("it does not answer");
    return { outcome: "ok", about, detail: "worker threads start and share memory" };
  } catch (error) {
    const detail = `a worker thread cannot be used (${messageOf(error)}); close other programs, or raise the limit on processes (ulimit -u)`;
    return { outcome: "failed", about, detail };
  } finally {
    clearTimeout(timer);
    await worker?.terminate();
  }
}

export function checkPty(): Finding {
  const about = "pseudo-terminals";
  const native = loadNativePty();
  if (typeof native !== "string") return { outcome: "ok", about, detail: "can be made for consoles of type pty" };
  return { outcome: "note", about, detail: `${native}; only consoles of type pty need it` };
}

/** A guest boots to its shell and answers. */
export async function checkBoot(options: GuestOptions, project: URL): Promise<Finding> {
  const about = "boot";
  const started = performance.now();
  let session: MachineSession | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    session = new MachineSession(machineSpec(options, project), { log: 1 });
    const { shell } = session;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no prompt after ${BOOT_MS / 1000} s`)), BOOT_MS);
    });
    await session.guard(Promise.race([shell.prompt(), late]));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const release = await session.guard(Promise.race([shell.run("uname -sr"), late]));
    return { outcome: "ok", about, detail: `${release.trim()} shows its prompt after ${seconds} s and answers` };
  } catch (error) {
    // Whoever ends the program ends the check.
    if (error instanceof CliError && error.status > 128) throw error;
    return { outcome: "failed", about, detail: messageOf(error) };
  } finally {
    clearTimeout(timer);
    await session?.close();
  }
}
