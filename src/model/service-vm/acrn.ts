import { HYPERVISOR_CALLBACK_VECTOR } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import type { ServiceVm } from "./service-vm.ts";

/** arch/x86/kernel/cpu/acrn.c. True when the hypervisor's signature is there, which in this machine it always is. */
export const acrnDetect = station(S.acrn_detect, (_kernel: ServiceVm): boolean => true);

/** Same file. */
export const acrnInitPlatform = station(S.acrn_init_platform, (kernel: ServiceVm): void => {
  kernel.idt.set(HYPERVISOR_CALLBACK_VECTOR, sysvecAcrnHvCallback);
});

/**
 * Same file. The APIC has been acknowledged first: until then lower vectors would wait. Counted in the line HYP of
 * /proc/interrupts.
 */
export const sysvecAcrnHvCallback = station(
  S.sysvec_acrn_hv_callback,
  (kernel: ServiceVm): void => {
    kernel.irqHvCallbackCount++;
    kernel.acrnIntrHandler?.(kernel);
  },
  (emit, kernel) => emit(kernel.irqHvCallbackCount + 1),
);

/** Same file. */
export const acrnSetupIntrHandler = station(
  S.acrn_setup_intr_handler,
  (kernel: ServiceVm, handler: (kernel: ServiceVm) => void): void => {
    kernel.acrnIntrHandler = handler;
  },
);

/** Same file. */
export const acrnRemoveIntrHandler = station(S.acrn_remove_intr_handler, (kernel: ServiceVm): void => {
  kernel.acrnIntrHandler = undefined;
});
