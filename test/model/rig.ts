import {
  acrnIoeventfd,
  acrnIoRequest,
  acrnIoreqNotify,
  acrnMsiEntry,
  acrnVmCreation,
  Ioctl,
  IoreqState,
} from "../../src/model/abi/acrn.ts";
import { Board, type BoardOptions } from "../../src/model/board/board.ts";
import type { Chain } from "../../src/model/chain/chain.ts";
import type { Hop } from "../../src/model/chain/recorder.ts";
import type { Scheduler } from "../../src/model/chain/scheduler.ts";
import type { HsmFile } from "../../src/model/doors/kernel.ts";
import { ScriptedGuest } from "../../src/model/guest/scripted/guest.ts";
import type { Hypervisor } from "../../src/model/hypervisor/hypervisor.ts";
import type { ServiceVm } from "../../src/model/service-vm/service-vm.ts";
import type { Arena } from "../../src/model/util/arena.ts";
import { writeU64 } from "../../src/model/util/u64.ts";

export interface RigOptions extends Omit<BoardOptions, "clock" | "log"> {
  readonly vcpus?: number;
  readonly vmFlags?: number;
  readonly cpuAffinity?: number;
}

/** What the small device model does with a request: returns the value of a read. */
export type Device = (request: Request) => number | undefined;

export interface Request {
  readonly vcpu: number;
  readonly type: number;
  readonly direction: number;
  readonly address: number;
  readonly size: number;
  readonly value: number;
}

export interface IoeventfdArgs {
  readonly fd: number;
  readonly flags: number;
  readonly addr: number | bigint;
  readonly len: number;
  readonly data?: number;
  readonly reserved?: number;
}

/** The product's board with a scripted guest, and a device model of a few lines in place of acrn-dm. */
export class Rig {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly memory: Arena;
  readonly messages: string[] = [];
  readonly hypervisor: Hypervisor;
  readonly serviceVm: ServiceVm;
  readonly guest: ScriptedGuest;
  readonly hsm: HsmFile;
  readonly page: number;
  readonly requests: Request[] = [];
  /** Cleared by a device that does not want its request to be reported as finished. */
  notify = true;
  readonly options: RigOptions;
  readonly #argument: number;

  constructor(options: RigOptions = {}) {
    this.options = options;
    const log = (_level: number, source: string, message: string) => this.messages.push(`${source}: ${message}`);
    this.guest = new ScriptedGuest(options.vcpus);
    const board = new Board(this.guest, { ...options, clock: () => 0, log });
    this.guest.start(board);
    board.attachGuest(this.guest);
    if (board.bootServiceVm() !== 0) throw new Error("the Service VM does not boot");
    const { memory } = board;
    this.chain = board.chain;
    this.scheduler = board.scheduler;
    this.memory = memory;
    this.hypervisor = board.hypervisor;
    this.serviceVm = board.serviceVm;
    const hsm = this.serviceVm.openHsm("/dev/acrn_hsm");
    if (typeof hsm === "number") throw new Error(`open: ${hsm}`);
    this.hsm = hsm;
    this.page = memory.alloc(4096, 4096);
    this.#argument = memory.alloc(64);
  }

  /** CREATE_VM with the ioreq page; returns the ioctl's result. */
  createVm(): number {
    const at = this.argument(acrnVmCreation.size);
    writeU64(this.memory.view, at + acrnVmCreation.at.vm_flag, this.options.vmFlags ?? 0);
    writeU64(this.memory.view, at + acrnVmCreation.at.ioreq_buf, this.page);
    writeU64(this.memory.view, at + acrnVmCreation.at.cpu_affinity, this.options.cpuAffinity ?? 0);
    return this.hsm.ioctl(Ioctl.CREATE_VM, at);
  }

