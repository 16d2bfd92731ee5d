import { HYPERVISOR_CALLBACK_VECTOR, IrqlineOp } from "../abi/acrn.ts";
import { VIOAPIC_BASE } from "../abi/apic.ts";
import { EPT_READ, EPT_WRITE, ExitReason, ioQualification } from "../abi/vmx.ts";
import { PARKED } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import type { Scheduler } from "../chain/scheduler.ts";
import { type AccessSize, ExitStatus, type GuestCpu, type GuestMemory, type VmExits } from "../doors/guest.ts";
import type { Log } from "../doors/host.ts";
import type { Hypercalls, ServiceVmCpu } from "../doors/hypercall.ts";
import { declareState, part, plain, wiring } from "../inspect/state.ts";
import type { Arena } from "../util/arena.ts";
import { VcpuStuckError } from "./errors.ts";
import { abandonExit, enterGuest, handleExit, resumeExit } from "./hv-main.ts";
import { sizeMask } from "./pio-complete.ts";
import { type AcrnVcpu, voidExit } from "./vcpu.ts";
import { noticeEois } from "./veoi.ts";
import { vioapicSetIrqlineLock } from "./vioapic.ts";
import { processPostedInterrupts } from "./vlapic.ts";
import { clearVector, highestVector } from "./vlapic-state.ts";
import { AcrnVm, type VmEvent } from "./vm.ts";
import { vmexitHandler } from "./vmexit.ts";

export interface HypervisorOptions {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly serviceVmMemory: Arena;
  /** vCPUs of the User VM, 1 to 16. */
  readonly vcpus: number;
  /** Guest-physical base of the User VM's I/O APIC; default 0xFEC00000. */
  readonly ioapicBase?: number;
  /** A vCPU waits and nobody can run. True: somebody may run now, wait on; false: give up with VcpuStuckError. */
  readonly onStuck?: (vcpu: AcrnVcpu) => boolean;
  /** Called inside the hypercall: the machine acts on its guest when the exit it may be in has returned. */
  readonly onVmEvent?: (vm: AcrnVm, event: VmEvent) => void;
  /** A parked exit of this User VM's vCPU is done. */
  readonly onExitDone?: (vcpu: number) => void;
}

/** The hypervisor with its two VMs: the Service VM (vm0, one vCPU) and one post-launched User VM (vm1). */
export class Hypervisor implements VmExits, Hypercalls {
  static readonly state = declareState<Hypervisor>("hypervisor.Hypervisor", {
    chain: wiring,
    scheduler: wiring,
    log: wiring,
    serviceVmMemory: part,
    onStuck: wiring,
    onVmEvent: wiring,
    onExitDone: wiring,
    serviceVm: part,
    userVm: part,
    guestMemory: wiring,
    serviceVmCpu: wiring,
    hsmNotificationVector: plain,
    "#entries": wiring,
    "#vmcall": wiring,
    "#veoiExit": wiring,
  });
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly serviceVmMemory: Arena;
  readonly onStuck: (vcpu: AcrnVcpu) => boolean;
  readonly onVmEvent: (vm: AcrnVm, event: VmEvent) => void;
  readonly onExitDone: (vcpu: number) => void;
  readonly serviceVm: AcrnVm;
  readonly userVm: AcrnVm;
  /** RAM of the User VM, once a guest is attached. */
  guestMemory: GuestMemory | undefined;
  /** Told when an interrupt is pending on Service VM vCPU 0; set when the Service VM boots. */
  serviceVmCpu: ServiceVmCpu = { interruptPending: () => {} };
  hsmNotificationVector = HYPERVISOR_CALLBACK_VECTOR;
  readonly #entries: (() => void)[];
  readonly #vmcall: () => number;

