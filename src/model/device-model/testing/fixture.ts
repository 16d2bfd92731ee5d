import { Ioctl, IoreqDirection, IoreqType } from "../../abi/acrn.ts";
import { Chain } from "../../chain/chain.ts";
import { Scheduler } from "../../chain/scheduler.ts";
import type { GuestMemory } from "../../doors/guest.ts";
import { readU64 } from "../../util/u64.ts";
import type { DmConfig, PciSlotConfig } from "../config.ts";
import { DeviceModel } from "../device-model.ts";
import type { VirtioConsole } from "../hw/pci/virtio/console/console.ts";
import { testConfig } from "./config.ts";
import { FakeHost } from "./fake-host.ts";
import { FakeKernel, type Request } from "./fake-kernel.ts";
import { consolesOf, slotConfig } from "./slots.ts";

export const RAM = 16 * 1024 * 1024;

export interface FixtureOptions {
  readonly config?: Partial<DmConfig>;
  /** Called before acrn-dm starts. */
  readonly prepare?: (kernel: FakeKernel, host: FakeHost) => void;
}

/** Host bridge, LPC and a console at slot 3 with these options. */
const consoleSlots = (opts: string): PciSlotConfig[] => [
  slotConfig(0, "hostbridge"),
  slotConfig(1, "lpc"),
  slotConfig(3, "virtio-console", opts),
];

/** A device model on a fake kernel and host; accesses come as requests of vCPU 0 and run to their end. */
export class Fixture {
  readonly chain = new Chain(() => 0);
  readonly scheduler = new Scheduler(this.chain);
  readonly kernel = new FakeKernel(this.chain);
  readonly host = new FakeHost();
  readonly memory: GuestMemory;
  readonly log: string[] = [];
  readonly dm: DeviceModel;

  constructor(opts: string, options: FixtureOptions = {}) {
    const bytes = new Uint8Array(RAM);
    this.memory = { size: RAM, bytes, view: new DataView(bytes.buffer) };
    const config = testConfig(RAM, { ...options.config, slots: options.config?.slots ?? consoleSlots(opts) });
    options.prepare?.(this.kernel, this.host);
    const log = (level: number, source: string, message: string) => this.log.push(`${level} ${source}: ${message}`);
    this.dm = new DeviceModel({
      chain: this.chain,
      kernel: this.kernel,
      host: this.host,
      memory: this.memory,
      config,
      log,
    });
  }

  /** Starts acrn-dm and lets its threads come to rest. */
  start(): this {
    this.dm.start();
    this.scheduler.runUntilIdle();
    return this;
  }

  get console(): VirtioConsole {
    return consolesOf(this.dm.devices)[0];
  }

  /** Does a request of vCPU 0 and returns both halves of its value. */
  request(request: Request): readonly [number, number] {
    this.kernel.submit(0, request);
    this.scheduler.runUntilIdle();
    return this.kernel.valueOf(0);
  }

  out(port: number, size: number, value: number): void {
    this.request({ type: IoreqType.PORTIO, direction: IoreqDirection.WRITE, address: port, size, value });
  }

  in(port: number, size: number): number {
    return this.request({ type: IoreqType.PORTIO, direction: IoreqDirection.READ, address: port, size })[0];
  }

  mmioWrite(address: number, size: number, value: number, valueHigh = 0): void {
    this.request({ type: IoreqType.MMIO, direction: IoreqDirection.WRITE, address, size, value, valueHigh });
  }

  mmioRead(address: number, size: number): readonly [number, number] {
    return this.request({ type: IoreqType.MMIO, direction: IoreqDirection.READ, address, size });
  }

  /** Configuration access to a function of bus 0. */
  cfgWrite(dev: number, reg: number, size: number, value: number): void {
    this.request({ type: IoreqType.PCICFG, direction: IoreqDirection.WRITE, size, value, pci: [0, dev, 0, reg] });
  }

  cfgRead(dev: number, reg: number, size: number): number {
    return this.request({ type: IoreqType.PCICFG, direction: IoreqDirection.READ, size, pci: [0, dev, 0, reg] })[0];
  }

  /** MSIs injected so far, as "address:data", and forgets them. */
  takeMsis(): string[] {
    const msis = this.kernel.callsOf(Ioctl.INJECT_MSI).map(({ bytes }) => {
      return `${readU64(bytes, 0).toString(16)}:${readU64(bytes, 8).toString(16)}`;
    });
    this.kernel.calls.length = 0;
    return msis;
  }

  /** INTx operations so far, as "gsi:op" (0 high, 1 low), and forgets them. */
  takeLines(): string[] {
    const lines = this.kernel
      .callsOf(Ioctl.SET_IRQLINE)
      .map(({ arg }) => `${arg % 2 ** 32}:${Math.floor(arg / 2 ** 32)}`);
    this.kernel.calls.length = 0;
    return lines;
  }

  /** Messages that contain `part`. */
  logged(part: string): string[] {
    return this.log.filter((line) => line.includes(part));
  }
}
