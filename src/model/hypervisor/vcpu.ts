import { exitReasonNames } from "../abi/vmx.ts";
import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import type { GuestCpu } from "../doors/guest.ts";
import { declareState, part, plain, shown, wiring } from "../inspect/state.ts";
import { resetEvent, SchedEvent } from "./event.ts";
import { IoRequest } from "./io-request.ts";
import { Vlapic } from "./vlapic-state.ts";
import type { AcrnVm } from "./vm.ts";

export type VcpuState = "offline" | "init" | "running" | "zombie";

/** Bits of `arch.pending_req` (hypervisor/include/arch/x86/asm/guest/vcpu.h). */
export const AcrnRequest = { EXCP: 0, EVENT: 1 } as const;
const EVENTS = 4;

/** `exception_info.exception` when nothing is queued. */
export const VECTOR_INVALID = 0xffffffff;

/** `struct acrn_vcpu`: a virtual CPU and the thread of the hypervisor that runs it. */
export class AcrnVcpu {
  static readonly state = declareState<AcrnVcpu>(
    "hypervisor.AcrnVcpu",
    {
      vm: wiring,
      vcpuId: wiring,
      pcpuId: shown(plain, "the physical CPU it runs on", { name: "pcpu_id" }),
      chain: wiring,
      context: wiring,
      state: shown(plain),
      req: shown(part),
      exitReason: shown(plain, "basic exit reason (SDM Vol. 3, Appendix C)", { names: { names: exitReasonNames } }),
      exitQualification: shown(plain, "SDM Vol. 3, 28.2.1", { hex: true }),
      guestPhysicalAddress: shown(plain, "of an EPT violation", { hex: true }),
      rax: shown(plain, "general register at the exit; what a port read gives", { hex: true, bits: 32 }),
      rdi: plain,
      rsi: plain,
      r8: plain,
      instructionSize: plain,
      instructionRegister: plain,
      pendingReq: shown(plain, "requested before the next VM entry", {
        names: { bits: true, names: { [1 << AcrnRequest.EXCP]: "EXCP", [1 << AcrnRequest.EVENT]: "EVENT" } },
      }),
      exceptionVector: plain,
      exceptionError: plain,
      events: shown(part),
      vlapic: shown(part),
      cpu: wiring,
      isVoid: plain,
      isAsyncio: plain,
    },
    { type: "struct acrn_vcpu" },
  );
  readonly vm: AcrnVm;
  readonly vcpuId: number;
  /** Given by create_vm. */
  pcpuId = 0;
  readonly chain: Chain;
  readonly context: Context;
  state: VcpuState = "offline";
  /** The I/O request in progress, private to the hypervisor. */
  readonly req = new IoRequest();
  readonly events: readonly SchedEvent[];
  readonly vlapic: Vlapic;
  /** Bitmap of {@link AcrnRequest}. */
  pendingReq = 0;
  exceptionVector = VECTOR_INVALID;
  exceptionError = 0;

  /** What the VMCS and the general registers hold at the exit being handled. */
  exitReason = 0;
  exitQualification = 0;
  guestPhysicalAddress = 0;
  rax = 0;
  rdi = 0;
  rsi = 0;
  r8 = 0;
  /** Operand of the MMIO instruction: bytes of the access, and the register read or written. */
  instructionSize = 0;
  instructionRegister = 0;

  /** The CPU the engine executes; undefined for the Service VM and until a guest is attached. */
  cpu: GuestCpu | undefined;
  /** The exit that is parked is void: the vCPU has been reset or stopped since. */
  isVoid = false;
  /** The request in progress goes into the asyncio ring, and nobody completes it. */
  isAsyncio = false;

  constructor(vm: AcrnVm, vcpuId: number, context: Context) {
    this.vm = vm;
    this.vcpuId = vcpuId;
    this.chain = vm.chain;
    this.context = context;
    this.events = Array.from({ length: EVENTS }, (_, index) => new SchedEvent(this, index));
    this.vlapic = new Vlapic(this);
    context.push(S.vcpu_thread, this, undefined, undefined, undefined);
  }
}

/** `reset_vcpu` (hypervisor/arch/x86/guest/vcpu.c): power-on state; whatever its thread waited for is forgotten. */
export function resetVcpu(vcpu: AcrnVcpu): void {
  if (vcpu.context.parked) voidExit(vcpu);
  vcpu.state = "init";
  vcpu.pendingReq = 0;
  vcpu.exceptionVector = VECTOR_INVALID;
  for (const event of vcpu.events) resetEvent(event);
  vcpu.vlapic.reset();
}

/** What is parked will not take place; the vCPU says so when it runs next. */
export function voidExit(vcpu: AcrnVcpu): void {
  vcpu.isVoid = true;
  vcpu.context.state = "runnable";
}

/**
 * hypervisor/arch/x86/guest/vcpu.c. The VM entry: RIP advances past the instruction that was emulated and the CPU
 * goes on in the guest; here it is left at once and the engine goes on.
 */
export const runVcpu = station(
  S.run_vcpu,
  (vcpu: AcrnVcpu): number => {
    vcpu.state = "running";
    return 0;
  },
  (emit, vcpu) => emit(vcpu.vcpuId),
);
