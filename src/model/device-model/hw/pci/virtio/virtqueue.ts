import { VIRTIO_MSI_NO_VECTOR } from "../../../../abi/virtio.ts";
import type { Chain } from "../../../../chain/chain.ts";
import type { GuestMemory } from "../../../../doors/guest.ts";
import type { EventFd } from "../../../../doors/kernel.ts";
import { declareState, derived, part, plain, shown, wiring } from "../../../../inspect/state.ts";
import type { IothreadCtx, IothreadMevent } from "../../../core/iothread.ts";
import { NULL } from "../../../core/vmmapi.ts";
import type { PciVdev } from "../vdev.ts";
import type { VirtioBase } from "./base.ts";

/** Called when the guest kicks the queue. */
export type Notify = (base: VirtioBase, vq: VirtioVqInfo) => void;

/** The guest's notification of a queue. */
export interface Kick {
  readonly dev: PciVdev;
  /** Of the device, on PCI bus 0. */
  readonly slot: number;
  /** As the guest named it; the device may have no such queue. */
  readonly queue: number;
}

/** `struct virtio_iothread`: how kicks of a queue reach an iothread. */
export class VirtioIothread {
  static readonly state = declareState<VirtioIothread>(
    "device-model.VirtioIothread",
    {
      chain: wiring,
      vq: wiring,
      ioctx: plain,
      kickFd: plain,
      ioeventStarted: plain,
      iomvt: plain,
      iothreadRun: derived,
    },
    {
      restored: (viothrd) => {
        if (viothrd.kickFd !== undefined) viothrd.iothreadRun = viothrd.vq.base.vops.qnotify ?? viothrd.vq.notify;
      },
    },
  );
  readonly chain: Chain;
  readonly vq: VirtioVqInfo;
  /** The context that serves the queue; undefined without an iothread. */
  ioctx: IothreadCtx | undefined;
  kickFd: EventFd | undefined;
  /** The kernel signals `kickFd` for kicks of this queue. */
  ioeventStarted = false;
  iomvt: IothreadMevent | undefined;
  iothreadRun: Notify | undefined;

  constructor(chain: Chain, vq: VirtioVqInfo) {
    this.chain = chain;
    this.vq = vq;
  }
}

/**
 * `struct virtio_vq_info`: one virtqueue. The rings are in guest memory; `desc`, `avail` and `used` are their
 * guest-physical addresses, NULL until the guest has set the queue up once. A device reset leaves them as they are.
 */
export class VirtioVqInfo {
  static readonly state = declareState<VirtioVqInfo>(
    "device-model.VirtioVqInfo",
    {
      chain: wiring,
      num: wiring,
      notify: wiring,
      kick: wiring,
      qsize: shown(plain, "elements, a power of two", { name: "size" }),
      allocated: shown(plain, "the guest has given it its memory", { name: "ready" }),
      lastAvail: shown(plain, "next element of the available ring to take, mod 65536", { bits: 16 }),
      saveUsed: shown(plain, "used.idx at the last decision about an interrupt", { bits: 16 }),
      // Here the transport's registers of the queue are shown.
      base: wiring,
      msixIdx: shown(plain, "MSI-X vector, 0xffff none", { bits: 16 }),
      viothrd: shown(part, "its kicks are an eventfd", {
        name: "ioeventfd",
        as: ({ ioeventStarted }: VirtioIothread) => ioeventStarted,
      }),
      desc: plain,
      avail: plain,
      used: plain,
    },
    { type: "struct virtio_vq_info" },
  );
  readonly chain: Chain;
  readonly base: VirtioBase;
  /** Number of the queue in its device. */
  readonly num: number;
  /** Size, a power of two. */
  qsize = 0;
  /** The queue's own notify; without it the device's `qnotify` is used. */
  notify: Notify | undefined;
  /** VQ_ALLOC: the guest has given the queue its memory. */
  allocated = false;
  /** Next element of the available ring to take, mod 65536. */
  lastAvail = 0;
  /** `used.idx` at the last decision about an interrupt. */
  saveUsed = 0;
  msixIdx = VIRTIO_MSI_NO_VECTOR;
  desc = NULL;
  avail = NULL;
  used = NULL;
  readonly viothrd: VirtioIothread;
  /** What its kicks are told as; made once, so that a kick allocates nothing. */
  readonly kick: Kick;

  constructor(base: VirtioBase, num: number) {
    this.chain = base.chain;
    this.base = base;
    this.num = num;
    this.viothrd = new VirtioIothread(base.chain, this);
    this.kick = { dev: base.dev, slot: base.dev.slot, queue: num };
  }

  get memory(): GuestMemory {
    return this.base.memory;
  }
}
