import { fieldSize } from "../../../../../../abi/struct.ts";
import {
  legacyConfigOffset,
  VIRTIO_PCI_VRING_ALIGN,
  virtioLegacyRegisters,
} from "../../../../../../abi/virtio-legacy.ts";
import { station } from "../../../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../../../chain/stations/device-model.ts";
import { type Node, valueNode } from "../../../../../../inspect/node.ts";
import { declareState, part, plain, wiring } from "../../../../../../inspect/state.ts";
import { prWarn } from "../../../../../core/log.ts";
import { pciEmulAllocBar } from "../../../bar.ts";
import type { BarAccess } from "../../../vdev.ts";
import type { VirtioBase } from "../../base.ts";
import type { VirtioVqInfo } from "../../virtqueue.ts";
import type { NotifyAddress, VirtioTransport } from "../transport.ts";
import { virtioPciLegacyRead, virtioPciLegacyWrite } from "./legacy.ts";
import { registerNodes } from "./nodes.ts";
import { LegacyState } from "./state.ts";

const { at, fields } = virtioLegacyRegisters;
const NOTIFY_BYTES = fieldSize(fields.queue_notify);

/** The legacy PCI transport: one register block in an I/O BAR, one notify register for all queues. */
export class LegacyTransport extends LegacyState implements VirtioTransport {
  static readonly state = declareState<LegacyTransport>("device-model.LegacyTransport", {
    name: wiring,
    barIdx: wiring,
    curq: plain,
    pfn: part,
  });
  readonly name = "legacy";

  hasBar(baridx: number): boolean {
    return baridx === this.barIdx;
  }

  barRead(base: VirtioBase, access: BarAccess): number {
    return virtioPciLegacyRead(base, access);
  }

  barWrite(base: VirtioBase, access: BarAccess): void {
    virtioPciLegacyWrite(base, access);
  }

  notifiedQueue(_base: VirtioBase, baridx: number, offset: number, size: number, value: number): number | undefined {
    return this.hasBar(baridx) && offset === at.queue_notify && size === NOTIFY_BYTES ? value : undefined;
  }

  notifyAddress({ dev }: VirtioBase, queue: number): NotifyAddress {
    const address = dev.bar[this.barIdx].addr + at.queue_notify;
    return { space: "IO", address, length: NOTIFY_BYTES, data: queue };
  }

  registers(base: VirtioBase, path: string): readonly Node[] {
    return registerNodes(base, this, path);
  }

  queueRegisters(vq: VirtioVqInfo, path: string): readonly Node[] {
    const pfn = (): number => this.pfn[vq.num];
    return [
      valueNode("pfn", pfn, {
        path: `${path}.pfn`,
        about: "page of the ring, in 4096 bytes",
        hex: true,
        memory: () => `guest:0x${(pfn() * VIRTIO_PCI_VRING_ALIGN).toString(16)}`,
      }),
    ];
  }
}

/** Makes the device a legacy one: its register block in I/O BAR `barnum`, as large as with MSI-X. */
export const virtioSetIoBar = station(
  stations.virtio_set_io_bar,
  (base: VirtioBase, barnum: number): void => {
    if (pciEmulAllocBar(base.dev, barnum, "IO", legacyConfigOffset(true) + base.vops.cfgsize) !== 0) {
      prWarn(base, `${base.dev.name}: no ports for its BAR ${barnum}, the guest cannot use it (acrn-dm keeps silent)`);
    }
    base.transport = new LegacyTransport(base.vops.nvq, barnum);
  },
  (emit, _base, barnum) => emit(barnum),
);
