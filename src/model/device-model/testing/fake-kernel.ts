import { acrnIoRequest, acrnVmCreation, IOREQ_SLOTS, Ioctl, IoreqState } from "../../abi/acrn.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Context, ThreadBody } from "../../chain/context.ts";
import type { ContextKind } from "../../chain/context-kinds.ts";
import { WaitQueue } from "../../chain/scheduler.ts";
import type { EventFd, EventPoll, HsmFile, Kernel, Pollable, Watcher } from "../../doors/kernel.ts";
import { Arena } from "../../util/arena.ts";
import { EAGAIN, EEXIST, ENODEV, ENOENT } from "../../util/errno.ts";
import { readU64, writeU64 } from "../../util/u64.ts";

/** Sizes of the argument structs, by command; the others take a value. */
const argumentSizes: { readonly [command: number]: number } = {
  [Ioctl.CREATE_VM]: 48,
  [Ioctl.INJECT_MSI]: 16,
  [Ioctl.NOTIFY_REQUEST_FINISH]: 8,
  [Ioctl.IOEVENTFD]: 32,
  [Ioctl.IRQFD]: 24,
};

/** An ioctl acrn-dm made: the argument, and a copy of the struct it points to. */
export interface IoctlCall {
  readonly command: number;
  readonly arg: number;
  readonly bytes: DataView;
}

/** A request as the HSM hands it over. */
export interface Request {
  readonly type: number;
  /** 0 read, 1 write. */
  readonly direction: number;
  readonly address?: number;
  readonly size: number;
  readonly value?: number;
  readonly valueHigh?: number;
  readonly pci?: readonly [bus: number, dev: number, func: number, reg: number];
}

const { at, size: SLOT } = acrnIoRequest;

/** A Service VM kernel for tests: keeps every ioctl, and plays the HSM's default client. */
export class FakeKernel implements Kernel, HsmFile {
  readonly memory = new Arena(256 * 1024);
  readonly chain: Chain;
  readonly calls: IoctlCall[] = [];
  /** What a command returns instead of 0. */
  readonly results = new Map<number, number>();
  readonly eventfds = new Map<number, FakeEventFd>();
  vcpus = 1;
  closed = false;
  #page = 0;
  #pending = false;
  #destroyed = false;
  readonly #attach = new WaitQueue("ioreq client acrndm");

  constructor(chain: Chain) {
    this.chain = chain;
  }

  openHsm(path: string): HsmFile | number {
    return path === "/dev/acrn_hsm" ? this : -ENOENT;
  }

  ioctl(command: number, arg: number): number {
    const length = argumentSizes[command] ?? 0;
    const bytes = new DataView(this.memory.bytes.slice(length === 0 ? 0 : arg, length === 0 ? 0 : arg + length).buffer);
    this.calls.push({ command, arg, bytes });
    const result = this.results.get(command) ?? 0;
    if (result === 0) this.#effect(command, arg, bytes);
    return result;
  }

