import { Worker } from "node:worker_threads";
import type { FromWorker, WorkerAnswer, WorkerRequest, WorkerSetup } from "./protocol.ts";
import type { IndexProgress } from "./types.ts";

/** A broken tree may cost the thread its life, never the process its memory. */
const MAX_HEAP_MB = 1024;

const GRACE_MS = 200;
/** Files that may kill the thread before a tree is given up. */
const MAX_AVOIDED = 8;

/** The thread was ended over one file. The request can be made again: that file is then searched by its text only. */
class StuckError extends Error {
  override readonly name = "StuckError";
}

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The indexing thread, seen from outside. It starts with the first request and keeps no process alive that is idle. */
export class Indexer {
  readonly #script: URL;
  readonly #setup: Omit<WorkerSetup, "avoid">;
  readonly #onProgress: (progress: IndexProgress) => void;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  readonly #avoid: string[] = [];
  #parsing: string | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #nextId = 1;
  #stopped: Error | undefined;

  constructor(script: URL, setup: Omit<WorkerSetup, "avoid">, onProgress: (progress: IndexProgress) => void) {
    this.#script = script;
    this.#setup = setup;
    this.#onProgress = onProgress;
  }

  /** Rejects when the request fails, the thread dies, or {@link stop} is called meanwhile. */
  request(request: WorkerRequest): Promise<WorkerAnswer> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const worker = this.#worker ?? this.#start();
    const id = this.#nextId++;
    worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  }

  /** Makes a request again as long as it is a single file that is in its way. */
  async persist(request: WorkerRequest): Promise<WorkerAnswer> {
    for (;;) {
      try {
        return await this.request(request);
      } catch (error) {
        if (!(error instanceof StuckError)) throw error;
      }
    }
  }

  /** Ends the thread at once, whatever it is doing. */
  async stop(reason: string): Promise<void> {
    this.#stopped ??= new Error(reason);
    this.#watch(undefined);
    this.#fail(this.#stopped);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      workerData: { ...this.#setup, avoid: this.#avoid },
      name: "acrn-sources",
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => {
      if (this.#worker === worker && this.#stopped === undefined) this.#receive(message);
    });
    worker.on("error", (error) => this.#ended(worker, error.message));
    worker.on("exit", (code) => this.#ended(worker, `it ended with code ${code}`));
    return worker;
  }

  #receive(message: FromWorker): void {
    if ("progress" in message) this.#onProgress(message.progress);
    else if ("parsing" in message) this.#watch(message.parsing);
    else this.#settle(message);
  }

  #settle(message: Extract<FromWorker, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("answer" in message) waiting?.resolve(message.answer);
    else if (this.#parsing === undefined) waiting?.reject(new Error(message.error));
    else this.#giveUp(message.error, waiting);
  }

  /** The parser looks at the clock, but not everywhere. */
  #watch(parsing: string | undefined): void {
    clearTimeout(this.#watchdog);
    this.#parsing = parsing;
    if (parsing === undefined) return;
    const { stuckMs } = this.#setup.limits;
    const bark = () => this.#giveUp(`it took longer than ${stuckMs} ms`);
    // The second timer lets messages through that waited because this thread was busy.
    this.#watchdog = setTimeout(() => {
      this.#watchdog = setTimeout(bark, GRACE_MS);
    }, stuckMs);
  }

  /** Ends the thread that does not come back from a file, or came back broken. */
  #giveUp(why: string, waiting?: Waiting): void {
    const worker = this.#worker;
    const error = this.#forget(why);
    waiting?.reject(error);
    this.#fail(error);
    void worker?.terminate();
  }

  #ended(worker: Worker, why: string): void {
    if (this.#worker === worker) this.#fail(this.#forget(why));
  }

  /** Lets go of the thread and remembers the file it died of. */
  #forget(why: string): Error {
    const path = this.#parsing;
    this.#watch(undefined);
    this.#worker = undefined;
    if (path === undefined) return new Error(`the thread that indexes sources died: ${why}`);
    this.#avoid.push(path);
    const message = `parsing ${path} failed: ${why}`;
    return this.#avoid.length > MAX_AVOIDED ? new Error(message) : new StuckError(message);
  }

  #fail(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
