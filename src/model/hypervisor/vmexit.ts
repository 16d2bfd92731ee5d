import { ExitReason } from "../abi/vmx.ts";
import { handOn, station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { EINVAL } from "../util/errno.ts";
import type { AcrnVcpu } from "./vcpu.ts";
import { veoiVmexitHandler } from "./veoi.ts";
import { vmcallVmexitHandler } from "./vmcall.ts";
import { eptViolationVmexitHandler, pioInstrVmexitHandler } from "./vmx-io.ts";

type ExitHandler = (vcpu: AcrnVcpu) => number;

/** `dispatch_table`; an engine produces the exits named here only. */
const dispatchTable: { readonly [reason: number]: ExitHandler } = {
  [ExitReason.VMCALL]: vmcallVmexitHandler,
  [ExitReason.IO_INSTRUCTION]: pioInstrVmexitHandler,
  [ExitReason.VIRTUALIZED_EOI]: veoiVmexitHandler,
  [ExitReason.EPT_VIOLATION]: eptViolationVmexitHandler,
};

/** hypervisor/arch/x86/guest/vmexit.c. Returns the handler's status; -EINVAL for a reason outside of the table. */
export const vmexitHandler = station(
  S.vmexit_handler,
  (vcpu: AcrnVcpu): number => {
    const handler = dispatchTable[vcpu.exitReason & 0xffff];
    return handler === undefined ? -EINVAL : handler(vcpu);
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.exitReason, vcpu.exitQualification),
  handOn,
);