  #effect(command: number, arg: number, bytes: DataView): void {
    const { view } = this.memory;
    if (command === Ioctl.CREATE_VM) {
      view.setUint16(arg + acrnVmCreation.at.vmid, 7, true);
      view.setUint16(arg + acrnVmCreation.at.vcpu_num, this.vcpus, true);
      this.#page = readU64(bytes, acrnVmCreation.at.ioreq_buf);
      for (let slot = 0; slot < IOREQ_SLOTS; slot++) this.#setState(slot, IoreqState.FREE);
    } else if (command === Ioctl.NOTIFY_REQUEST_FINISH) {
      this.#setState(bytes.getUint32(4, true), IoreqState.COMPLETE);
    } else if (command === Ioctl.DESTROY_IOREQ_CLIENT) {
      this.#destroyed = true;
      this.#attach.wakeUp(this.chain, "wakeUpInterruptible");
    }
  }

  *ioctlWait(): Generator<void, number, void> {
    yield* this.#attach.wait(this.chain, () => this.#pending || this.#destroyed);
    this.#pending = false;
    return this.#destroyed ? -ENODEV : 0;
  }

  close(): void {
    this.closed = true;
  }

  #setState(slot: number, state: number): void {
    this.memory.view.setUint32(this.#page + slot * SLOT + at.processed, state, true);
  }

  stateOf(slot: number): number {
    return this.memory.view.getUint32(this.#page + slot * SLOT + at.processed, true);
  }

  /** Puts a request into a slot and wakes the default client, unless a kernel client is said to own it. */
  submit(slot: number, request: Request, kernelHandled = 0): void {
    const { view } = this.memory;
    const base = this.#page + slot * SLOT;
    view.setUint32(base + at.type, request.type, true);
    view.setUint32(base + at.direction, request.direction, true);
    writeU64(view, base + at.address, request.address ?? 0);
    writeU64(view, base + at.size, request.size);
    view.setUint32(base + at.value, request.value ?? 0, true);
    view.setUint32(base + at.value + 4, request.valueHigh ?? 0, true);
    for (const [i, value] of (request.pci ?? []).entries()) view.setInt32(base + at.pci_bus + 4 * i, value, true);
    view.setUint32(base + at.kernel_handled, kernelHandled, true);
    this.#setState(slot, IoreqState.PROCESSING);
    this.#pending = true;
    this.#attach.wakeUp(this.chain, "wakeUpInterruptible");
  }

  /** Low and high half of a slot's value. */
  valueOf(slot: number): readonly [number, number] {
    const base = this.#page + slot * SLOT + at.value;
    return [this.memory.view.getUint32(base, true), this.memory.view.getUint32(base + 4, true)];
  }

  eventfd(): EventFd {
    const file = new FakeEventFd(10 + this.eventfds.size);
    this.eventfds.set(file.fd, file);
    return file;
  }

  epollCreate<T>(name: string): EventPoll<T> {
    return new FakeEpoll<T>(this.chain, name);
  }

  startThread<T>(name: string, kind: ContextKind, body: ThreadBody<T>, owner: T): Context {
    const context = this.chain.addContext({ name, kind, body, owner });
    this.chain.wake(context, "pthreadCreate");
    return context;
  }

  /** The calls of one command, oldest first. */
  callsOf(command: number): IoctlCall[] {
    return this.calls.filter((call) => call.command === command);
  }
}

class FakeEventFd implements EventFd {
  readonly fd: number;
  watcher: Watcher | undefined;
  count = 0;
  closed = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  get readable(): boolean {
    return this.count > 0;
  }

  read(): number {
    const { count } = this;
    this.count = 0;
    return count === 0 ? -EAGAIN : count;
  }

  write(count: number): void {
    this.count += count;
    this.watcher?.onReadable(this);
  }

  close(): void {
    this.closed = true;
  }
}

class FakeEpoll<T> implements EventPoll<T>, Watcher {
  readonly #chain: Chain;
  readonly #watched = new Map<Pollable, T>();
  readonly #queue: WaitQueue;

  constructor(chain: Chain, name: string) {
    this.#chain = chain;
    this.#queue = new WaitQueue(name);
  }

  add(file: Pollable, data: T): number {
    if (this.#watched.has(file)) return -EEXIST;
    this.#watched.set(file, data);
    file.watcher = this;
    if (file.readable) this.onReadable();
    return 0;
  }

  onReadable(): void {
    this.#queue.wakeUp(this.#chain, "hostInput");
  }

  delete(file: Pollable): number {
    file.watcher = undefined;
    return this.#watched.delete(file) ? 0 : -ENOENT;
  }

  *wait(events: T[]): Generator<void, number, void> {
    const ready = () => [...this.#watched].filter(([file]) => file.readable).map(([, data]) => data);
    yield* this.#queue.wait(this.#chain, () => ready().length > 0);
    events.splice(0, events.length, ...ready());
    return events.length;
  }

  close(): void {
    this.#watched.clear();
  }
}
