import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { hcallInjectMsi } from "./hypercall.ts";
import type { AcrnVm } from "./vm-state.ts";

/** drivers/virt/acrn/vm.c. Returns what the hypercall returns: 0, or -1 when the address is no MSI address. */
export const acrnMsiInject = station(
  S.acrn_msi_inject,
  (vm: AcrnVm, address: number, data: number): number => {
    const status = hcallInjectMsi(vm, address, data);
    if (status < 0) vm.kernel.log(1, "hsm", `Failed to inject MSI to VM ${vm.vmid}!`);
    return status;
  },
  (emit, vm, address, data) => emit(vm.vmid, address, data),
);
