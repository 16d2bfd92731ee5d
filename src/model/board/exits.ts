import type { Chain } from "../chain/chain.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import { kickedQueue } from "../device-model/hw/pci/virtio/kick.ts";
import type { Kick } from "../device-model/hw/pci/virtio/virtqueue.ts";
import { type AccessSize, ExitStatus, type GuestCpu, type VmExits } from "../doors/guest.ts";
import { declareState, derived, hidden, part, plain, wiring } from "../inspect/state.ts";

/**
 * Told of each kick: before anything of its exit happens, and when the guest is about to go on. Each begin has its end, also
 * where an error or a board that is put back cuts the kick off; one that goes on in a board put back begins there.
 */
export interface KickWatch {
  begin(vcpu: number, slot: number, queue: number): void;
  end(vcpu: number, slot: number, queue: number): void;
}

/** What the door needs of the board it is part of. */
export interface ExitBoard {
  readonly chain: Chain;
  readonly hypervisor: VmExits & {
    /** What has ended since the last exit has nothing to do with this one. */
    noticeEois(vcpu: number): void;
  };
  readonly cpus: readonly GuestCpu[];
  readonly devices: readonly PciVdev[];
}

/**
 * Where exits enter the board: they are counted, those that kick a virtqueue are told of, and while hops are recorded the
 * guest's own frames stand below them. The engine knows nothing of kicks, the hypervisor behind the door neither.
 */
export class ExitDoor implements VmExits {
  static readonly state = declareState<ExitDoor>(
    "board.ExitDoor",
    {
      counts: part,
      "#board": wiring,
      // Who is told of kicks is no part of the board.
      "#kicks": wiring,
      "#kicked": hidden(
        plain,
        (door: ExitDoor) => door.#kicked,
        (door, kicked) => (door.#kicked = kicked),
      ),
      "#told": derived,
    },
    { restored: (door) => door.#tellAgain() },
  );
  /** VM exits by kind since the board was made. */
  readonly counts = { portRead: 0, portWrite: 0, mmioRead: 0, mmioWrite: 0 };
  readonly #board: ExitBoard;
  readonly #kicks: KickWatch | undefined;
  /** By vCPU: the kick that its exit is. */
  #kicked: (Kick | undefined)[] = [];
  /** The same, as far as its watch has been told. */
  readonly #told: (Kick | undefined)[] = [];

  constructor(board: ExitBoard, kicks: KickWatch | undefined) {
    this.#board = board;
    this.#kicks = kicks;
  }

  portWrite(vcpu: number, port: number, size: AccessSize, value: number): ExitStatus {
    this.counts.portWrite++;
    this.#board.hypervisor.noticeEois(vcpu);
    let status: ExitStatus = ExitStatus.DONE;
    try {
      this.#begin(vcpu, this.#kickOf("IO", port, size, value));
      status = this.#board.hypervisor.portWrite(vcpu, port, size, value);
    } finally {
      if (status === ExitStatus.DONE) this.#end(vcpu);
    }
    return status;
  }

  portRead(vcpu: number, port: number, size: AccessSize): ExitStatus {
    this.counts.portRead++;
    this.#board.hypervisor.noticeEois(vcpu);
    let status: ExitStatus = ExitStatus.DONE;
    try {
      this.#begin(vcpu, undefined);
      status = this.#board.hypervisor.portRead(vcpu, port, size);
    } finally {
      if (status === ExitStatus.DONE) this.#end(vcpu);
    }
    return status;
  }

  mmioWrite(vcpu: number, address: number, size: AccessSize, value: number): ExitStatus {
    this.counts.mmioWrite++;
    this.#board.hypervisor.noticeEois(vcpu);
    let status: ExitStatus = ExitStatus.DONE;
    try {
      this.#begin(vcpu, this.#kickOf("MEM", address, size, value));
      status = this.#board.hypervisor.mmioWrite(vcpu, address, size, value);
    } finally {
      if (status === ExitStatus.DONE) this.#end(vcpu);
    }
    return status;
  }

  mmioRead(vcpu: number, address: number, size: AccessSize): ExitStatus {
    this.counts.mmioRead++;
    this.#board.hypervisor.noticeEois(vcpu);
    let status: ExitStatus = ExitStatus.DONE;
    try {
      this.#begin(vcpu, undefined);
      status = this.#board.hypervisor.mmioRead(vcpu, address, size);
    } finally {
      if (status === ExitStatus.DONE) this.#end(vcpu);
    }
    return status;
  }

  valueRead(vcpu: number): number {
    return this.#board.hypervisor.valueRead(vcpu);
  }

  waitsInVain(vcpu: number): void {
    this.#board.hypervisor.waitsInVain(vcpu);
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

  #begin(vcpu: number, kick: Kick | undefined): void {
    if (kick !== undefined) {
      this.#kicked[vcpu] = kick;
      this.#told[vcpu] = kick;
      this.#kicks?.begin(vcpu, kick.slot, kick.queue);
    }
    const { chain, cpus } = this.#board;
    if (!chain.recording) return;
    // Reading the guest's stack takes longer than the exit.
    chain.clock.stop();
    cpus[vcpu].openFrames?.();
    chain.clock.resume();
  }

  #end(vcpu: number): void {
    this.#board.cpus[vcpu].closeFrames?.();
    const kick = this.#kicked[vcpu];
    if (kick === undefined) return;
    this.#kicked[vcpu] = undefined;
    this.#told[vcpu] = undefined;
    this.#kicks?.end(vcpu, kick.slot, kick.queue);
  }

  /** The board has been put back: kicks that were under way are no more, and others are. */
  #tellAgain(): void {
    const told = this.#told.splice(0);
    told.forEach((kick, vcpu) => {
      if (kick !== undefined) this.#kicks?.end(vcpu, kick.slot, kick.queue);
    });
    this.#kicked.forEach((kick, vcpu) => {
      if (kick === undefined) return;
      this.#told[vcpu] = kick;
      this.#kicks?.begin(vcpu, kick.slot, kick.queue);
    });
  }

  /** A parked exit is done: the hypervisor tells. */
  exitDone(vcpu: number): void {
    this.#end(vcpu);
    this.#board.cpus[vcpu].exitDone();
  }
}
