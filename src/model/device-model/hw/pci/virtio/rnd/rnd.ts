import type { Chain } from "../../../../../chain/chain.ts";
import type { Context } from "../../../../../chain/context.ts";
import { WaitQueue } from "../../../../../chain/scheduler.ts";
import type { HostFile, Log } from "../../../../../doors/host.ts";
import { declareState, derived, outside, part, plain, shown, wiring } from "../../../../../inspect/state.ts";
import type { Vmctx } from "../../../../core/vmctx.ts";
import type { PciVdev } from "../../vdev.ts";
import { VirtioBase, type VirtioOps } from "../base.ts";
import type { VirtioVqInfo } from "../virtqueue.ts";
import { newDescChain } from "../vq.ts";

/** The entropy device's own state (devicemodel/hw/pci/virtio/virtio_rnd.c). */

export const VIRTIO_RND_RINGSZ = 64;

/** `struct virtio_rnd`. */
export class VirtioRnd {
  static readonly state = declareState<VirtioRnd>(
    "device-model.VirtioRnd",
    {
      chain: wiring,
      log: wiring,
      vmctx: wiring,
      base: wiring,
      fd: outside,
      inProgress: shown(plain, "the thread is filling buffers"),
      rxTid: plain,
      rxCond: part,
      cancelled: plain,
      failed: shown(plain, "the last read failed; the next kick tries again"),
      bytesRead: shown(plain, "given to the guest"),
      work: derived,
    },
    { type: "struct virtio_rnd" },
  );
  readonly chain: Chain;
  readonly log: Log;
  readonly vmctx: Vmctx;
  readonly base: VirtioBase;
  /** /dev/random; undefined is acrn-dm's -1. */
  fd: HostFile | undefined;
  inProgress = false;
  /** The thread, and what it waits for. */
  rxTid: Context | undefined;
  readonly rxCond = new WaitQueue("rx_cond");
  /** pthread_cancel has been called. */
  cancelled = false;
  /** A read has failed, and the guest has not kicked since. */
  failed = false;
  bytesRead = 0;
  /** The chain in work. */
  readonly work = newDescChain(1);

  constructor(dev: PciVdev, ops: VirtioOps, fd: HostFile) {
    this.chain = dev.chain;
    this.log = dev.log;
    this.vmctx = dev.vmctx;
    this.base = new VirtioBase(dev, ops, this);
    this.fd = fd;
  }

  get vq(): VirtioVqInfo {
    return this.base.queues[0];
  }
}

/** The device behind the common part. */
export const rndOf = (base: VirtioBase): VirtioRnd => base.device as VirtioRnd;
