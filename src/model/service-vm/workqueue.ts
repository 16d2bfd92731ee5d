import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import { declareState, plain } from "../inspect/state.ts";

/** What a workqueue sees of an item. */
export interface QueuedWork {
  readonly name: string;
  run(): void;
}

/** `struct work_struct`, with what contains it. */
export class Work<T> implements QueuedWork {
  static readonly state = declareState<Work<unknown>>("service-vm.Work", { name: plain, func: plain, owner: plain });
  readonly name: string;
  readonly func: (owner: T) => void;
  readonly owner: T;

  constructor(name: string, func: (owner: T) => void, owner: T) {
    this.name = name;
    this.func = func;
    this.owner = owner;
  }

  run(): void {
    this.func(this.owner);
  }
}

/** An ordered workqueue and its one worker: items run one at a time in the order they were queued. */
export class Workqueue {
  static readonly state = declareState<Workqueue>(
    "service-vm.Workqueue",
    { name: plain, chain: plain, worker: plain, pending: plain, running: plain, destroyed: plain },
    { busy: ({ name, running }) => (running === undefined ? undefined : `${name} is working`) },
  );
  readonly name: string;
  readonly chain: Chain;
  readonly worker: Context;
  readonly pending: QueuedWork[] = [];
  running: QueuedWork | undefined;
  destroyed = false;

  constructor(chain: Chain, name: string) {
    this.chain = chain;
    this.name = name;
    this.worker = chain.addContext({ name: `kworker/${name}`, kind: "svm.wq", body: workerThread, owner: this });
    this.worker.waitingFor = "work";
  }

  /** `queue_work`: false, and nothing happens, when the item waits already. A running one may be queued again. */
  queueWork(work: QueuedWork): boolean {
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
    this.destroyed = true;
    this.chain.wake(this.worker, "destroyWorkqueue");
  }
}

/** kernel/workqueue.c, worker_thread. */
export function* workerThread(wq: Workqueue): Generator<void, void, void> {
  const { worker } = wq;
  while (!wq.destroyed) {
    wq.running = wq.chain.remaking ? undefined : wq.pending.shift();
    if (wq.running === undefined) {
      worker.waitingFor = "work";
      worker.state = "blocked";
      yield;
    } else {
      worker.waitingFor = "";
      wq.running.run();
    }
  }
}
