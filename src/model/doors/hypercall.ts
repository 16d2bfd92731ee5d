/**
 * The door between hypervisor and Service VM: VMCALL one way, virtual interrupts the other. Both see the Service
 * VM's memory, where the ioreq page, the hypercalls' argument structs and the asyncio ring live as real bytes.
 */

/** Implemented by the hypervisor. */
export interface Hypercalls {
  /**
   * VMCALL with R8 = id, RDI, RSI = arguments; returns RAX as a signed number.
   * It is an exit of Service VM vCPU 0 and runs in that context.
   */
  vmcall(id: number, arg1: number, arg2: number): number;
  /** Takes the highest pending vector of Service VM vCPU 0 (posted interrupts synced first), or undefined. */
  acknowledgeInterrupt(): number | undefined;
}

/** Implemented by the Service VM: its vCPU 0 has an interrupt pending. */
export interface ServiceVmCpu {
  interruptPending(): void;
}