  /** VM, default client served by a thread "vcpu 0" with `device`, and START_VM; then all host contexts run. */
  start(device: Device = () => undefined): this {
    this.createVm();
    this.hsm.ioctl(Ioctl.CREATE_IOREQ_CLIENT, 0);
    this.serviceVm.startThread("vcpu 0", "dm.vcpu", () => this.#vmLoop(device), undefined);
    this.hsm.ioctl(Ioctl.START_VM, 0);
    this.scheduler.runUntilIdle();
    return this;
  }

  *#vmLoop(device: Device): Generator<void, void, void> {
    for (;;) {
      if ((yield* this.hsm.ioctlWait(Ioctl.ATTACH_IOREQ_CLIENT, 0)) !== 0) return;
      for (let vcpu = 0; vcpu < this.hypervisor.userVm.createdVcpus.length; vcpu++) {
        const handled = this.field(vcpu, "kernel_handled") === 1;
        if (handled || this.field(vcpu, "processed") !== IoreqState.PROCESSING) continue;
        this.#serve(vcpu, device);
      }
    }
  }

  #serve(vcpu: number, device: Device): void {
    const request: Request = {
      vcpu,
      type: this.field(vcpu, "type"),
      direction: this.field(vcpu, "direction"),
      address: this.field(vcpu, "address"),
      size: this.field(vcpu, "size"),
      value: this.field(vcpu, "value"),
    };
    this.requests.push(request);
    const value = device(request);
    if (value !== undefined) this.setField(vcpu, "value", value);
    if (this.notify) this.notifyFinish(vcpu);
  }

  notifyFinish(vcpu: number): number {
    const at = this.argument(acrnIoreqNotify.size);
    this.memory.view.setUint32(at + acrnIoreqNotify.at.vcpu, vcpu, true);
    return this.hsm.ioctl(Ioctl.NOTIFY_REQUEST_FINISH, at);
  }

  injectMsi(address: number, data: number): number {
    const at = this.argument(acrnMsiEntry.size);
    writeU64(this.memory.view, at + acrnMsiEntry.at.msi_addr, address);
    writeU64(this.memory.view, at + acrnMsiEntry.at.msi_data, data);
    return this.hsm.ioctl(Ioctl.INJECT_MSI, at);
  }

  ioeventfd(args: IoeventfdArgs): number {
    const base = this.argument(acrnIoeventfd.size);
    const { view } = this.memory;
    view.setUint32(base + acrnIoeventfd.at.fd, args.fd, true);
    view.setUint32(base + acrnIoeventfd.at.flags, args.flags, true);
    view.setBigUint64(base + acrnIoeventfd.at.addr, BigInt(args.addr), true);
    view.setUint32(base + acrnIoeventfd.at.len, args.len, true);
    view.setUint32(base + acrnIoeventfd.at.reserved, args.reserved ?? 0, true);
    writeU64(view, base + acrnIoeventfd.at.data, args.data ?? 0);
    return this.hsm.ioctl(Ioctl.IOEVENTFD, base);
  }

  /** Address of `size` zeroed bytes for an ioctl's argument. */
  argument(size: number): number {
    this.memory.bytes.fill(0, this.#argument, this.#argument + size);
    return this.#argument;
  }

  /** Low 32 bits of a field of a slot. */
  field(vcpu: number, name: keyof typeof acrnIoRequest.at): number {
    return this.memory.view.getUint32(this.page + vcpu * 256 + acrnIoRequest.at[name], true);
  }

  setField(vcpu: number, name: keyof typeof acrnIoRequest.at, value: number): void {
    this.memory.view.setUint32(this.page + vcpu * 256 + acrnIoRequest.at[name], value, true);
  }

  /** Records what happens while `body` runs. */
  record(body: () => void): Hop[] {
    const from = this.chain.recorder.next;
    this.chain.recording = true;
    try {
      body();
    } finally {
      this.chain.recording = false;
    }
    return this.chain.recorder.since(from);
  }
}

/** "context station" of the hops that were entered, not merely open when their context was woken. */
export const steps = (hops: readonly Hop[]): string[] =>
  hops.filter((hop) => !hop.resumed).map((hop) => `${hop.context.name} ${hop.station.id}`);
