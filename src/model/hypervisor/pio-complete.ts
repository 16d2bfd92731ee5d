import { IoreqDirection } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVcpu } from "./vcpu.ts";

/** All bits of an access of `size` bytes, 1 to 4. */
export const sizeMask = (size: number): number => 0xffffffff >>> (32 - 8 * size);

/** hypervisor/arch/x86/guest/vmx_io.c. A read is merged into RAX; a write needs nothing. */
export const emulatePioComplete = station(
  S.emulate_pio_complete,
  (vcpu: AcrnVcpu): void => {
    const { req } = vcpu;
    if (req.direction !== IoreqDirection.READ) return;
    const mask = sizeMask(req.size);
    vcpu.rax = ((vcpu.rax & ~mask) | (req.pioValue & mask)) >>> 0;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.direction, req.pioValue),
);
