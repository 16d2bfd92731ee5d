import { IDT_GP } from "../abi/vmx.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { AcrnRequest, type AcrnVcpu, VECTOR_INVALID } from "./vcpu.ts";
import { vlapicInjectIntr } from "./vlapic.ts";

/** hypervisor/arch/x86/guest/virq.c. */
export const vcpuInjectGp = station(
  S.vcpu_inject_gp,
  (vcpu: AcrnVcpu, error: number): void => vcpuQueueException(vcpu, IDT_GP, error),
  (emit, vcpu, error) => emit(vcpu.vcpuId, error),
);

/** Same file. The model queues #GP only, so no two exceptions ever merge into a double fault. */
const vcpuQueueException = station(
  S.vcpu_queue_exception,
  (vcpu: AcrnVcpu, vector: number, error: number): void => {
    vcpu.exceptionVector = vector;
    vcpu.exceptionError = error;
    vcpu.pendingReq |= 1 << AcrnRequest.EXCP;
  },
  (emit, vcpu, vector, error) => emit(vcpu.vcpuId, vector, error),
);

/** Same file. A fault: RIP stays at the instruction that exited. */
const vcpuInjectException = station(
  S.vcpu_inject_exception,
  (vcpu: AcrnVcpu): void => {
    vcpu.exceptionVector = VECTOR_INVALID;
    vcpu.cpu?.raiseGeneralProtection(vcpu.exceptionError);
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.exceptionVector, vcpu.exceptionError),
);

/** Same file. Called before each VM entry, whatever is pending; an exception goes before interrupts. Returns 0. */
export const acrnHandlePendingRequest = station(
  S.acrn_handle_pending_request,
  (vcpu: AcrnVcpu): number => {
    if (takeRequest(vcpu, AcrnRequest.EXCP)) vcpuInjectException(vcpu);
    acrnInjectPendingIntr(vcpu);
    return 0;
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.pendingReq),
);

/** Same file. */
const acrnInjectPendingIntr = station(
  S.acrn_inject_pending_intr,
  (vcpu: AcrnVcpu): void => {
    if (takeRequest(vcpu, AcrnRequest.EVENT)) vlapicInjectIntr(vcpu.vlapic);
  },
  (emit, vcpu) => emit(vcpu.vcpuId),
);

/** `bitmap_test_and_clear_lock` on `pending_req`. */
function takeRequest(vcpu: AcrnVcpu, request: number): boolean {
  const bit = 1 << request;
  if ((vcpu.pendingReq & bit) === 0) return false;
  vcpu.pendingReq &= ~bit;
  return true;
}
