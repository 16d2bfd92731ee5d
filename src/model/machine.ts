import { Chain } from "./chain/chain.ts";
import { Scheduler } from "./chain/scheduler.ts";
import { type DmConfig, DmExit } from "./device-model/config.ts";
import { DeviceModel } from "./device-model/device-model.ts";
import type { Host, Log } from "./doors/host.ts";
import { loadBootImage } from "./guest/boot/direct-boot.ts";
import type { InterruptRoute } from "./guest/boot/mp-table.ts";
import type { BootFiles } from "./guest/boot-files.ts";
import { type GuestEnd, GuestIntrospection } from "./guest/guest-end.ts";
import { GuestRunner } from "./guest/runner.ts";
import { IOAPIC_ADDRESS, type KickWatch, V86Engine } from "./guest/v86/engine.ts";
import type { EngineProgram } from "./guest/v86/v86-internals.ts";
import type { VirtualClock } from "./guest/virtual-time.ts";
import { Hypervisor } from "./hypervisor/hypervisor.ts";
import type { AcrnVcpu } from "./hypervisor/vcpu.ts";
import type { VmEvent } from "./hypervisor/vm.ts";
import { ServiceVm } from "./service-vm/service-vm.ts";
import { builtInStations } from "./stations.ts";
import { Arena } from "./util/arena.ts";

const SERVICE_VM_MEMORY = 256 * 1024;
/** ISA IRQ 0 is wired to I/O APIC pin 2. */
const ioapicPin = (irq: number): number => (irq === 0 ? 2 : irq);

export interface MachineOptions {
  readonly config: DmConfig;
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly log: Log;
  readonly program: EngineProgram;
  readonly onUserSpace?: () => void;
  /** A vCPU waits for something nobody is left to do; returns whether to look again. */
  readonly onStuck: (vcpu: AcrnVcpu) => boolean;
  /** The watch for kicks of the device in a slot. */
  readonly watchKicks: (slot: number) => KickWatch;
}

export { DmExit };

/** The virtual ACRN machine: four layers and the doors between them. The only file that knows all of them. */
export class Machine {
  readonly chain: Chain;
  readonly scheduler: Scheduler;
  readonly hypervisor: Hypervisor;
  readonly serviceVm: ServiceVm;
  readonly engine: V86Engine;
  readonly introspection: GuestIntrospection;
  readonly #options: MachineOptions;
  readonly #runner: GuestRunner;
  readonly #kickWatches = new Map<number, KickWatch>();
  #deviceModel: DeviceModel | undefined;

  private constructor(options: MachineOptions) {
    const { clock, config, log } = options;
    this.#options = options;
    this.chain = new Chain(clock.now, builtInStations);
    this.scheduler = new Scheduler(this.chain);
    const memory = new Arena(SERVICE_VM_MEMORY);
    this.hypervisor = new Hypervisor({
      chain: this.chain,
      scheduler: this.scheduler,
      log,
      serviceVmMemory: memory,
      vcpus: 1,
      ioapicBase: IOAPIC_ADDRESS,
      onStuck: options.onStuck,
      onVmEvent: (vm, event) => {
        if (vm === this.hypervisor.userVm) this.#vmChanged(event);
      },
    });
    this.serviceVm = new ServiceVm({
      chain: this.chain,
      scheduler: this.scheduler,
      memory,
      hypercalls: this.hypervisor,
      log,
    });
    this.hypervisor.serviceVmCpu = this.serviceVm;
    this.engine = new V86Engine({
      chain: this.chain,
      clock,
      program: options.program,
      memoryBytes: config.memSize,
      onInterruptLine: (irq, level) => this.hypervisor.setEngineIrq(ioapicPin(irq), level),
      onUserSpace: options.onUserSpace,
      kickAt: (port) => this.#kickAt(port),
    });
    this.introspection = new GuestIntrospection(this.engine, this.engine, this.engine.frames.symbols);
    this.#runner = new GuestRunner(this.chain, this.scheduler, this.engine, this.introspection);
  }

  /** Makes the machine, up to the point where its vCPU could run. Throws DmExit and other errors with a reason. */
  static async create(options: MachineOptions): Promise<Machine> {
    const machine = new Machine(options);
    await machine.engine.start(machine.hypervisor);
    machine.hypervisor.attachGuest([machine.engine], machine.engine);
    machine.serviceVm.boot();
    machine.#deviceModel = new DeviceModel({
      chain: machine.chain,
      kernel: machine.serviceVm,
      host: options.host,
      memory: machine.engine,
      config: options.config,
      log: options.log,
    });
    machine.#deviceModel.start();
    machine.scheduler.runUntilIdle();
    return machine;
  }

  get deviceModel(): DeviceModel {
    if (this.#deviceModel === undefined) throw new Error("the device model has not been started");
    return this.#deviceModel;
  }

  /** Boots the kernel and runs the guest to its end. `onEntry` is called before its first instruction. */
  run(files: BootFiles, kernelName: string, commandLine: string, onEntry?: () => void): Promise<GuestEnd> {
    const entry = loadBootImage(this.engine.bytes, {
      kernel: files.kernel,
      kernelName,
      initrd: files.initrd,
      commandLine,
      ioapicAddress: IOAPIC_ADDRESS,
      routes: this.#routes(),
    });
    this.engine.enterKernel(entry);
    onEntry?.();
    return this.#runner.run();
  }

  /** acrn-dm stops the guest by pausing its VM, and the VM's end says why. */
  #vmChanged(event: VmEvent): void {
    if (event === "pause") this.engine.stop();
    if (event === "reset") this.#runner.finish({ kind: "reboot" });
    if (event !== "shutdown") return;
    this.#runner.finish({ kind: this.#deviceModel?.vmctx.suspendMode === "FULL_RESET" ? "reboot" : "halt" });
  }

  /** Ends the run after the current slice, as if the power had been cut. */
  stop(): void {
    this.#runner.finish({ kind: "halt" });
  }

  /** Lets acrn-dm end in its own order, then lets go of what may be left, and of the engine. Not inside an exit. */
  async destroy(): Promise<void> {
    try {
      this.#deviceModel?.powerOff();
      this.scheduler.runUntilIdle();
    } finally {
      this.#deviceModel?.close();
      await this.engine.destroy();
    }
  }

  /** How the INTx pins of the guest's PCI slots are wired. */
  #routes(): InterruptRoute[] {
    return this.deviceModel.devices
      .filter((device) => device.lintr.pin > 0)
      .map((device) => ({ slot: device.slot, pin: device.lintr.pin - 1, ioapicPin: device.lintr.ioapicIrq }));
  }

  /** Legacy virtio devices have their registers at BAR 0, QUEUE_NOTIFY at offset 16; the guest may move them. */
  #kickAt(port: number): KickWatch | undefined {
    for (const device of this.deviceModel.devices) {
      const bar = device.bar[0];
      if (bar.type !== "IO" || bar.addr + QUEUE_NOTIFY !== port || !device.ops.className.startsWith("virtio-"))
        continue;
      let watch = this.#kickWatches.get(device.slot);
      if (watch === undefined) {
        watch = this.#options.watchKicks(device.slot);
        this.#kickWatches.set(device.slot, watch);
      }
      return watch;
    }
    return undefined;
  }
}

const QUEUE_NOTIFY = 16;
