import type { Context, ThreadBody } from "../chain/context.ts";
import type { ContextKind } from "../chain/context-kinds.ts";
import type { Arena } from "../util/arena.ts";

/**
 * The door between Service VM kernel and device model: the system calls acrn-dm uses. Results are as in the kernel:
 * negative errno on failure. Pointers are addresses in the Service VM's memory, which both sides see.
 */

/** Anything epoll can watch for input. */
export interface Pollable {
  /** A read would not block (data, end of file, error). */
  readonly readable: boolean;
  /** Who watches it, told when `readable` becomes true. One at most. */
  watcher: Watcher | undefined;
}

export interface Watcher {
  onReadable(file: Pollable): void;
}

/** Counter of an eventfd(2), non-blocking. */
export interface EventFd extends Pollable {
  /** The file descriptor's number, as the ioctls IOEVENTFD and IRQFD take it. */
  readonly fd: number;
  /** Returns the counter and clears it; -EAGAIN when it is 0. */
  read(): number;
  /** Adds to the counter (saturating) and wakes who waits. */
  write(count: number): void;
  close(): void;
}

/** Level-triggered epoll(7) instance, input events only. */
export interface EventPoll<T> {
  /** 0, or -EEXIST when `file` is watched already. */
  add(file: Pollable, data: T): number;
  /** 0, or -ENOENT when it is not watched. */
  delete(file: Pollable): number;
  /** Blocks until something is readable; fills `events` (cleared first) with the data of what is. */
  wait(events: T[]): Generator<void, number, void>;
  close(): void;
}

/** An open `/dev/acrn_hsm`. */
export interface HsmFile {
  /** Commands that do not block. `arg` is a value or an address, as the command has it. */
  ioctl(command: number, arg: number): number;
  /** Commands that may block (ATTACH_IOREQ_CLIENT). */
  ioctlWait(command: number, arg: number): Generator<void, number, void>;
  close(): void;
}

/** Implemented by the Service VM's kernel. */
export interface Kernel {
  /** Memory of the Service VM, identity-mapped into acrn-dm. */
  readonly memory: Arena;
  /** Opens the HSM device; -ENOENT for any other path than `/dev/acrn_hsm`. */
  openHsm(path: string): HsmFile | number;
  eventfd(): EventFd;
  epollCreate<T>(name: string): EventPoll<T>;
  /** Starts a thread of acrn-dm; it first runs when the scheduler gets to it. */
  startThread<T>(name: string, kind: ContextKind, body: ThreadBody<T>, owner: T): Context;
}
