import {
  acrnIoeventfd,
  acrnIoreqNotify,
  acrnIrqfd,
  acrnMsiEntry,
  acrnVmCreation,
  IOREQ_PAGE_SIZE,
} from "../../abi/acrn.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Context } from "../../chain/context.ts";
import { WaitQueue } from "../../chain/scheduler.ts";
import type { GuestMemory } from "../../doors/guest.ts";
import type { Host, Log } from "../../doors/host.ts";
import type { HsmFile, Kernel } from "../../doors/kernel.ts";
import { declareState, part, plain, wiring } from "../../inspect/state.ts";
import type { DmConfig } from "../config.ts";
import type { DeviceClass } from "../hw/pci/device-class.ts";
import { PciState } from "../hw/pci/state.ts";
import type { VirtioVqInfo } from "../hw/pci/virtio/virtqueue.ts";
import type { VqFault } from "../hw/pci/virtio/vq-fault.ts";
import { InoutState } from "./inout.ts";
import { type IoRequest, ioRequests } from "./io-request.ts";
import { IothreadState } from "./iothread.ts";
import { MemState } from "./mem.ts";
import { MeventState } from "./mevent.ts";

export interface VmctxOptions {
  readonly chain: Chain;
  readonly kernel: Kernel;
  readonly host: Host;
  readonly memory: GuestMemory;
  readonly config: DmConfig;
  readonly log: Log;
  /** What `-s` may name. */
  readonly deviceClasses: readonly DeviceClass[];
}

/** `enum vm_suspend_how`: what acrn-dm wants of the VM: that it runs on, is reset, is made anew, or ends. */
export type SuspendMode = "NONE" | "SYSTEM_RESET" | "FULL_RESET" | "POWEROFF";

/**
 * `struct vmctx` (devicemodel/include/vmmapi.h), together with what acrn-dm keeps in static variables:
 * one process, one VM, one object.
 */
export class Vmctx {
  static readonly state = declareState<Vmctx>(
    "device-model.Vmctx",
    {
      chain: wiring,
      kernel: wiring,
      host: wiring,
      memory: wiring,
      config: wiring,
      log: wiring,
      onVqFault: wiring,
      deviceClasses: wiring,
      hsm: plain,
      vmid: plain,
      guestNcpus: plain,
      ioreqClient: plain,
      suspendMode: plain,
      lowmem: plain,
      resetControl: plain,
      vcpuThread: plain,
      vcpuEnded: plain,
      vcpuJoin: part,
      ioreqBuf: wiring,
      ioreqs: part,
      asyncioPage: wiring,
      args: wiring,
      inout: part,
      mem: part,
      mevents: part,
      iothreads: part,
      pci: part,
      stdioInUse: plain,
    },
    {
      busy: ({ suspendMode }) =>
        suspendMode === "NONE" || suspendMode === "SYSTEM_RESET" ? undefined : "acrn-dm is ending",
    },
  );
  readonly chain: Chain;
  readonly kernel: Kernel;
  readonly host: Host;
  readonly memory: GuestMemory;
  readonly config: DmConfig;
  readonly log: Log;
  readonly deviceClasses: readonly DeviceClass[];
  /** The open HSM device. */
  hsm: HsmFile | undefined;
  /** Relative id of the User VM. */
  vmid = 0;
  /** vCPUs of the User VM, `guest_ncpus`. */
  guestNcpus = 0;
  ioreqClient = -1;
  suspendMode: SuspendMode = "NONE";
  /** Bytes of guest RAM from address 0. */
  lowmem = 0;
  /** The reset control register, port 0xCF9. */
  resetControl = 0;
  /** The thread `vcpu 0`, and who waits for its end. */
  vcpuThread: Context | undefined;
  vcpuEnded = false;
  readonly vcpuJoin = new WaitQueue("pthread_join");
  /** Address of the shared ioreq page, and its slots. */
  readonly ioreqBuf: number;
  readonly ioreqs: readonly IoRequest[];
  /** Address of the page that becomes the asyncio ring. */
  readonly asyncioPage: number;
  /** Addresses of the ioctl arguments; each is used by one call at a time. */
  readonly args: {
    readonly vmCreation: number;
    readonly ioreqNotify: number;
    readonly msi: number;
    readonly ioeventfd: number;
    readonly irqfd: number;
  };
  readonly inout = new InoutState();
  readonly mem = new MemState();
  readonly mevents: MeventState;
  readonly iothreads = new IothreadState();
  readonly pci = new PciState();
  /** Told of what a driver has done wrong with a queue, after the message about it. Set by whoever looks. */
  onVqFault: ((vq: VirtioVqInfo, fault: VqFault) => void) | undefined;
  /** Standard input serves one device only, console or uart. */
  stdioInUse = false;

  constructor(options: VmctxOptions) {
    this.chain = options.chain;
    this.kernel = options.kernel;
    this.host = options.host;
    this.memory = options.memory;
    this.config = options.config;
    this.log = options.log;
    this.deviceClasses = options.deviceClasses;
    this.mevents = new MeventState(options.kernel);
    const memory = options.kernel.memory;
    this.ioreqBuf = memory.alloc(IOREQ_PAGE_SIZE, IOREQ_PAGE_SIZE);
    this.ioreqs = ioRequests(memory, this.ioreqBuf);
    this.asyncioPage = memory.alloc(4096, 4096);
    this.args = {
      vmCreation: memory.alloc(acrnVmCreation.size),
      ioreqNotify: memory.alloc(acrnIoreqNotify.size),
      msi: memory.alloc(acrnMsiEntry.size),
      ioeventfd: memory.alloc(acrnIoeventfd.size),
      irqfd: memory.alloc(acrnIrqfd.size),
    };
  }
}
