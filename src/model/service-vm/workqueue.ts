import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";

/** `struct work_struct`. */
export interface Work {
  readonly name: string;
  readonly run: () => void;
}

/** An ordered workqueue and its one worker: items run one at a time in the order they were queued. */
export class Workqueue {
  readonly name: string;
  readonly chain: Chain;
  readonly worker: Context;
  readonly pending: Work[] = [];
  running: Work | undefined;
  #destroyed = false;

  constructor(chain: Chain, name: string) {
    this.chain = chain;
    this.name = name;
    this.worker = chain.addContext({ name: `kworker/${name}`, kind: "svm.wq", body: () => this.#workerThread() });
    this.worker.waitingFor = "work";
  }

  /** `queue_work`: false, and nothing happens, when the item waits already. A running one may be queued again. */
  queueWork(work: Work): boolean {
    if (this.pending.includes(work)) return false;
    this.pending.push(work);
    this.chain.wake(this.worker, "queueWork");
    return true;
  }

  get idle(): boolean {
    return this.pending.length === 0 && this.running === undefined;
  }

  /** `destroy_workqueue`, of an idle workqueue: the worker ends. */
  destroy(): void {
    this.#destroyed = true;
    this.chain.wake(this.worker, "destroyWorkqueue");
  }

  *#workerThread(): Generator<void, void, void> {
    while (!this.#destroyed) {
      this.running = this.pending.shift();
      if (this.running === undefined) {
        this.worker.waitingFor = "work";
        this.worker.state = "blocked";
        yield;
      } else {
        this.worker.waitingFor = "";
        this.running.run();
      }
    }
  }
}
