import { Chain } from "../chain/chain.ts";
import type { Clock } from "../chain/clock.ts";
import { type Policy, Scheduler } from "../chain/scheduler.ts";
import type { DmConfig } from "../device-model/config.ts";
import { DeviceModel } from "../device-model/device-model.ts";
import type { DeviceClass } from "../device-model/hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../device-model/hw/pci/devices.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import type { GuestBoard, GuestCpu, GuestEngine } from "../doors/guest.ts";
import type { Host, Log } from "../doors/host.ts";
import { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import type { AcrnVm, VmEvent } from "../hypervisor/vm.ts";
import { declareState, hidden, part, wiring } from "../inspect/state.ts";
import { ServiceVm } from "../service-vm/service-vm.ts";
import { stationsOf } from "../stations.ts";
import { Arena } from "../util/arena.ts";
import { ExitDoor, type KickWatch } from "./exits.ts";

const SERVICE_VM_MEMORY = 256 * 1024;

export interface BoardOptions {
  /** Virtual time; also as a function, where nobody stops it. */
  readonly clock: Clock | (() => number);
  readonly log: Log;
  /** What `-s` may name; default: the built-in classes. Their functions are part of the chain. */
  readonly deviceClasses?: readonly DeviceClass[] | undefined;
  /** Who runs next; default: hosts first. */
  readonly policy?: Policy | undefined;
  /** The Service VM's kernel has the asyncio ring. */
  readonly asyncio?: boolean | undefined;
  /** A vCPU waits for something nobody is left to do; returns whether to look again. */
  readonly onStuck?: ((vcpu: AcrnVcpu) => boolean) | undefined;
  readonly onVmEvent?: ((vm: AcrnVm, event: VmEvent) => void) | undefined;
  readonly kicks?: KickWatch | undefined;
}

/**
 * The virtual ACRN board: hypervisor, Service VM and device model with the doors between them, without what runs the
 * guest. This folder alone makes these three layers. It is brought up in steps: `attachGuest`, `bootServiceVm`,
 * `startDeviceModel`.
 */
export class Board implements GuestBoard {
  static readonly state = declareState<Board>("board.Board", {
    chain: part,
    scheduler: part,
    memory: part,
    hypervisor: part,
    serviceVm: part,
    exits: part,
    cpus: wiring,
    "#options": wiring,
    "#deviceClasses": wiring,
    "#engine": wiring,
    "#deviceModel": hidden(part, (board: Board) => board.#deviceModel),
  });
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  /** The Service VM's memory. */
  readonly memory = new Arena(SERVICE_VM_MEMORY);
  readonly hypervisor: Hypervisor;
  readonly serviceVm: ServiceVm;
  /** What engines are given as the hypervisor. */
  readonly exits: ExitDoor;
  cpus: readonly GuestCpu[] = [];
  readonly #options: BoardOptions;
  readonly #deviceClasses: readonly DeviceClass[];
  #engine: GuestEngine | undefined;
  #deviceModel: DeviceModel | undefined;

  /** A board for this engine. */
  constructor(engine: Pick<GuestEngine, "vcpus" | "ioapicBase">, options: BoardOptions) {
    const { log } = options;
    this.#options = options;
    this.#deviceClasses = options.deviceClasses ?? builtInDeviceClasses;
    this.chain = new Chain(options.clock, stationsOf(this.#deviceClasses));
    const { chain, memory } = this;
    this.scheduler = new Scheduler(chain, options.policy);
    const { scheduler } = this;
    this.hypervisor = new Hypervisor({
      chain,
      scheduler,
      log,
      serviceVmMemory: memory,
      vcpus: engine.vcpus,
      ioapicBase: engine.ioapicBase,
      onStuck: options.onStuck,
      onVmEvent: options.onVmEvent,
      onExitDone: (vcpu) => this.exits.exitDone(vcpu),
    });
    const { hypervisor } = this;
    this.serviceVm = new ServiceVm({
      chain,
      scheduler,
      memory,
      hypercalls: hypervisor,
      log,
      asyncio: options.asyncio,
    });
    hypervisor.serviceVmCpu = this.serviceVm;
    this.exits = new ExitDoor(this, options.kicks);
  }

  /** Connects an engine that has been started on this board. */
  attachGuest(engine: GuestEngine): void {
    this.#engine = engine;
    this.cpus = engine.cpus;
    this.hypervisor.attachGuest(engine.cpus, engine.memory);
  }

  /** Returns 0 or a negative errno. */
  bootServiceVm(): number {
    return this.serviceVm.boot();
  }

  /** Starts acrn-dm and lets everything come to rest. Throws DmExit where acrn-dm exits. */
  startDeviceModel(config: DmConfig, host: Host): DeviceModel {
    const { chain, serviceVm: kernel } = this;
    if (this.#engine === undefined) throw new Error("acrn-dm needs the guest's memory: call attachGuest() first");
    const { memory } = this.#engine;
    // The board's scenario gives the VM the pCPUs its command line asks for.
    if (config.cpuAffinity !== 0) this.hypervisor.userVm.cpuAffinity = config.cpuAffinity;
    const { log } = this.#options;
    const deviceClasses = this.#deviceClasses;
    this.#deviceModel = new DeviceModel({ chain, kernel, host, memory, config, log, deviceClasses });
    this.#deviceModel.start();
    this.scheduler.runUntilIdle();
    return this.#deviceModel;
  }

  get deviceModel(): DeviceModel | undefined {
    return this.#deviceModel;
  }

  /** The guest's PCI functions; none before acrn-dm has started and after its end. */
  get devices(): readonly PciVdev[] {
    return this.#deviceModel?.devices ?? [];
  }

  /**
   * Lets acrn-dm end in its own order, because somebody has interrupted it or the guest has switched itself off, then lets go
   * of what may be left. Not inside an exit.
   */
  end(interrupted: boolean): void {
    try {
      if (interrupted) this.#deviceModel?.terminate();
      else this.#deviceModel?.powerOff();
      this.scheduler.runUntilIdle();
    } finally {
      this.#deviceModel?.close();
    }
  }
}
