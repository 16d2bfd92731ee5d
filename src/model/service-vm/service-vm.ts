import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { ContextKind } from "../chain/context-kinds.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import type { Log } from "../doors/host.ts";
import type { Hypercalls, ServiceVmCpu } from "../doors/hypercall.ts";
import type { EventFd, EventPoll, HsmFile, Kernel } from "../doors/kernel.ts";
import type { Arena } from "../util/arena.ts";
import { EBADF, ENODEV, ENOENT } from "../util/errno.ts";
import { acrnDetect, acrnInitPlatform } from "./acrn.ts";
import { EventFdFile } from "./eventfd.ts";
import { EventPollFile } from "./eventpoll.ts";
import { acrnDevOpen, hsmInit } from "./hsm.ts";
import { ioreqDispatcher } from "./ioreq.ts";
import type { AcrnVm } from "./vm-state.ts";
import type { Work, Workqueue } from "./workqueue.ts";

export interface ServiceVmOptions {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly memory: Arena;
  readonly hypercalls: Hypercalls;
  /** The kernel is the ACRN kernel, which has the asyncio ring; default false, as mainline Linux. */
  readonly asyncio?: boolean;
}

/** Longest argument struct of a hypercall. */
const SCRATCH_SIZE = 64;
const FIRST_FD = 3;
/** Longest thread name the C library accepts (TASK_COMM_LEN - 1). */
const MAX_THREAD_NAME = 15;
/** Where the kernel's eventfd contexts lie; only their being distinct matters. */
const EVENTFD_CONTEXTS = 0xffff8880;
const EVENTFD_CONTEXT_SIZE = 64;

/** The Service VM: a Linux kernel with the HSM driver, on one vCPU, and the process acrn-dm in it. */
export class ServiceVm implements Kernel, ServiceVmCpu {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly memory: Arena;
  readonly hypercalls: Hypercalls;
  readonly asyncio: boolean;
  /** Buffer for the argument of the hypercall being made. */
  readonly scratch: number;

  /** Vectors with a handler of their own. */
  readonly idt = new Map<number, (kernel: ServiceVm) => void>();
  /** Hard interrupts of vCPU 0. */
  readonly hyp: Context;
  /** Count in the line HYP of /proc/interrupts. */
  irqHvCallbackCount = 0;
  /** `acrn_intr_handler` */
  acrnIntrHandler: ((kernel: ServiceVm) => void) | undefined;

  /** The device node exists. */
  hsmRegistered = false;
  ioreqWq: Workqueue | undefined;
  readonly ioreqWork: Work = { name: "ioreq_dispatcher", run: () => ioreqDispatcher(this) };
  /** `acrn_vm_list`, the latest first. */
  readonly vmList: AcrnVm[] = [];

  /** acrn-dm's file descriptors, as far as ioctls name them. */
  readonly files = new Map<number, EventFdFile>();
  /** eventfd contexts by their address; kept after close where there is an asyncio ring, which may still name them. */
  readonly eventfdContexts = new Map<number, EventFdFile>();
  #nextEventfd = 0;

  constructor(options: ServiceVmOptions) {
    this.chain = options.chain;
    this.scheduler = options.scheduler;
    this.log = options.log;
    this.memory = options.memory;
    this.hypercalls = options.hypercalls;
    this.asyncio = options.asyncio ?? false;
    this.scratch = this.memory.alloc(SCRATCH_SIZE);
    this.hyp = this.chain.addContext({ name: "HYP", kind: "svm.sysvec", body: () => this.#interrupts() });
    this.hyp.waitingFor = "interrupt";
  }

  /** Detects the hypervisor and loads the HSM driver. Returns 0 or a negative errno. */
  boot(): number {
    const context = this.chain.addContext({ name: "init", kind: "svm.init" });
    const status = this.chain.runIn(context, "boot", () => {
      if (!acrnDetect(this)) return -ENODEV;
      acrnInitPlatform(this);
      return hsmInit(this);
    });
    context.state = "done";
    return status;
  }

  interruptPending(): void {
    this.chain.wake(this.hyp, "interrupt");
  }

  *#interrupts(): Generator<void, void, void> {
    for (;;) {
      const vector = this.hypercalls.acknowledgeInterrupt();
      if (vector === undefined) {
        this.hyp.waitingFor = "interrupt";
        this.hyp.state = "blocked";
        yield;
        this.hyp.waitingFor = "";
        continue;
      }
      const handler = this.idt.get(vector);
      if (handler !== undefined) handler(this);
      else this.log(2, "kernel", `No irq handler for vector 0x${vector.toString(16)}`);
    }
  }

  openHsm(path: string): HsmFile | number {
    return path === "/dev/acrn_hsm" && this.hsmRegistered ? acrnDevOpen(this) : -ENOENT;
  }

  eventfd(): EventFd {
    let fd = FIRST_FD;
    while (this.files.has(fd)) fd++;
    const address = EVENTFD_CONTEXTS * 2 ** 20 + this.#nextEventfd++ * EVENTFD_CONTEXT_SIZE;
    const file = new EventFdFile(this.chain, fd, address, () => {
      this.files.delete(fd);
      if (!this.asyncio) this.eventfdContexts.delete(address);
    });
    this.files.set(fd, file);
    this.eventfdContexts.set(address, file);
    return file;
  }

  /** `eventfd_ctx_fdget`: the eventfd a descriptor names, or -EBADF. */
  eventfdCtxFdget(fd: number): EventFdFile | number {
    return this.files.get(fd) ?? -EBADF;
  }

  epollCreate<T>(name: string): EventPoll<T> {
    return new EventPollFile<T>(this.chain, name);
  }

  startThread(name: string, kind: ContextKind, body: () => Generator<void, void, void>): Context {
    // The C library refuses a longer name, and the thread keeps the one of the program.
    const context = this.chain.addContext({ name: name.length > MAX_THREAD_NAME ? "acrn-dm" : name, kind, body });
    this.chain.wake(context, "pthreadCreate");
    return context;
  }

  kthreadRun(name: string, body: () => Generator<void, void, void>): Context {
    const context = this.chain.addContext({ name, kind: "svm.kthread", body });
    this.chain.wake(context, "kthreadRun");
    return context;
  }
}