  constructor(options: HypervisorOptions) {
    const { vcpus, ioapicBase = VIOAPIC_BASE } = options;
    if (!Number.isInteger(vcpus) || vcpus < 1 || vcpus > 16) {
      throw new RangeError(`a User VM has 1 to 16 vCPUs, ${vcpus} asked`);
    }
    this.chain = options.chain;
    this.scheduler = options.scheduler;
    this.log = options.log;
    this.serviceVmMemory = options.serviceVmMemory;
    this.onStuck = options.onStuck ?? (() => false);
    this.onVmEvent = options.onVmEvent ?? (() => {});
    this.onExitDone = options.onExitDone ?? (() => {});
    this.serviceVm = new AcrnVm({ hypervisor: this, vmId: 0, vcpus: 1, ioapicBase });
    this.serviceVm.createdVcpus = this.serviceVm.vcpus;
    this.serviceVm.state = "running";
    this.serviceVm.vcpus[0].state = "running";
    this.userVm = new AcrnVm({ hypervisor: this, vmId: 1, vcpus, ioapicBase });
    for (const vcpu of this.userVm.vcpus) vcpu.context.goOn = () => this.#goOn(vcpu);
    this.#entries = this.userVm.vcpus.map((vcpu) => () => enterGuest(vcpu));
    const svcpu = this.serviceVm.vcpus[0];
    this.#vmcall = () => {
      vmexitHandler(svcpu);
      enterGuest(svcpu);
      return svcpu.rax;
    };
  }

  /** Connects the guest side: `cpus[n]` is vCPU n. */
  attachGuest(cpus: readonly GuestCpu[], memory: GuestMemory): void {
    if (cpus.length !== this.userVm.vcpus.length) {
      throw new RangeError(`the guest has ${cpus.length} CPUs, the User VM ${this.userVm.vcpus.length} vCPUs`);
    }
    this.guestMemory = memory;
    for (const vcpu of this.userVm.vcpus) vcpu.cpu = cpus[vcpu.vcpuId];
  }

  portWrite(vcpuId: number, port: number, size: AccessSize, value: number): ExitStatus {
    const vcpu = this.#beginExit(vcpuId);
    vcpu.exitReason = ExitReason.IO_INSTRUCTION;
    vcpu.exitQualification = ioQualification(port, size, false);
    vcpu.rax = value;
    return this.#exit(vcpu);
  }

  portRead(vcpuId: number, port: number, size: AccessSize): ExitStatus {
    const vcpu = this.#beginExit(vcpuId);
    vcpu.exitReason = ExitReason.IO_INSTRUCTION;
    vcpu.exitQualification = ioQualification(port, size, true);
    vcpu.rax = 0;
    return this.#exit(vcpu);
  }

  mmioWrite(vcpuId: number, address: number, size: AccessSize, value: number): ExitStatus {
    return this.#mmio(vcpuId, address, size, EPT_WRITE, value);
  }

  mmioRead(vcpuId: number, address: number, size: AccessSize): ExitStatus {
    return this.#mmio(vcpuId, address, size, EPT_READ, 0);
  }

  #mmio(vcpuId: number, address: number, size: AccessSize, qualification: number, register: number): ExitStatus {
    const vcpu = this.#beginExit(vcpuId);
    vcpu.exitReason = ExitReason.EPT_VIOLATION;
    vcpu.exitQualification = qualification;
    vcpu.guestPhysicalAddress = address;
    vcpu.instructionSize = size;
    vcpu.instructionRegister = register;
    return this.#exit(vcpu);
  }

  valueRead(vcpuId: number): number {
    const { exitReason, instructionRegister, instructionSize, rax } = this.userVm.vcpus[vcpuId];
    return exitReason === ExitReason.EPT_VIOLATION ? (instructionRegister & sizeMask(instructionSize)) >>> 0 : rax;
  }

  /** Handles the exit the vCPU's fields describe, in its context, caused by the current one. */
  #exit(vcpu: AcrnVcpu): ExitStatus {
    const { chain } = this;
    const { context } = vcpu;
    const caller = chain.current;
    chain.setCause(context, "vmExit");
    context.calledAt = chain.handOvers;
    context.state = "running";
    chain.current = context;
    let parked = false;
    try {
      parked = handleExit(vcpu) === PARKED;
    } finally {
      chain.current = caller;
      context.parked = parked;
      if (!parked) context.state = "runnable";
    }
    return parked ? ExitStatus.PARKED : ExitStatus.DONE;
  }

  /** A vCPU whose exit is parked runs again: it has been woken, polls, or has been reset. In its context. */
  #goOn(vcpu: AcrnVcpu): void {
    const { context } = vcpu;
    context.waitingFor = "";
    context.polls = false;
    let parked = false;
    try {
      if (vcpu.isVoid) abandonExit(vcpu);
      else parked = resumeExit(vcpu) === PARKED;
    } catch (error) {
      // Its open functions are all there is of the exit: without them nothing of it goes on.
      abandonExit(vcpu);
      throw error;
    } finally {
      if (!parked) {
        context.parked = false;
        context.state = "runnable";
        this.onExitDone(vcpu.vcpuId);
      }
    }
  }

  waitsInVain(vcpuId: number): void {
    const vcpu = this.userVm.vcpus[vcpuId];
    const { context } = vcpu;
    if (vcpu.state === "zombie") {
      voidExit(vcpu);
      return;
    }
    const caller = this.chain.current;
    this.chain.current = context;
    context.state = "stuck";
    try {
      if (!this.onStuck(vcpu)) throw new VcpuStuckError(vcpu);
      context.state = "running";
      this.#goOn(vcpu);
    } finally {
      this.chain.current = caller;
    }
  }

  /** Ends of level-triggered interrupts since the last exit or entry, each an exit of its own. */
  noticeEois(vcpuId: number): void {
    this.#beginExit(vcpuId);
  }

  enter(vcpuId: number): void {
    const vcpu = this.#beginExit(vcpuId);
    if (vcpu.pendingReq !== 0) this.chain.runIn(vcpu.context, undefined, this.#entries[vcpuId]);
  }

  #beginExit(vcpuId: number): AcrnVcpu {
    const vcpu = this.userVm.vcpus[vcpuId];
    if (vcpu.vlapic.awaitingEoiCount > 0) noticeEois(vcpu, this.#veoiExit);
    return vcpu;
  }

  readonly #veoiExit = (vcpu: AcrnVcpu): void => {
    this.chain.runIn(vcpu.context, "eoi", () => vmexitHandler(vcpu));
  };

  /**
   * Drives an I/O APIC pin from a device inside the guest's engine (timer, RTC); active-high. Such a device is the engine's own
   * hardware: functions of the hypervisor do the work, but no guest and no Service VM has called them.
   */
  setEngineIrq(pin: number, level: boolean): void {
    const { vioapic, vcpus } = this.userVm;
    // v86 lowers its timer's line at each turn of its loop.
    if (vioapic.pinState[pin] === Number(level)) return;
    const [vcpu] = vcpus;
    const isFree = vcpu.pendingReq === 0;
    this.chain.unseen(() => {
      const op = level ? IrqlineOp.SET_HIGH : IrqlineOp.SET_LOW;
      this.chain.runIn(vcpu.context, undefined, () => vioapicSetIrqlineLock(this.userVm, pin, op));
      // With what others have asked for, it is delivered at the next VM entry.
      if (isFree && vcpu.pendingReq !== 0) this.enter(vcpu.vcpuId);
    });
  }

  vmcall(id: number, arg1: number, arg2: number): number {
    const vcpu = this.serviceVm.vcpus[0];
    vcpu.exitReason = ExitReason.VMCALL;
    vcpu.r8 = id;
    vcpu.rdi = arg1;
    vcpu.rsi = arg2;
    return this.chain.runIn(vcpu.context, "vmcall", this.#vmcall);
  }

  acknowledgeInterrupt(): number | undefined {
    const vcpu = this.serviceVm.vcpus[0];
    const { vlapic } = vcpu;
    vcpu.pendingReq = 0;
    if (vlapic.on) processPostedInterrupts(vlapic);
    const vector = highestVector(vlapic.irr);
    if (vector < 0) return undefined;
    clearVector(vlapic.irr, vector);
    return vector;
  }
}
