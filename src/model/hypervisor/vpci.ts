import { IoreqDirection } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { ENODEV } from "../util/errno.ts";
import type { AcrnVcpu } from "./vcpu.ts";

export const PCI_CONFIG_ADDR = 0xcf8;
export const PCI_CONFIG_DATA = 0xcfc;
/** ECAM of a User VM (USER_VM_VIRT_PCI_MMCFG_BASE), 256 buses of 1 MiB. */
export const USER_VM_VIRT_PCI_MMCFG_BASE = 0xe0000000;
export const USER_VM_VIRT_PCI_MMCFG_SIZE = 0x10000000;

const ENABLE = 0x80000000;
const RESERVED = 0x7f000003;

/**
 * Result of `vpci_read_cfg` and `vpci_write_cfg` for a post-launched VM: the hypervisor owns passthrough devices
 * only, and this machine has none, so each function is acrn-dm's.
 */
const NOT_OWNED = -ENODEV;

const isValidAccess = (offset: number, bytes: number): boolean =>
  (bytes === 1 || bytes === 2 || bytes === 4) && (offset & (bytes - 1)) === 0;

/** hypervisor/dm/vpci/vpci.c. Answered here always; other widths than 4 read all ones. */
export const vpciPioCfgaddrRead = station(
  S.vpci_pio_cfgaddr_read,
  (vcpu: AcrnVcpu, port: number, bytes: number): boolean => {
    vcpu.req.pioValue = port === PCI_CONFIG_ADDR && bytes === 4 ? vcpu.vm.vpci.addr : 0xffffffff;
    return true;
  },
  (emit, vcpu, port, bytes) => emit(vcpu.vcpuId, port, bytes),
);

/** Same file. False: forwarded, since the addressed device is not the hypervisor's. Other widths end here. */
export const vpciPioCfgaddrWrite = station(
  S.vpci_pio_cfgaddr_write,
  (vcpu: AcrnVcpu, port: number, bytes: number, value: number): boolean => {
    if (port !== PCI_CONFIG_ADDR || bytes !== 4) return true;
    vcpu.vm.vpci.addr = (value & ~RESERVED) >>> 0;
    return false;
  },
  (emit, vcpu, port, bytes, value) => emit(vcpu.vcpuId, port, bytes, value),
);

/** Same file. The latch is cleared by the access: a second one without a new address never leaves the hypervisor. */
export const vpciPioCfgdataRead = station(
  S.vpci_pio_cfgdata_read,
  (vcpu: AcrnVcpu, port: number, bytes: number): boolean => {
    const status = takeLatchedAccess(vcpu, port, bytes);
    vcpu.req.pioValue = 0xffffffff;
    return status === 0;
  },
  (emit, vcpu, port, bytes) => emit(vcpu.vcpuId, port, bytes, vcpu.vm.vpci.addr),
);

/** Same file. */
export const vpciPioCfgdataWrite = station(
  S.vpci_pio_cfgdata_write,
  (vcpu: AcrnVcpu, port: number, bytes: number, _value: number): boolean => takeLatchedAccess(vcpu, port, bytes) === 0,
  (emit, vcpu, port, bytes, value) => emit(vcpu.vcpuId, port, bytes, vcpu.vm.vpci.addr, value),
);

/** Clears the latch; 0 when the access ends here because nothing was enabled or it is misaligned. */
function takeLatchedAccess(vcpu: AcrnVcpu, port: number, bytes: number): number {
  const { vpci } = vcpu.vm;
  const address = vpci.addr;
  vpci.addr = 0;
  if ((address & ENABLE) === 0) return 0;
  return isValidAccess((address & 0xff) + (port - PCI_CONFIG_DATA), bytes) ? NOT_OWNED : 0;
}

/** Same file. ECAM; a misaligned access ends here, reading all ones. */
export const vpciMmioCfgAccess = station(
  S.vpci_mmio_cfg_access,
  (vcpu: AcrnVcpu): number => {
    const { req } = vcpu;
    const status = isValidAccess(req.address & 0xfff, req.size) ? NOT_OWNED : 0;
    if (req.direction === IoreqDirection.READ) req.mmioValue = 0xffffffff;
    return status;
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.req.address),
);
