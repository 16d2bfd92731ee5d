import { virtioLegacyRegisters } from "../../abi/virtio-legacy.ts";
import type { DmConfig } from "../../device-model/config.ts";
import type { DeviceModel } from "../../device-model/device-model.ts";
import { testConfig } from "../../device-model/testing/config.ts";
import { FakeHost } from "../../device-model/testing/fake-host.ts";
import { slotConfig } from "../../device-model/testing/slots.ts";
import { ScriptedGuest } from "../../guest/scripted/guest.ts";
import { Board, type BoardOptions } from "../board.ts";

const RAM = 1 << 20;
export const BAR0 = 0x2000;
export const RING = 0x1_0000;
export const BUFFER = 0x2_0000;
const USED = RING + 4096;
const { at } = virtioLegacyRegisters;

export interface ConsoleBoardOptions extends Partial<Omit<BoardOptions, "log">> {
  readonly vcpus?: number;
  readonly log?: (message: string) => void;
  /** Besides the console: other slots, COM ports. */
  readonly config?: Partial<DmConfig>;
  /** Called before acrn-dm starts. */
  readonly prepare?: (host: FakeHost) => void;
}

/** The product's board with a scripted guest and acrn-dm, which has one console at slot 3; plays the guest's driver. */
export class ConsoleBoard {
  readonly host = new FakeHost();
  readonly guest: ScriptedGuest;
  readonly board: Board;
  readonly deviceModel: DeviceModel;

  /** `opts`: of the console. */
  constructor(opts: string, options: ConsoleBoardOptions = {}) {
    const { vcpus = 1, log, config: more, prepare, ...boardOptions } = options;
    prepare?.(this.host);
    this.guest = new ScriptedGuest(vcpus, RAM);
    this.board = new Board(this.guest, {
      clock: () => 0,
      ...boardOptions,
      log: (_level, _source, message) => log?.(message),
    });
    this.guest.start(this.board);
    this.board.attachGuest(this.guest);
    this.board.bootServiceVm();
    const slots = [...(more?.slots ?? []), slotConfig(3, "virtio-console", opts)];
    const config = testConfig(RAM, { ...more, slots });
    this.deviceModel = this.board.startDeviceModel(config, this.host);
  }

  /** Sets queue 1 up and DRIVER_OK. */
  probe(): this {
    const [cpu] = this.guest.cpus;
    cpu.outb(BAR0 + at.status, 3);
    cpu.outw(BAR0 + at.queue_sel, 1);
    cpu.outl(BAR0 + at.queue_pfn, RING / 4096);
    cpu.outb(BAR0 + at.status, 7);
    return this;
  }

  /** Offers a buffer in queue 1. */
  offer(text: string): void {
    const { view, bytes } = this.guest;
    const idx = view.getUint16(RING + 1026, true);
    const head = idx % 64;
    bytes.set(new TextEncoder().encode(text), BUFFER + 256 * head);
    view.setUint32(RING + 16 * head, BUFFER + 256 * head, true);
    view.setUint32(RING + 16 * head + 8, text.length, true);
    view.setUint16(RING + 1028 + 2 * head, head, true);
    view.setUint16(RING + 1026, idx + 1, true);
  }

  /** vCPU 0 writes the notify register. */
  kick(queue = 1): void {
    this.guest.cpus[0].outw(BAR0 + at.queue_notify, queue);
  }

  /** Offers a buffer in queue 1 and kicks. */
  send(text: string): void {
    this.offer(text);
    this.kick();
  }

  /** Buffers the device has used in queue 1. */
  get usedIdx(): number {
    return this.guest.view.getUint16(USED + 2, true);
  }
}
