import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import { vlapicSetIntr } from "./vlapic.ts";

/** hypervisor/arch/x86/guest/vmx_io.c. The target is always vCPU 0 of the Service VM, the trigger mode edge. */
export const archFireHsmInterrupt = station(
  S.arch_fire_hsm_interrupt,
  ({ vm: { hypervisor } }: AcrnVcpu): void =>
    vlapicSetIntr(hypervisor.serviceVm.vcpus[0], hypervisor.hsmNotificationVector, false),
  (emit, vcpu) => emit(vcpu.vm.hypervisor.hsmNotificationVector),
);
