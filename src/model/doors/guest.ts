/**
 * The door between guest and hypervisor: VM exits one way, injected vectors the other, and the guest's memory.
 * Implemented on the guest side by an engine (v86 with real Linux) or a scripted driver.
 */

export type AccessSize = 1 | 2 | 4;

/** Guest-physical memory. RAM is contiguous from 0. */
export interface GuestMemory {
  /** Bytes of RAM. */
  readonly size: number;
  /** All of RAM. Fetch anew for each use: an engine may replace the buffer when its memory grows. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** What the hypervisor may do to a virtual CPU: the hardware's half of VM entry. */
export interface GuestCpu {
  /** Requests `vector` in the CPU's virtual APIC page (IRR, and TMR when level-triggered). */
  requestVector(vector: number, levelTriggered: boolean): void;
  /** The vector is requested or in service: the guest has not sent its EOI yet. */
  isVectorActive(vector: number): boolean;
  /**
   * A register of the virtual APIC page by its offset (0xA0 PPR, 0xD0 LDR, 0xE0 DFR, 0xF0 SVR), unsigned. Without
   * it, the hypervisor takes what Linux's flat APIC driver programs.
   */
  readApic?(offset: number): number | undefined;
  /** Raises #GP with this error code at the instruction that exited. */
  raiseGeneralProtection(errorCode: number): void;
}

/** What a virtual CPU tells the hypervisor. Values are unsigned; `size` in bytes. */
export interface VmExits {
  portWrite(vcpu: number, port: number, size: AccessSize, value: number): void;
  portRead(vcpu: number, port: number, size: AccessSize): number;
  mmioWrite(vcpu: number, address: number, size: AccessSize, value: number): void;
  mmioRead(vcpu: number, address: number, size: AccessSize): number;
  /** The hypervisor's half of VM entry: delivers what became pending since the last one. */
  enter(vcpu: number): void;
}
