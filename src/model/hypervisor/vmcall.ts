import { Hypercall, hypercallName } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { ENOTTY } from "../util/errno.ts";
import {
  hcallAsyncioAssign,
  hcallAsyncioDeassign,
  hcallCreateVm,
  hcallDestroyVm,
  hcallInjectMsi,
  hcallNotifyIoreqFinish,
  hcallPauseVm,
  hcallResetVm,
  hcallSetCallbackVector,
  hcallSetIoreqBuffer,
  hcallSetIrqline,
  hcallSetupSbuf,
  hcallStartVm,
} from "./hypercall.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import type { AcrnVm } from "./vm.ts";

type HypercallHandler = (target: AcrnVm, param1: number, param2: number) => number;

/** `HC_IDX`: only the low byte of an id selects the handler. */
const index = (id: number): number => id & 0xff;

/** `hc_dispatch_table`, as far as the model has handlers. */
const dispatchTable: { readonly [index: number]: HypercallHandler } = {
  [index(Hypercall.HC_SET_CALLBACK_VECTOR)]: hcallSetCallbackVector,
  [index(Hypercall.HC_CREATE_VM)]: hcallCreateVm,
  [index(Hypercall.HC_DESTROY_VM)]: hcallDestroyVm,
  [index(Hypercall.HC_START_VM)]: hcallStartVm,
  [index(Hypercall.HC_PAUSE_VM)]: hcallPauseVm,
  [index(Hypercall.HC_RESET_VM)]: hcallResetVm,
  [index(Hypercall.HC_SET_IOREQ_BUFFER)]: hcallSetIoreqBuffer,
  [index(Hypercall.HC_NOTIFY_REQUEST_FINISH)]: hcallNotifyIoreqFinish,
  [index(Hypercall.HC_INJECT_MSI)]: hcallInjectMsi,
  [index(Hypercall.HC_SET_IRQLINE)]: hcallSetIrqline,
  [index(Hypercall.HC_SETUP_SBUF)]: hcallSetupSbuf,
  [index(Hypercall.HC_ASYNCIO_ASSIGN)]: hcallAsyncioAssign,
  [index(Hypercall.HC_ASYNCIO_DEASSIGN)]: hcallAsyncioDeassign,
};

/**
 * hypervisor/arch/x86/guest/vmcall.c. Always returns 0: the outcome of the hypercall goes to RAX, a failure to the
 * log. Only the Service VM's kernel makes hypercalls here, so the checks for #UD and #GP have nothing to refuse.
 */
export const vmcallVmexitHandler = station(
  S.vmcall_vmexit_handler,
  (vcpu: AcrnVcpu): number => {
    const status = dispatchHypercall(vcpu);
    vcpu.rax = status;
    if (status < 0) {
      const call = hypercallName(vcpu.r8);
      vcpu.vm.hypervisor.log(1, "hypervisor", `ret=${status} hypercall=${call} failed in vmcall_vmexit_handler`);
    }
    return 0;
  },
  (emit, vcpu) => emit(vcpu.r8),
);

/** Same file. -ENOTTY for an id without a handler and for a VM that does not exist. */
const dispatchHypercall = station(
  S.dispatch_hypercall,
  (vcpu: AcrnVcpu): number => {
    const handler = dispatchTable[index(vcpu.r8)];
    const target = parseTargetVm(vcpu);
    return handler === undefined || target === undefined ? -ENOTTY : handler(target, vcpu.rdi, vcpu.rsi);
  },
  (emit, vcpu) => emit(vcpu.r8, vcpu.rdi, vcpu.rsi),
);

/**
 * `parse_target_vm`: most hypercalls name the VM by its id relative to the Service VM. CREATE_VM takes a free VM,
 * of which this machine has one; SET_CALLBACK_VECTOR is about the Service VM itself.
 */
function parseTargetVm(vcpu: AcrnVcpu): AcrnVm | undefined {
  const { hypervisor } = vcpu.vm;
  if (vcpu.r8 === Hypercall.HC_SET_CALLBACK_VECTOR) return hypervisor.serviceVm;
  if (vcpu.r8 === Hypercall.HC_CREATE_VM) return hypervisor.userVm;
  return [hypervisor.serviceVm, hypervisor.userVm][vcpu.vm.vmId + (vcpu.rdi & 0xffff)];
}
