import { VIRTIO_MSI_NO_VECTOR } from "../../../../abi/virtio.ts";
import { type Features, NO_FEATURES } from "../../../../abi/virtio-features.ts";
import type { Chain } from "../../../../chain/chain.ts";
import type { GuestMemory } from "../../../../doors/guest.ts";
import type { Log } from "../../../../doors/host.ts";
import { declareState, part, plain, wiring } from "../../../../inspect/state.ts";
import type { Vmctx } from "../../../core/vmctx.ts";
import type { PciVdev } from "../vdev.ts";
import type { VirtioTransport } from "./transport/transport.ts";
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
  /** Reads device configuration, of which a device without this has none; unsigned, bytes beyond `size` do not count. */
  cfgread?(base: VirtioBase, offset: number, size: number): number;
  /**
   * Writes device configuration; 0 when it did. Otherwise, and for a device that has none, the write is taken for one
   * of a register that has the same offset.
   */
  cfgwrite?(base: VirtioBase, offset: number, size: number, value: number): number;
  applyFeatures?(base: VirtioBase, negotiated: Features): void;
  /** The guest wrote the status, such as DRIVER_OK or 0; called before the reset that 0 means. */
  setStatus?(base: VirtioBase, status: number): void;
}

/**
 * `struct virtio_base`: what every virtio device has, however the guest reaches it: features, status, vectors, queues.
 * Where acrn-dm takes a lock there is none: contexts change only where one blocks.
 */
export class VirtioBase {
  static readonly state = declareState<VirtioBase>("device-model.VirtioBase", {
    chain: wiring,
    log: wiring,
    dev: wiring,
    vops: wiring,
    device: part,
    queues: part,
    useMsix: plain,
    iothread: plain,
    transport: part,
    deviceCaps: plain,
    negotiatedCaps: plain,
    status: plain,
    isr: plain,
    msixCfgIdx: plain,
  });
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
  /** How the guest reaches it; undefined until the device has made its registers. */
  transport: VirtioTransport | undefined;
  /** What the device offers, and what of it the guest has taken. */
  deviceCaps: Features = NO_FEATURES;
  negotiatedCaps: Features = NO_FEATURES;
  status = 0;
  isr = 0;
  msixCfgIdx = VIRTIO_MSI_NO_VECTOR;

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

/** The virtio device behind a PCI function, undefined when it is none. */
export const virtioOf = (dev: PciVdev): VirtioBase | undefined => (dev.arg instanceof VirtioBase ? dev.arg : undefined);
