/** What acrn-dm's command line asks for, checked and decoded. Produced by `command-line/`, used by `DeviceModel`. */

/** One `-s` option. */
export interface PciSlotConfig {
  readonly bus: number;
  readonly slot: number;
  readonly func: number;
  /** Name of the device class. */
  readonly emul: string;
  /** What the class made of that which follows its name; plain data. */
  readonly options: unknown;
}

/** One `-l` option. */
export interface LpcConfig {
  /** "com1" to "com5", as written. */
  readonly port: string;
  /** What follows the port's name: the backend. */
  readonly backend: string | undefined;
}

export interface DmConfig {
  /** Name of the User VM, 1 to 15 characters. */
  readonly name: string;
  /** Bytes of guest RAM. */
  readonly memSize: number;
  /** In the order of the command line. */
  readonly slots: readonly PciSlotConfig[];
  readonly lpc: readonly LpcConfig[];
  /** `--virtio_msi`: no MSI-X for virtio devices. */
  readonly virtioMsi: boolean;
  /** `--virtio_poll`: nanoseconds, 0 when off. */
  readonly virtioPollNs: number;
  /** `--rtvm`: the hypervisor busy-waits for completions. */
  readonly rtvm: boolean;
  /** `--cpu_affinity`: bitmap of physical CPUs, 0 when not given. */
  readonly cpuAffinity: number;
  /** `-k`, `-r`, `-B`, `-E`, `--ovmf`: what the machine's loader starts. */
  readonly kernel: string | undefined;
  readonly ramdisk: string | undefined;
  readonly bootargs: string | undefined;
}

/** acrn-dm's `exit`: thrown where the process would end. */
export class DmExit extends Error {
  readonly status: number;

  /** `message` is the last thing acrn-dm says. */
  constructor(status: number, message: string) {
    super(message);
    this.name = "DmExit";
    this.status = status;
  }
}
