import { type Features, NO_FEATURES } from "../../../../../abi/virtio-features.ts";
import type { Chain } from "../../../../../chain/chain.ts";
import type { Log } from "../../../../../doors/host.ts";
import { declareState, derived, part, plain, shown, wiring } from "../../../../../inspect/state.ts";
import { Occurrences } from "../../../../core/log.ts";
import type { Vmctx } from "../../../../core/vmctx.ts";
import type { PciVdev } from "../../vdev.ts";
import { VirtioBase, type VirtioOps } from "../base.ts";
import { type Iovec, newDescChain } from "../vq.ts";
import { virtioConsoleConfig } from "./abi.ts";
import type { ConsoleBackend } from "./backend.ts";
import { VIRTIO_CONSOLE_MAXPORTS } from "./parse.ts";

/** The console's own state (devicemodel/hw/pci/virtio/virtio_console.c). */

export const VIRTIO_CONSOLE_RINGSZ = 64;
export const VIRTIO_CONSOLE_MAXQ = VIRTIO_CONSOLE_MAXPORTS * 2 + 2;

/** What a port does with a buffer the guest sent. */
export type PortCallback = (port: ConsolePort, iov: Iovec) => void;

/** `struct virtio_console_port`. tx and rx are the device's view: `txq` is the guest's input queue. */
export class ConsolePort {
  static readonly state = declareState<ConsolePort>(
    "device-model.ConsolePort",
    {
      chain: wiring,
      console: wiring,
      id: shown(plain),
      name: shown(plain),
      enabled: shown(plain),
      isConsole: shown(plain, "the guest makes it /dev/hvcN"),
      rxReady: shown(plain, "the guest has kicked its input queue once"),
      open: shown(plain, "the host's side is open"),
      txq: shown(plain, "queue host to guest"),
      rxq: shown(plain, "queue guest to host"),
      backend: shown(part),
      cb: plain,
    },
    { type: "struct virtio_console_port" },
  );
  readonly chain: Chain;
  readonly console: VirtioConsole;
  id = 0;
  name = "";
  /** Configured on the command line. */
  enabled = false;
  /** Announced as a console: the guest makes it /dev/hvcN. */
  isConsole = false;
  /** The guest has kicked the port's input queue once. Survives a device reset. */
  rxReady = false;
  /** The host's side is open. Survives a device reset. */
  open = false;
  txq = 0;
  rxq = 0;
  backend: ConsoleBackend | undefined;
  cb: PortCallback | undefined;

  constructor(console: VirtioConsole) {
    this.chain = console.chain;
    this.console = console;
  }
}

/** `struct virtio_console`. */
export class VirtioConsole {
  static readonly state = declareState<VirtioConsole>(
    "device-model.VirtioConsole",
    {
      chain: wiring,
      log: wiring,
      vmctx: wiring,
      base: wiring,
      ready: shown(plain, "the guest has sent DEVICE_READY"),
      config: shown(part),
      features: plain,
      nports: plain,
      controlPort: part,
      ports: shown(part),
      refCount: plain,
      outChain: derived,
      inChain: derived,
      controlChain: derived,
      drops: part,
    },
    { type: "struct virtio_console" },
  );
  readonly chain: Chain;
  readonly log: Log;
  readonly vmctx: Vmctx;
  readonly base: VirtioBase;
  /** The 12 bytes of device configuration. */
  readonly config = new DataView(new ArrayBuffer(virtioConsoleConfig.size));
  /** What the guest negotiated; nothing depends on it. */
  features: Features = NO_FEATURES;
  nports = 0;
  /** The guest has sent DEVICE_READY. Survives a device reset. */
  ready = false;
  readonly controlPort: ConsolePort;
  readonly ports: readonly ConsolePort[];
  /** Backends with an event of their own. */
  refCount = 0;
  /** Chains in work: one for the guest's output, one for its input, one for control messages. */
  readonly outChain = newDescChain(1);
  readonly inChain = newDescChain(1);
  readonly controlChain = newDescChain(1);
  /** What acrn-dm drops without a word. */
  readonly drops = {
    controlMessage: new Occurrences("vtcon: control message dropped, the guest has no buffer in its control queue"),
    shortControlBuffer: new Occurrences(
      "vtcon: control message cut to the guest's buffer (acrn-dm would write beyond the buffer's end)",
    ),
    shortControlMessage: new Occurrences("vtcon: the guest's control message is shorter than its 8-byte header"),
    noPort: new Occurrences("vtcon: output of the guest dropped, its port is not configured"),
  };

  constructor(dev: PciVdev, ops: VirtioOps) {
    this.chain = dev.chain;
    this.log = dev.log;
    this.vmctx = dev.vmctx;
    this.base = new VirtioBase(dev, ops, this);
    this.controlPort = new ConsolePort(this);
    this.ports = Array.from({ length: VIRTIO_CONSOLE_MAXPORTS }, () => new ConsolePort(this));
  }
}

/** The console behind the common part. */
export const consoleOf = (base: VirtioBase): VirtioConsole => base.device as VirtioConsole;
