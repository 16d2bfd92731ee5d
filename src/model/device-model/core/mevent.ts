import { station, stationThread } from "../../chain/announce.ts";
import type { Context } from "../../chain/context.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import type { EventFd, EventPoll, Kernel, Pollable } from "../../doors/kernel.ts";
import { declareState, plain, wiring } from "../../inspect/state.ts";
import { EEXIST, EINTR, ENOENT } from "../../util/errno.ts";
import { prErr } from "./log.ts";
import type { Vmctx } from "./vmctx.ts";

/** The event loop of acrn-dm's main thread: input of the backends, and timers (devicemodel/core/mevent.c). */

/** What a mevent watches; closed when the loop is torn down. */
export interface MeventFile extends Pollable {
  close(): void;
}

/** `struct mevent`: what is run with `param` when the file is readable, and when it is not watched any more. */
export interface Mevent<T = unknown> {
  readonly file: MeventFile;
  run(param: T, mevp: Mevent<T>): void;
  teardown?(param: T): void;
  readonly param: T;
  /** Cleared by mevent_delete: events already collected are not run any more. */
  state: boolean;
}

export class MeventState {
  static readonly state = declareState<MeventState>("device-model.MeventState", {
    epoll: plain,
    events: plain,
    deleted: plain,
    pipe: plain,
    thread: plain,
    "#kernel": wiring,
  });
  /** Made by mevent_init. */
  epoll: EventPoll<Mevent> | undefined;
  /** Newest first, as acrn-dm's list. */
  readonly events: Mevent[] = [];
  /** Deleted by other threads; torn down by the loop after its current round. */
  readonly deleted: Mevent[] = [];
  /** Stands for the self-pipe that gets the loop out of epoll_wait. */
  pipe: EventFd | undefined;
  /** The thread that runs the loop. */
  thread: Context | undefined;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  open(): void {
    this.epoll = this.#kernel.epollCreate("mevent");
  }

  openPipe(): EventFd {
    this.pipe = this.#kernel.eventfd();
    return this.pipe;
  }
}

export const meventInit = station(stations.mevent_init, (ctx: Vmctx): void => ctx.mevents.open());

/**
 * Watches `file` for input. A file that is watched already keeps its first mevent, which is returned.
 * Undefined when epoll refuses.
 */
export function meventAdd<T>(
  ctx: Vmctx,
  file: MeventFile,
  run: Mevent<T>["run"],
  param: T,
  teardown?: Mevent<T>["teardown"],
): Mevent | undefined {
  const { mevents } = ctx;
  const known = mevents.events.find((mevp) => mevp.file === file);
  if (known !== undefined) return known;
  const mevp = { file, run, teardown, param, state: true } as Mevent;
  if (mevents.epoll?.add(file, mevp) !== 0) return undefined;
  mevents.events.unshift(mevp);
  return mevp;
}

/** Stops watching; the mevent stays in the list. */
export function meventDisable(ctx: Vmctx, mevp: Mevent): void {
  ctx.mevents.epoll?.delete(mevp.file);
}

/** Watches again. 0, or a negative errno. */
export function meventEnable(ctx: Vmctx, mevp: Mevent): number {
  const { mevents } = ctx;
  if (!mevents.events.includes(mevp)) return -ENOENT;
  const error = mevents.epoll?.add(mevp.file, mevp) ?? -ENOENT;
  return error === -EEXIST ? 0 : error;
}

/** Removes a mevent. Its teardown runs at once on the loop's own thread, else after the loop's current round. */
export function meventDelete(ctx: Vmctx, mevp: Mevent): void {
  const { mevents } = ctx;
  const at = mevents.events.indexOf(mevp);
  if (at >= 0) mevents.events.splice(at, 1);
  mevp.state = false;
  meventDisable(ctx, mevp);
  if (isDispatchThread(ctx)) {
    mevp.teardown?.(mevp.param);
  } else {
    mevents.deleted.unshift(mevp);
    meventNotify(ctx);
  }
}

const isDispatchThread = (ctx: Vmctx): boolean => ctx.chain.current === ctx.mevents.thread;

/** Gets the loop out of epoll_wait, when called from another thread. */
export function meventNotify(ctx: Vmctx): void {
  if (!isDispatchThread(ctx)) ctx.mevents.pipe?.write(1);
}

function drainDeleted(ctx: Vmctx): void {
  for (const mevp of ctx.mevents.deleted.splice(0)) mevp.teardown?.(mevp.param);
}

/** Runs the callbacks of what is readable, whatever the event was: end of file and errors come the same way. */
const meventHandle = station(
  stations.mevent_handle,
  (_ctx: Vmctx, ready: readonly Mevent[]): void => {
    for (const mevp of ready) if (mevp.state) mevp.run(mevp.param, mevp);
  },
  (emit, _ctx, ready) => emit(ready.length),
);

/** `mevent_pipe_read` */
export function readPipe({ mevents }: Vmctx): void {
  mevents.pipe?.read();
}

/** The loop itself, until the VM is to end. A system reset goes by while it runs. */
export const meventDispatch = stationThread(stations.mevent_dispatch, function* (ctx: Vmctx) {
  const { mevents } = ctx;
  mevents.thread = ctx.chain.current;
  if (mevents.pipe === undefined) meventAdd(ctx, mevents.openPipe(), readPipe, ctx);
  const ready: Mevent[] = [];
  while ((ctx.suspendMode === "NONE" || ctx.suspendMode === "SYSTEM_RESET") && mevents.epoll !== undefined) {
    const result = yield* mevents.epoll.wait(ready);
    if (result < 0 && result !== -EINTR) prErr(ctx, "Error return from epoll_wait");
    meventHandle(ctx, ready);
    drainDeleted(ctx);
  }
});

/** Tears down every mevent that is left, and the loop. */
export function meventDeinit(ctx: Vmctx): void {
  const { mevents } = ctx;
  for (const mevp of [...mevents.events.splice(0), ...mevents.deleted.splice(0)]) {
    meventDisable(ctx, mevp);
    mevp.state = false;
    mevp.file.close();
    mevp.teardown?.(mevp.param);
  }
  mevents.epoll?.close();
  mevents.epoll = undefined;
}
