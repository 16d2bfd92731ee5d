import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import type { EventFd } from "../doors/kernel.ts";
import { declareState, plain, shown } from "../inspect/state.ts";
import { EAGAIN } from "../util/errno.ts";

/** The counter saturates; the kernel's limit is 2^64 - 1, a number's is this. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

/** Called when the eventfd is signalled (`hangup` false) or closed (true), in the context that does it. */
export type EventFdWaiter = (hangup: boolean) => void;

/** `struct eventfd_ctx`, non-blocking and no semaphore. Who holds a reference may use it after it was closed. */
export class EventFdFile implements EventFd {
  static readonly state = declareState<EventFdFile>(
    "service-vm.EventFdFile",
    {
      chain: plain,
      fd: shown(plain),
      address: plain,
      count: shown(plain, "signals not read yet"),
      onReadable: plain,
      waiters: plain,
      "#release": plain,
    },
    { type: "struct eventfd_ctx" },
  );
  readonly chain: Chain;
  readonly fd: number;
  /** Address of the context in the kernel: what the asyncio ring carries. */
  readonly address: number;
  count = 0;
  onReadable: (() => void) | undefined;
  /** Entries of the wait queue with a function of their own: irqfds. */
  readonly waiters = new Set<EventFdWaiter>();
  readonly #release: () => void;

  /** `release` takes the number out of the process' table. */
  constructor(chain: Chain, fd: number, address: number, release: () => void) {
    this.chain = chain;
    this.fd = fd;
    this.address = address;
    this.#release = release;
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
    for (const waiter of [...this.waiters]) waiter(false);
    this.onReadable?.();
  }

  close(): void {
    for (const waiter of [...this.waiters]) waiter(true);
    this.#release();
  }
}

/** fs/eventfd.c. Wakes even when the counter cannot grow. */
export const eventfdSignal = station(
  S.eventfd_signal,
  (eventfd: EventFdFile): void => eventfd.write(1),
  (emit, eventfd) => emit(eventfd.fd, eventfd.count),
);
