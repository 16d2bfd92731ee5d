import type { Chain } from "../chain/chain.ts";
import { WaitQueue } from "../chain/scheduler.ts";
import type { EventPoll, Pollable, Watcher } from "../doors/kernel.ts";
import { declareState, plain } from "../inspect/state.ts";
import { EBADF, EEXIST, ENOENT } from "../util/errno.ts";
import { EventFdFile } from "./eventfd.ts";

/** An epoll instance: what is readable is reported by every wait until it is read (level-triggered). */
export class EventPollFile<T> implements EventPoll<T>, Watcher {
  static readonly state = declareState<EventPollFile<unknown>>(
    "service-vm.EventPollFile",
    { chain: plain, watched: plain, waitQueue: plain, closed: plain },
    {
      // A file of the host's does not remember its watcher.
      restored: (epoll) => {
        for (const file of epoll.watched.keys()) file.watcher = epoll;
      },
    },
  );
  readonly chain: Chain;
  readonly watched = new Map<Pollable, T>();
  readonly waitQueue: WaitQueue;
  closed = false;

  constructor(chain: Chain, name: string) {
    this.chain = chain;
    this.waitQueue = new WaitQueue(`epoll ${name}`);
  }

  add(file: Pollable, data: T): number {
    if (this.watched.has(file)) return -EEXIST;
    this.watched.set(file, data);
    file.watcher = this;
    if (file.readable) this.onReadable(file);
    return 0;
  }

  onReadable(file: Pollable): void {
    this.waitQueue.wakeUp(this.chain, file instanceof EventFdFile ? "eventfd" : "hostInput");
  }

  delete(file: Pollable): number {
    if (!this.watched.delete(file)) return -ENOENT;
    file.watcher = undefined;
    return 0;
  }

  *wait(events: T[]): Generator<void, number, void> {
    yield* this.waitQueue.wait(this.chain, hasEvent, this);
    events.length = 0;
    if (this.closed) return -EBADF;
    for (const [file, data] of this.watched) if (file.readable) events.push(data);
    return events.length;
  }

  close(): void {
    for (const file of this.watched.keys()) file.watcher = undefined;
    this.watched.clear();
    this.closed = true;
    this.waitQueue.wakeUp(this.chain, "close");
  }
}

function hasEvent({ closed, watched }: EventPollFile<unknown>): boolean {
  if (closed) return true;
  for (const file of watched.keys()) if (file.readable) return true;
  return false;
}
