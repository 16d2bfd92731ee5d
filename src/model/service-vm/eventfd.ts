import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import type { EventFd, Watcher } from "../doors/kernel.ts";
import { declareState, plain, shown } from "../inspect/state.ts";
import { EAGAIN } from "../util/errno.ts";

/** The counter saturates; the kernel's limit is 2^64 - 1, a number's is this. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

/** Entry of an eventfd's wait queue with a function of its own. */
export interface EventFdWaiter {
  /** Called when the eventfd is signalled (`hangup` false) or closed (true), in the context that does it. */
  wakeUp(hangup: boolean): void;
}

/** The process an eventfd belongs to. */
export interface EventFdOwner {
  readonly chain: Chain;
  /** Takes the number out of the process' table. */
  releaseEventfd(file: EventFdFile): void;
}

/** `struct eventfd_ctx`, non-blocking and no semaphore. Who holds a reference may use it after it was closed. */
export class EventFdFile implements EventFd {
  static readonly state = declareState<EventFdFile>(
    "service-vm.EventFdFile",
    {
      chain: plain,
      fd: shown(plain),
      address: plain,
      count: shown(plain, "signals not read yet"),
      watcher: plain,
      waiters: plain,
      owner: plain,
    },
    { type: "struct eventfd_ctx" },
  );
  readonly chain: Chain;
  readonly fd: number;
  /** Address of the context in the kernel: what the asyncio ring carries. */
  readonly address: number;
  count = 0;
  watcher: Watcher | undefined;
  /** Irqfds. */
  readonly waiters = new Set<EventFdWaiter>();
  readonly owner: EventFdOwner;

  constructor(owner: EventFdOwner, fd: number, address: number) {
    this.chain = owner.chain;
    this.owner = owner;
    this.fd = fd;
    this.address = address;
  }

  get readable(): boolean {
    return this.count > 0;
  }

  read(): number {
    if (this.count === 0) return -EAGAIN;
    const { count } = this;
    this.count = 0;
    return count;
  }

  write(count: number): void {
    this.count = Math.min(this.count + count, MAX_COUNT);
    for (const waiter of [...this.waiters]) waiter.wakeUp(false);
    this.watcher?.onReadable(this);
  }

  close(): void {
    for (const waiter of [...this.waiters]) waiter.wakeUp(true);
    this.owner.releaseEventfd(this);
  }
}

/** fs/eventfd.c. Wakes even when the counter cannot grow. */
export const eventfdSignal = station(
  S.eventfd_signal,
  (eventfd: EventFdFile): void => eventfd.write(1),
  (emit, eventfd) => emit(eventfd.fd, eventfd.count),
);
