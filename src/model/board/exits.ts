import type { Chain } from "../chain/chain.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import { kickedQueue } from "../device-model/hw/pci/virtio/kick.ts";
import type { Kick } from "../device-model/hw/pci/virtio/virtqueue.ts";
import type { AccessSize, GuestCpu, VmExits } from "../doors/guest.ts";
import { declareState, part, wiring } from "../inspect/state.ts";

/** Told of each kick: before anything of its exit happens, and when the guest is about to go on. */
export interface KickWatch {
  begin(vcpu: number, slot: number, queue: number): void;
  end(vcpu: number, slot: number, queue: number): void;
}

/** What the door needs of the board it is part of. */
export interface ExitBoard {
  readonly chain: Chain;
  readonly hypervisor: VmExits;
  readonly cpus: readonly GuestCpu[];
  readonly devices: readonly PciVdev[];
}

/**
 * Where exits enter the board: they are counted, those that kick a virtqueue are told of, and while hops are recorded the
 * guest's own frames stand below them. The engine knows nothing of kicks, the hypervisor behind the door neither.
 */
export class ExitDoor implements VmExits {
  static readonly state = declareState<ExitDoor>("board.ExitDoor", {
    counts: part,
    "#board": wiring,
    "#kicks": wiring,
  });
  /** VM exits by kind since the board was made. */
  readonly counts = { portRead: 0, portWrite: 0, mmioRead: 0, mmioWrite: 0 };
  readonly #board: ExitBoard;
  readonly #kicks: KickWatch | undefined;

  constructor(board: ExitBoard, kicks: KickWatch | undefined) {
    this.#board = board;
    this.#kicks = kicks;
  }

  portWrite(vcpu: number, port: number, size: AccessSize, value: number): void {
    this.counts.portWrite++;
    const kick = this.#kickOf("IO", port, size, value);
    if (kick !== undefined) this.#kicks?.begin(vcpu, kick.slot, kick.queue);
    this.#open(vcpu);
    this.#board.hypervisor.portWrite(vcpu, port, size, value);
    this.#close(vcpu);
    if (kick !== undefined) this.#kicks?.end(vcpu, kick.slot, kick.queue);
  }

  portRead(vcpu: number, port: number, size: AccessSize): number {
    this.counts.portRead++;
    this.#open(vcpu);
    const value = this.#board.hypervisor.portRead(vcpu, port, size);
    this.#close(vcpu);
    return value;
  }

  mmioWrite(vcpu: number, address: number, size: AccessSize, value: number): void {
    this.counts.mmioWrite++;
    const kick = this.#kickOf("MEM", address, size, value);
    if (kick !== undefined) this.#kicks?.begin(vcpu, kick.slot, kick.queue);
    this.#open(vcpu);
    this.#board.hypervisor.mmioWrite(vcpu, address, size, value);
    this.#close(vcpu);
    if (kick !== undefined) this.#kicks?.end(vcpu, kick.slot, kick.queue);
  }

  mmioRead(vcpu: number, address: number, size: AccessSize): number {
    this.counts.mmioRead++;
    this.#open(vcpu);
    const value = this.#board.hypervisor.mmioRead(vcpu, address, size);
    this.#close(vcpu);
    return value;
  }

  enter(vcpu: number): void {
    this.#board.hypervisor.enter(vcpu);
  }

  setEngineIrq(pin: number, level: boolean): void {
    this.#board.hypervisor.setEngineIrq(pin, level);
  }

  #kickOf(space: "IO" | "MEM", address: number, size: number, value: number): Kick | undefined {
    return this.#kicks === undefined ? undefined : kickedQueue(this.#board.devices, space, address, size, value);
  }

  #open(vcpu: number): void {
    const { chain, cpus } = this.#board;
    if (!chain.recording) return;
    // Reading the guest's stack takes longer than the exit.
    chain.clock.stop();
    cpus[vcpu].openFrames?.();
    chain.clock.resume();
  }

  #close(vcpu: number): void {
    this.#board.cpus[vcpu].closeFrames?.();
  }
}
