import type { VirtioBase } from "../../base.ts";

/** What the legacy register block keeps, besides what every device has. */
export class LegacyState {
  /** `legacy_pio_bar_idx` */
  readonly barIdx: number;
  /** Queue selected by the guest; may be out of range. */
  curq = 0;
  /** Of each queue the page of its rings, in 4096 bytes. */
  readonly pfn: Uint32Array;

  constructor(nvq: number, barIdx: number) {
    this.barIdx = barIdx;
    this.pfn = new Uint32Array(nvq);
  }

  reset(): void {
    this.curq = 0;
    this.pfn.fill(0);
  }
}

/** Of a device whose registers are legacy ones. */
export function legacyOf({ transport, vops }: VirtioBase): LegacyState {
  if (transport instanceof LegacyState) return transport;
  throw new Error(`${vops.name} has no legacy registers: virtio_set_io_bar has to make them first`);
}
