import type { Chain } from "../chain/chain.ts";
import type { Context, ThreadBody } from "../chain/context.ts";
import type { ContextKind } from "../chain/context-kinds.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import type { Log } from "../doors/host.ts";
import type { Hypercalls, ServiceVmCpu } from "../doors/hypercall.ts";
import type { EventFd, EventPoll, HsmFile, Kernel } from "../doors/kernel.ts";
import { declareState, hidden, part, plain, shown, wiring } from "../inspect/state.ts";
import type { Arena } from "../util/arena.ts";
import { EBADF, ENODEV, ENOENT } from "../util/errno.ts";
import { acrnDetect, acrnInitPlatform } from "./acrn.ts";
import { EventFdFile } from "./eventfd.ts";
import { EventPollFile } from "./eventpoll.ts";
import { acrnDevOpen, hsmInit } from "./hsm.ts";
import { ioreqDispatcher } from "./ioreq.ts";
import type { AcrnVm } from "./vm-state.ts";
import { Work, type Workqueue } from "./workqueue.ts";

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
  static readonly state = declareState<ServiceVm>("service-vm.ServiceVm", {
    chain: wiring,
    scheduler: wiring,
    log: wiring,
    memory: wiring,
    hypercalls: wiring,
    asyncio: wiring,
    scratch: wiring,
    idt: plain,
    hyp: wiring,
    irqHvCallbackCount: shown(plain, "line HYP of /proc/interrupts", { name: "hyp_interrupts" }),
    acrnIntrHandler: plain,
    hsmRegistered: plain,
    ioreqWq: plain,
    ioreqWork: part,
    vmList: plain,
    files: plain,
    eventfdContexts: plain,
    "#nextEventfd": hidden(
      plain,
      (kernel: ServiceVm) => kernel.#nextEventfd,
      (kernel, next) => (kernel.#nextEventfd = next),
    ),
  });
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
  readonly ioreqWork = new Work<ServiceVm>("ioreq_dispatcher", ioreqDispatcher, this);
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
    this.hyp = this.chain.addContext({ name: "HYP", kind: "svm.sysvec", body: interrupts, owner: this });
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

  openHsm(path: string): HsmFile | number {
    return path === "/dev/acrn_hsm" && this.hsmRegistered ? acrnDevOpen(this) : -ENOENT;
  }

  eventfd(): EventFd {
    let fd = FIRST_FD;
    while (this.files.has(fd)) fd++;
    const address = EVENTFD_CONTEXTS * 2 ** 20 + this.#nextEventfd++ * EVENTFD_CONTEXT_SIZE;
    const file = new EventFdFile(this, fd, address);
    this.files.set(fd, file);
    this.eventfdContexts.set(address, file);
    return file;
  }

  releaseEventfd({ fd, address }: EventFdFile): void {
    this.files.delete(fd);
    if (!this.asyncio) this.eventfdContexts.delete(address);
  }

  /** `eventfd_ctx_fdget`: the eventfd a descriptor names, or -EBADF. */
  eventfdCtxFdget(fd: number): EventFdFile | number {
    return this.files.get(fd) ?? -EBADF;
  }

  epollCreate<T>(name: string): EventPoll<T> {
    return new EventPollFile<T>(this.chain, name);
  }

  startThread<T>(name: string, kind: ContextKind, body: ThreadBody<T>, owner: T): Context {
    // The C library refuses a longer name, and the thread keeps the one of the program.
    const comm = name.length > MAX_THREAD_NAME ? "acrn-dm" : name;
    const context = this.chain.addContext({ name: comm, kind, body, owner });
    this.chain.wake(context, "pthreadCreate");
    return context;
  }

  kthreadRun<T>(name: string, body: ThreadBody<T>, owner: T): Context {
    const context = this.chain.addContext({ name, kind: "svm.kthread", body, owner });
    this.chain.wake(context, "kthreadRun");
    return context;
  }
}

/** The hard interrupts of vCPU 0: each vector that is pending goes to its handler. */
export function* interrupts(kernel: ServiceVm): Generator<void, void, void> {
  const { hyp } = kernel;
  for (;;) {
    const vector = kernel.chain.remaking ? undefined : kernel.hypercalls.acknowledgeInterrupt();
    if (vector === undefined) {
      hyp.waitingFor = "interrupt";
      hyp.state = "blocked";
      yield;
      hyp.waitingFor = "";
      continue;
    }
    const handler = kernel.idt.get(vector);
    if (handler !== undefined) handler(kernel);
    else kernel.log(2, "kernel", `No irq handler for vector 0x${vector.toString(16)}`);
  }
}
