import { IoreqDirection } from "../abi/acrn.ts";
import { IoapicReg, ioapicMmio, Rte, VIOAPIC_PINS, VIOAPIC_VERSION } from "../abi/apic.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { EINVAL } from "../util/errno.ts";
import type { IoRequest } from "./io-request.ts";
import { type Vioapic, vioapicGenerateIntr, vioapicNeedIntr } from "./vioapic.ts";

const { IOREGSEL, IOWIN } = ioapicMmio.at;
/** The guest cannot write Remote-IRR and delivery status (RTBL_RO_BITS). */
const READ_ONLY = Rte.REMOTE_IRR | Rte.DELIVS;

/** hypervisor/dm/vioapic.c. Returns 0, or -EINVAL when the access is not 32 bits wide. */
export const vioapicMmioAccessHandler = station(
  S.vioapic_mmio_access_handler,
  (vioapic: Vioapic, req: IoRequest): number => {
    if (req.size !== 4) {
      vioapic.vm.hypervisor.log(1, "hypervisor", "All RW to IOAPIC must be 32-bits in size");
      return -EINVAL;
    }
    const offset = req.address - vioapic.base;
    if (req.direction === IoreqDirection.READ) req.mmioValue = mmioRead(vioapic, offset);
    else mmioWrite(vioapic, offset, req.mmioValue);
    return 0;
  },
  (emit, _vioapic, req) => emit(req.address, req.direction, req.mmioValue),
);

/** `vioapic_mmio_rw`, reading: other offsets than the two registers give all ones. */
function mmioRead(vioapic: Vioapic, offset: number): number {
  if (offset === IOREGSEL) return vioapic.ioregsel;
  return offset === IOWIN ? indirectRead(vioapic, vioapic.ioregsel) : 0xffffffff;
}

function mmioWrite(vioapic: Vioapic, offset: number, value: number): void {
  if (offset === IOREGSEL) vioapic.ioregsel = value & 0xff;
  else if (offset === IOWIN) indirectWrite(vioapic, vioapic.ioregsel, value);
}

/** `vioapic_indirect_read`: unknown registers read 0. */
function indirectRead(vioapic: Vioapic, register: number): number {
  if (register === IoapicReg.ID || register === IoapicReg.ARB) return (vioapic.id << 24) >>> 0;
  if (register === IoapicReg.VER) return ((VIOAPIC_PINS - 1) << 16) | VIOAPIC_VERSION;
  return vioapic.rtbl[register - IoapicReg.REDTBL] ?? 0;
}

/** `vioapic_indirect_write`. Unmasking an entry whose pin is active interrupts at once. */
function indirectWrite(vioapic: Vioapic, register: number, value: number): void {
  if (register === IoapicReg.ID) vioapic.id = (value >>> 24) & 0xf;
  const half = register - IoapicReg.REDTBL;
  if (half < 0 || half >= vioapic.rtbl.length) return;
  const pin = half >> 1;
  if ((half & 1) !== 0) vioapic.rtbl[half] = value;
  else vioapic.rtbl[half] = (vioapic.rtbl[half] & READ_ONLY) | (value & ~READ_ONLY);
  // Some systems switch an entry to edge to get rid of a Remote-IRR whose EOI was lost.
  if ((vioapic.rtbl[pin * 2] & Rte.LEVEL) === 0) vioapic.rtbl[pin * 2] &= ~Rte.REMOTE_IRR;
  const deliverable = (vioapic.rtbl[pin * 2] & (Rte.MASKED | Rte.REMOTE_IRR)) === 0;
  if (deliverable && vioapicNeedIntr(vioapic, pin)) vioapicGenerateIntr(vioapic, pin);
}
