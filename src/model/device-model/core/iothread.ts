import { station, stationThread } from "../../chain/announce.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Context } from "../../chain/context.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import type { EventPoll, Pollable } from "../../doors/kernel.ts";
import { declareState, plain } from "../../inspect/state.ts";
import { EINTR } from "../../util/errno.ts";
import type { IothreadsChoice } from "./iothread-options.ts";
import { prErr, prInfo } from "./log.ts";
import type { Vmctx } from "./vmctx.ts";

/** Threads that serve virtqueues instead of the ioreq thread (devicemodel/core/iothread.c). */

/** Contexts of the whole process. */
export const IOTHREAD_NUM = 40;
/** A thread's name with its terminating zero. */
const PTHREAD_NAME_MAX_LEN = 16;

/** `struct iothread_mevent`: what runs when a watched file is readable. */
export interface IothreadMevent<T = unknown> {
  run(arg: T): void;
  readonly arg: T;
}

/** `struct iothread_ctx`. */
export interface IothreadCtx {
  readonly chain: Chain;
  readonly vmctx: Vmctx;
  readonly idx: number;
  readonly name: string;
  readonly epoll: EventPoll<IothreadMevent>;
  /** CPUs of the Service VM it may run on; none: any. Contexts have no CPU, so it changes nothing. */
  readonly cpuset: readonly number[];
  started: boolean;
  thread: Context | undefined;
}

export class IothreadState {
  static readonly state = declareState<IothreadState>("device-model.IothreadState", { contexts: plain });
  /** In use, by index: the running counter over all devices. */
  readonly contexts: IothreadCtx[] = [];
}

export interface IothreadsOption {
  readonly tag: string;
  readonly num: number;
  /** As in {@link IothreadsChoice}. */
  readonly cpusets?: IothreadsChoice["cpusets"];
}

/** Reserves `num` contexts and returns them, without threads yet; undefined when more than 40 would be in use. */
export const iothreadCreate = station(
  stations.iothread_create,
  (ctx: Vmctx, option: IothreadsOption): readonly IothreadCtx[] | undefined => {
    const { contexts } = ctx.iothreads;
    const base = contexts.length;
    if (base + option.num > IOTHREAD_NUM) {
      const text = `fails to create new iothread context, max number of instances is ${IOTHREAD_NUM}`;
      prErr(ctx, `iothread_create: ${text}`);
      return undefined;
    }
    for (let idx = base; idx < base + option.num; idx++) {
      const name = `iothr-${idx}-${option.tag}`;
      if (name.length >= PTHREAD_NAME_MAX_LEN) prErr(ctx, "iothread_create: iothread name too long");
      const shown = name.slice(0, PTHREAD_NAME_MAX_LEN - 1);
      const epoll = ctx.kernel.epollCreate<IothreadMevent>(shown);
      const cpuset = option.cpusets?.[idx - base] ?? [];
      contexts.push({
        chain: ctx.chain,
        vmctx: ctx,
        idx,
        name: shown,
        epoll,
        cpuset,
        started: false,
        thread: undefined,
      });
    }
    return contexts.slice(base);
  },
  (emit, _ctx, option) => emit(option.num),
);

/** Watches `file`, and starts the thread with the first one. -1 without a context, else what epoll says. */
export const iothreadAdd = station(
  stations.iothread_add,
  (ctx: Vmctx, ioctx: IothreadCtx | undefined, file: Pollable, aevt: IothreadMevent): number => {
    if (ioctx === undefined) {
      prErr(ctx, "iothread_add: ioctx_x is NULL");
      return -1;
    }
    const error = ioctx.epoll.add(file, aevt);
    if (error < 0) {
      prErr(ctx, `iothread_add: failed to add fd, error is ${-error}`);
      return error;
    }
    iothreadStart(ctx, ioctx);
    return 0;
  },
  (emit, _ctx, ioctx) => emit(ioctx?.idx ?? -1),
);

/** Stops watching `file`; the thread goes on. */
export const iothreadDel = station(
  stations.iothread_del,
  (ctx: Vmctx, ioctx: IothreadCtx | undefined, file: Pollable): number => {
    if (ioctx === undefined) {
      prErr(ctx, "iothread_del: ioctx_x is NULL");
      return -1;
    }
    const error = ioctx.epoll.delete(file);
    if (error < 0) prErr(ctx, `iothread_del: failed to delete fd from epoll fd, error is ${-error}`);
    return error;
  },
  (emit, _ctx, ioctx) => emit(ioctx?.idx ?? -1),
);

const iothreadStart = station(
  stations.iothread_start,
  (ctx: Vmctx, ioctx: IothreadCtx): void => {
    if (ioctx.started) return;
    ioctx.started = true;
    ioctx.thread = ctx.kernel.startThread(ioctx.name, "dm.io", ioThread, ioctx);
    prInfo(ctx, `${ioctx.name} started`);
  },
  (emit, _ctx, ioctx) => emit(ioctx.idx),
);

/** The thread: waits for its files and runs what belongs to them. */
export const ioThread = stationThread(
  stations.io_thread,
  function* (ioctx: IothreadCtx): Generator<void, void, void> {
    const ready: IothreadMevent[] = [];
    while (ioctx.started) {
      const count = yield* ioctx.epoll.wait(ready);
      if (count === -EINTR || !ioctx.started) continue;
      if (count < 0) {
        prErr(ioctx.vmctx, `io_thread: return from epoll wait with errno ${-count}`);
        break;
      }
      for (const aevt of ready) aevt.run(aevt.arg);
    }
  },
  (emit, ioctx) => emit(ioctx.idx),
);

/** Lets every iothread end and starts the counter anew. */
export function iothreadDeinit(ctx: Vmctx): void {
  for (const ioctx of ctx.iothreads.contexts.splice(0)) {
    ioctx.started = false;
    ioctx.epoll.close();
    prInfo(ctx, `${ioctx.name} stop`);
  }
}
