import { PCI_BARS, PCI_CONFIG_SIZE, pciConfig } from "../../../abi/pci.ts";
import type { Chain } from "../../../chain/chain.ts";
import type { Log } from "../../../doors/host.ts";
import { declareState, part, plain, record, shown, wiring } from "../../../inspect/state.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import type { DeviceClass } from "./device-class.ts";

/** A virtual PCI function and what its device class supplies (devicemodel/include/pci_core.h). */

/** An access to a BAR's region; `value` is unsigned. One exists for the VM: the ioreq thread has one at a time. */
export interface BarAccess {
  vcpu: number;
  baridx: number;
  /** Bytes from the start of the region. */
  offset: number;
  /** 1, 2 or 4. */
  size: number;
  value: number;
}

export type BarType = "NONE" | "IO" | "MEM32";

/** `struct pcibar`: what a BAR decodes now. */
export interface PciBar {
  type: BarType;
  size: number;
  addr: number;
  /** All ones were written while decoding was on; the region is still registered at its old address. */
  sizing: boolean;
}

export const pciBarState = declareState<PciBar>("device-model.PciBar", {
  type: shown(plain),
  addr: shown(plain, "port or guest-physical address", { hex: true }),
  size: shown(plain, "bytes"),
  sizing: shown(plain, "all ones were written while decoding was on"),
});

/** IDLE: line inactive. ASSERTED: line active. PENDING: wants to be active, but MSI, MSI-X or INTxDIS forbid it. */
export type LintrState = "IDLE" | "ASSERTED" | "PENDING";

/** `struct pci_vdev`. */
export class PciVdev {
  static readonly state = declareState<PciVdev>(
    "device-model.PciVdev",
    {
      chain: wiring,
      log: wiring,
      vmctx: wiring,
      ops: wiring,
      bus: wiring,
      slot: wiring,
      func: wiring,
      name: shown(wiring),
      arg: shown(part),
      cfgdata: shown(part),
      cfgview: wiring,
      bar: shown(part),
      prevcap: plain,
      capend: plain,
      lintr: shown(
        record<PciVdev["lintr"]>({
          pin: shown(plain, "0 none, 1 INTA to 4 INTD"),
          state: shown(plain, "PENDING: forbidden by MSI, MSI-X or INTxDIS"),
          ioapicIrq: shown(plain, "I/O APIC pin"),
          pirqPin: plain,
        }),
        undefined,
        { summary: ({ state }: PciVdev["lintr"]) => `{${state}}` },
      ),
      msix: shown(part),
      msi: shown(part),
    },
    { type: "struct pci_vdev" },
  );
  readonly chain: Chain;
  readonly log: Log;
  readonly vmctx: Vmctx;
  readonly ops: DeviceClass;
  readonly bus: number;
  readonly slot: number;
  readonly func: number;
  readonly name: string;
  /** The 256 bytes the guest sees. */
  readonly cfgdata = new Uint8Array(PCI_CONFIG_SIZE);
  readonly cfgview = new DataView(this.cfgdata.buffer);
  readonly bar: readonly PciBar[] = Array.from({ length: PCI_BARS }, () => ({
    type: "NONE",
    size: 0,
    addr: 0,
    sizing: false,
  }));
  /** Offset of the last capability added, and of its last byte. */
  prevcap = 0;
  capend = 0;
  /** `pin`: 0 none, 1 INTA to 4 INTD. */
  readonly lintr = { pin: 0, state: "IDLE" as LintrState, pirqPin: 0, ioapicIrq: 0 };
  /** Copied from the capability when the guest enables MSI. */
  readonly msi = { enabled: false, addr: 0, msgData: 0, maxmsgnum: 0 };
  readonly msix = {
    enabled: false,
    functionMask: false,
    tableBar: -1,
    pbaBar: -1,
    tableOffset: 0,
    tableCount: 0,
    pbaOffset: 0,
    pbaSize: 0,
    /** The table's bytes, `tableCount` entries of 16. */
    table: undefined as DataView | undefined,
  };
  /** The device behind it, as `dev->arg`. */
  arg: unknown;

  constructor(vmctx: Vmctx, ops: DeviceClass, at: { bus: number; slot: number; func: number }) {
    this.chain = vmctx.chain;
    this.log = vmctx.log;
    this.vmctx = vmctx;
    this.ops = ops;
    this.bus = at.bus;
    this.slot = at.slot;
    this.func = at.func;
    this.name = `${ops.className}-pci-${at.slot}`;
  }

  /** Reads a configuration register of 1, 2 or 4 bytes. */
  cfgRead(offset: number, bytes: number): number {
    if (bytes === 1) return this.cfgview.getUint8(offset);
    return bytes === 2 ? this.cfgview.getUint16(offset, true) : this.cfgview.getUint32(offset, true);
  }

  /** Writes a configuration register of 1, 2 or 4 bytes, past all rules. */
  cfgWrite(offset: number, bytes: number, value: number): void {
    if (bytes === 1) this.cfgview.setUint8(offset, value);
    else if (bytes === 2) this.cfgview.setUint16(offset, value, true);
    else this.cfgview.setUint32(offset, value, true);
  }

  get command(): number {
    return this.cfgview.getUint16(pciConfig.at.command, true);
  }
}
