import { GUEST_FLAG_IO_COMPLETION_POLLING } from "../abi/acrn.ts";
import type { Chain } from "../chain/chain.ts";
import { declareState, part, plain, record, shown, wiring } from "../inspect/state.ts";
import type { AsyncioDesc } from "./asyncio.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { type MmioHandler, mmioHandlers, type PioHandler, pioHandlers } from "./io-handlers.ts";
import { resetVmIoreqs } from "./ioreq-slot.ts";
import { AcrnVcpu, resetVcpu } from "./vcpu.ts";
import { Vioapic } from "./vioapic.ts";

export type VmState = "powered off" | "created" | "running" | "paused";

/** What `vm->sw` has of the chain. Addresses are in the Service VM's memory. */
export interface VmSwInfo {
  ioSharedPage: number | undefined;
  isPollingIoreq: boolean;
  asyncioSbuf: number | undefined;
}

export interface VmOptions {
  readonly hypervisor: Hypervisor;
  readonly vmId: number;
  readonly vcpus: number;
  readonly ioapicBase: number;
}

/** `struct acrn_vm`: the Service VM (id 0) or the post-launched User VM. */
export class AcrnVm {
  static readonly state = declareState<AcrnVm>(
    "hypervisor.AcrnVm",
    {
      hypervisor: wiring,
      chain: wiring,
      vmId: shown(wiring),
      isServiceVm: wiring,
      vcpus: part,
      cpuAffinity: wiring,
      createdVcpus: plain,
      state: shown(plain),
      name: shown(plain),
      guestFlags: shown(plain, undefined, { hex: true }),
      sw: record<VmSwInfo>({
        ioSharedPage: shown(plain, "ioreq page, in the Service VM's memory", { hex: true, memory: "service" }),
        isPollingIoreq: shown(plain, "completion polling instead of an event"),
        asyncioSbuf: plain,
      }),
      vpci: record<AcrnVm["vpci"]>({
        addr: shown(plain, "the hypervisor's latch of port 0xCF8", { name: "vpci_addr", hex: true }),
      }),
      emulPio: wiring,
      emulMmio: wiring,
      vioapic: part,
      aiodescQueue: plain,
    },
    { type: "struct acrn_vm" },
  );
  readonly hypervisor: Hypervisor;
  readonly chain: Chain;
  readonly vmId: number;
  readonly isServiceVm: boolean;
  readonly vcpus: readonly AcrnVcpu[];
  /** Bitmap of the pCPUs the VM's configuration lets it use (`vm_config->cpu_affinity`). */
  cpuAffinity: number;
  /** vCPUs that exist since the VM was created: one for each pCPU of its affinity, but no more than the guest's engine has. */
  createdVcpus: readonly AcrnVcpu[] = [];
  state: VmState = "powered off";
  name = "";
  guestFlags = 0;
  readonly sw: VmSwInfo = { ioSharedPage: undefined, isPollingIoreq: false, asyncioSbuf: undefined };
  readonly emulPio: readonly PioHandler[];
  readonly emulMmio: readonly MmioHandler[];
  readonly vioapic: Vioapic;
  /** The hypervisor's own latch of port 0xCF8. */
  readonly vpci = { addr: 0 };
  /** Registered asyncio addresses, the latest first (`aiodesc_queue`). */
  readonly aiodescQueue: AsyncioDesc[] = [];

  constructor(options: VmOptions) {
    this.hypervisor = options.hypervisor;
    this.chain = options.hypervisor.chain;
    this.vmId = options.vmId;
    this.isServiceVm = options.vmId === 0;
    this.cpuAffinity = 2 ** options.vcpus - 1;
    const kind = this.isServiceVm ? "hv.svcpu" : "hv.uvcpu";
    this.vcpus = Array.from({ length: options.vcpus }, (_, id) => {
      const context = this.chain.addContext({ name: `vm${this.vmId}:vcpu${id}`, kind });
      return new AcrnVcpu(this, id, context);
    });
    this.vioapic = new Vioapic(this, options.ioapicBase);
    this.emulPio = pioHandlers();
    this.emulMmio = mmioHandlers(this);
  }
}

/** The numbers of the bits that are set, from the lowest on. */
const bitsOf = (bits: number): number[] => [...Array(32).keys()].filter((bit) => ((bits >>> bit) & 1) === 1);

/** `create_vm` (hypervisor/arch/x86/guest/vm.c). `affinity` is a non-empty subset of `vm.cpuAffinity`; its pCPUs get vCPUs 0, 1, … */
export function createVm(vm: AcrnVm, affinity: number): void {
  vm.sw.ioSharedPage = undefined;
  vm.sw.asyncioSbuf = undefined;
  // Set here and cleared nowhere, as there.
  if ((vm.guestFlags & GUEST_FLAG_IO_COMPLETION_POLLING) !== 0) vm.sw.isPollingIoreq = true;
  vm.vpci.addr = 0;
  vm.vioapic.reset();
  const pcpus = bitsOf(affinity);
  vm.createdVcpus = vm.vcpus.slice(0, pcpus.length);
  for (const vcpu of vm.createdVcpus) {
    vcpu.pcpuId = pcpus[vcpu.vcpuId];
    resetVcpu(vcpu);
  }
  changeState(vm, "created", "create");
}

/** `start_vm`: the BSP runs; it starts the other vCPUs itself. */
export function startVm(vm: AcrnVm): void {
  for (const vcpu of vm.createdVcpus) {
    vcpu.state = "running";
    vcpu.context.state = "runnable";
  }
  changeState(vm, "running", "start");
}

/** `pause_vm`: the vCPUs become zombies; a request in progress still completes, but its vCPU does not go on. */
export function pauseVm(vm: AcrnVm): void {
  if (vm.state !== "running" && vm.state !== "created") return;
  for (const vcpu of vm.createdVcpus) vcpu.state = "zombie";
  changeState(vm, "paused", "pause");
}

/** `reset_vm`: vCPUs, ioreq slots and the I/O APIC as after creation; what a vCPU waited for is forgotten. */
export function resetVm(vm: AcrnVm): void {
  for (const vcpu of vm.createdVcpus) resetVcpu(vcpu);
  resetVmIoreqs(vm);
  vm.vioapic.reset();
  changeState(vm, "created", "reset");
}

/** `shutdown_vm`, of a paused VM. */
export function shutdownVm(vm: AcrnVm): void {
  for (const vcpu of vm.createdVcpus) {
    resetVcpu(vcpu);
    vcpu.state = "offline";
  }
  vm.sw.ioSharedPage = undefined;
  vm.sw.asyncioSbuf = undefined;
  vm.aiodescQueue.length = 0;
  vm.guestFlags = 0;
  changeState(vm, "powered off", "shutdown");
}

function changeState(vm: AcrnVm, state: VmState, event: VmEvent): void {
  vm.state = state;
  vm.hypervisor.onVmEvent(vm, event);
}

/** What happened to a VM, for the machine that runs its guest. */
export type VmEvent = "create" | "start" | "pause" | "reset" | "shutdown";
