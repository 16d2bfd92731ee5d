import { VIRTIO_MSI_NO_VECTOR } from "../../../../abi/virtio.ts";
import type { Chain } from "../../../../chain/chain.ts";
import type { GuestMemory } from "../../../../doors/guest.ts";
import type { Log } from "../../../../doors/host.ts";
import type { Vmctx } from "../../../core/vmctx.ts";
import type { PciVdev } from "../vdev.ts";
import { type Notify, VirtioVqInfo } from "./virtqueue.ts";

/** `struct virtio_ops`: what a device supplies to the common virtio code. */
export interface VirtioOps {
  /** Name in messages. */
  readonly name: string;
  readonly nvq: number;
  /** Bytes of device configuration. */
  readonly cfgsize: number;
  reset(base: VirtioBase): void;
  /** For queues without a notify of their own. */
  readonly qnotify?: Notify;
  /** Reads device configuration; the value is unsigned, and its bytes beyond `size` do not count. */
  cfgread(base: VirtioBase, offset: number, size: number): number;
  applyFeatures(base: VirtioBase, negotiated: number): void;
}

/**
 * `struct virtio_base`: a virtio device as the transport sees it. The transport implemented is legacy PCI.
 * Where acrn-dm takes a lock there is none: contexts change only where one blocks.
 */
export class VirtioBase {
  readonly chain: Chain;
  readonly log: Log;
  readonly dev: PciVdev;
  readonly vops: VirtioOps;
  /** The device itself, as the first argument of `vops` functions in C. */
  readonly device: unknown;
  readonly queues: readonly VirtioVqInfo[];
  /** VIRTIO_USE_MSIX */
  useMsix = false;
  /** Kicks are to reach iothreads. */
  iothread = false;
  /** Feature bits below 32. */
  deviceCaps = 0;
  negotiatedCaps = 0;
  /** Queue selected by the guest; may be out of range. */
  curq = 0;
  status = 0;
  isr = 0;
  msixCfgIdx = VIRTIO_MSI_NO_VECTOR;
  legacyPioBarIdx = 0;

  constructor(dev: PciVdev, vops: VirtioOps, device: unknown) {
    this.chain = dev.chain;
    this.log = dev.log;
    this.dev = dev;
    this.vops = vops;
    this.device = device;
    this.queues = Array.from({ length: vops.nvq }, (_, num) => new VirtioVqInfo(this, num));
  }

  get vmctx(): Vmctx {
    return this.dev.vmctx;
  }

  get memory(): GuestMemory {
    return this.dev.vmctx.memory;
  }
}
