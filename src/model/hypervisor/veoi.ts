import { ExitReason } from "../abi/vmx.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import { vioapicBroadcastEoi } from "./vioapic.ts";
import { clearVector, testVector } from "./vlapic-state.ts";

/**
 * Finds level-triggered vectors whose EOI has come since the last exit and calls `exit` for each, with the exit
 * fields set as hardware does. Hardware exits at the EOI itself (EOI-exit bitmap); the engine's local APIC, which is
 * the guest's virtual APIC page here, does not, so the EOI is noticed at the next exit or entry.
 */
export function noticeEois(vcpu: AcrnVcpu, exit: (vcpu: AcrnVcpu) => void): void {
  const { vlapic } = vcpu;
  const { awaitingEoi } = vlapic;
  for (let word = 0; word < awaitingEoi.length; word++) {
    for (let bits = awaitingEoi[word]; bits !== 0; bits &= bits - 1) {
      const vector = word * 32 + 31 - Math.clz32(bits & -bits);
      if (vcpu.cpu?.isVectorActive(vector) === true) continue;
      clearVector(awaitingEoi, vector);
      vlapic.awaitingEoiCount--;
      vcpu.exitReason = ExitReason.VIRTUALIZED_EOI;
      vcpu.exitQualification = vector;
      exit(vcpu);
    }
  }
}

/** hypervisor/arch/x86/guest/vlapic.c. Exit at the EOI of a vector whose TMR bit is set: the I/O APICs are told. Never fails. */
export const veoiVmexitHandler = station(
  S.veoi_vmexit_handler,
  (vcpu: AcrnVcpu): number => {
    const vector = vcpu.exitQualification & 0xff;
    if (testVector(vcpu.vlapic.tmr, vector)) vioapicBroadcastEoi(vcpu.vm, vector);
    return 0;
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.exitQualification & 0xff),
);
