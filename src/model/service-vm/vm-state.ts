import { acrnIoRequest, IOREQ_SLOTS, ioreqTypeNames } from "../abi/acrn.ts";
import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import { WaitQueue } from "../chain/scheduler.ts";
import { declareState, plain, shown } from "../inspect/state.ts";
import type { EventFdFile } from "./eventfd.ts";
import type { HsmIrqfd } from "./irqfd.ts";
import type { ServiceVm } from "./service-vm.ts";
import type { Workqueue } from "./workqueue.ts";

export const ACRN_INVALID_VMID = 0xffff;

/** `struct acrn_vm` of the HSM: the object behind an open device file. */
export class AcrnVm {
  static readonly state = declareState<AcrnVm>(
    "service-vm.AcrnVm",
    {
      kernel: plain,
      chain: plain,
      vmid: shown(plain),
      vcpuNum: shown(plain),
      destroyed: plain,
      clearingIoreq: plain,
      ioreqBuf: shown(plain, "pinned ioreq page", { hex: true, memory: "service" }),
      pciConfAddr: shown(plain, "latch of port 0xCF8", { hex: true }),
      ioreqClients: shown(plain),
      defaultClient: plain,
      ioeventfds: shown(plain),
      ioeventfdClient: plain,
      irqfds: shown(plain),
      irqfdWq: plain,
      asyncioSbuf: plain,
    },
    { type: "struct acrn_vm", about: "drivers/virt/acrn/acrn_drv.h" },
  );
  readonly kernel: ServiceVm;
  readonly chain: Chain;
  vmid = ACRN_INVALID_VMID;
  vcpuNum = 0;
  /** ACRN_VM_FLAG_DESTROYED */
  destroyed = false;
  /** ACRN_VM_FLAG_CLEARING_IOREQ */
  clearingIoreq = false;
  /** Clients with a handler, the latest first. */
  readonly ioreqClients: AcrnIoreqClient[] = [];
  defaultClient: AcrnIoreqClient | undefined;
  /** Address of the pinned ioreq page. */
  ioreqBuf: number | undefined;
  /** The HSM's latch of port 0xCF8; unlike the hypervisor's it stays. */
  pciConfAddr = 0;
  readonly ioeventfds: HsmIoeventfd[] = [];
  ioeventfdClient: AcrnIoreqClient | undefined;
  readonly irqfds: HsmIrqfd[] = [];
  irqfdWq: Workqueue | undefined;
  /** Address of the asyncio ring (ACRN kernel only). */
  asyncioSbuf: number | undefined;

  constructor(kernel: ServiceVm) {
    this.kernel = kernel;
    this.chain = kernel.chain;
  }

  /** All clients, in the order in which they are asked. */
  get clients(): readonly AcrnIoreqClient[] {
    return this.defaultClient === undefined ? this.ioreqClients : [...this.ioreqClients, this.defaultClient];
  }

  /** Address of a vCPU's slot. */
  slot(vcpu: number): number {
    return (this.ioreqBuf ?? 0) + vcpu * acrnIoRequest.size;
  }

  /** A 32-bit field of a vCPU's slot; 0 while there is no page. */
  slotField(vcpu: number, offset: number): number {
    if (this.ioreqBuf === undefined || vcpu >= IOREQ_SLOTS) return 0;
    return this.kernel.memory.view.getUint32(this.slot(vcpu) + offset, true);
  }
}

const typeLook = { names: { names: ioreqTypeNames } };

/** `struct acrn_ioreq_range`, end inclusive. */
export interface AcrnIoreqRange {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

export const ioreqRangeState = declareState<AcrnIoreqRange>("service-vm.AcrnIoreqRange", {
  type: shown(plain, undefined, typeLook),
  start: shown(plain, undefined, { hex: true }),
  end: shown(plain, "inclusive", { hex: true }),
});

/** Handles the request in `slot`; negative on failure, and then the request stays. */
export type IoreqHandler = (client: AcrnIoreqClient, slot: number) => number;

/** `struct acrn_ioreq_client`: a consumer of requests. The default client has no handler and no thread. */
export class AcrnIoreqClient {
  static readonly state = declareState<AcrnIoreqClient>(
    "service-vm.AcrnIoreqClient",
    {
      vm: plain,
      chain: plain,
      name: shown(plain),
      isDefault: shown(plain),
      handler: plain,
      ioreqsMap: shown(plain, "bit n: the request of vCPU n is this client's", { hex: true }),
      rangeList: shown(plain),
      wq: plain,
      thread: plain,
      destroying: shown(plain),
      shouldStop: plain,
    },
    { type: "struct acrn_ioreq_client" },
  );
  readonly vm: AcrnVm;
  readonly chain: Chain;
  readonly name: string;
  readonly isDefault: boolean;
  readonly handler: IoreqHandler | undefined;
  /** Bit n: the request of vCPU n is this client's. */
  ioreqsMap = 0;
  /** The latest first. */
  readonly rangeList: AcrnIoreqRange[] = [];
  readonly wq: WaitQueue;
  thread: Context | undefined;
  /** ACRN_IOREQ_CLIENT_DESTROYING */
  destroying = false;
  /** kthread_should_stop() of its thread. */
  shouldStop = false;

  constructor(vm: AcrnVm, name: string, handler: IoreqHandler | undefined, isDefault: boolean) {
    this.vm = vm;
    this.chain = vm.chain;
    this.name = name;
    this.handler = handler;
    this.isDefault = isDefault;
    this.wq = new WaitQueue(`ioreq client ${name}`);
  }

  get hasPendingRequest(): boolean {
    return this.ioreqsMap !== 0;
  }
}

/** `struct hsm_ioeventfd`. */
export interface HsmIoeventfd {
  readonly eventfd: EventFdFile;
  readonly addr: number;
  readonly data: number;
  readonly length: number;
  /** IoreqType.PORTIO or MMIO. */
  readonly type: number;
  /** Any data matches. */
  readonly wildcard: boolean;
}

export const hsmIoeventfdState = declareState<HsmIoeventfd>(
  "service-vm.HsmIoeventfd",
  {
    eventfd: shown(plain),
    type: shown(plain, undefined, typeLook),
    addr: shown(plain, undefined, { hex: true }),
    length: shown(plain, "bytes"),
    data: shown(plain, "value it matches, unless wildcard"),
    wildcard: shown(plain),
  },
  { type: "struct hsm_ioeventfd" },
);
