import { pciConfig } from "../src/model/abi/pci.ts";
import { VirtioStatus } from "../src/model/abi/virtio.ts";
import { VIRTIO_PCI_VRING_ALIGN, virtioLegacyRegisters, vringUsedOffset } from "../src/model/abi/virtio-legacy.ts";
import { ConsoleBoard } from "../src/model/board/testing/console-board.ts";
import type { Context } from "../src/model/chain/context.ts";
import { hostFirst, type Policy } from "../src/model/chain/scheduler.ts";
import { guestFirst } from "../src/model/chain/testing/guest-first.ts";
import { FakeFile } from "../src/model/device-model/testing/fake-host.ts";
import { slotConfig } from "../src/model/device-model/testing/slots.ts";
import type { AccessSize } from "../src/model/doors/guest.ts";
import { InjectedException, type ScriptedCpu } from "../src/model/guest/scripted/guest.ts";
import { EAGAIN, EIO } from "../src/model/util/errno.ts";
import type { Case, Descriptor, HostEvent, MachineChoice, Operation, Place } from "./case.ts";
import { bufferOf, HOST_FILES, QUEUE_SIZE, RAM, ringOf } from "./layout.ts";
import { Random } from "./random.ts";

const { at } = virtioLegacyRegisters;
const { ACKNOWLEDGE, DRIVER, DRIVER_OK } = VirtioStatus;
const CONTROL_QUEUE = 3;
const COMMAND = pciConfig.at.command;
const BAR0 = pciConfig.at.bar;
const BAR1 = BAR0 + 4;
const sizeMask = (size: number): number => (size === 1 ? 0xff : size === 2 ? 0xffff : 0xffff_ffff);
/** A message's buffer, apart from all others. */
const CONTROL_BUFFER = bufferOf(0) - 0x1000;

type Of<Kind extends Operation["do"]> = Extract<Operation, { do: Kind }>;

function policyOf({ machine, seed }: Case): Policy {
  if (machine.schedule !== "random") return machine.schedule === "host first" ? hostFirst : guestFirst;
  const random = new Random(~seed);
  return (runnable: readonly Context[]) => random.pick(runnable);
}

function boardOf(which: Case, log: (message: string) => void): ConsoleBoard {
  const choice: MachineChoice = which.machine;
  const others = [slotConfig(0, "hostbridge")];
  if (choice.uart) others.push(slotConfig(1, "lpc"));
  if (choice.rnd) others.push(slotConfig(4, "virtio-rnd"));
  if (choice.second) others.push(slotConfig(31, "virtio-console", "workbench:ready,workbench:symbols"));
  return new ConsoleBoard(choice.console, {
    vcpus: choice.vcpus,
    policy: policyOf(which),
    asyncio: choice.asyncio,
    log,
    prepare: (host) => {
      for (const path of HOST_FILES) if (path.startsWith("/")) host.files.set(path, new FakeFile(path.includes("tty")));
    },
    config: {
      slots: others,
      lpc: choice.uart ? [{ port: "COM1", backend: "/dev/ttyS9" }] : [],
      virtioMsi: choice.virtioMsi,
      rtvm: choice.rtvm,
    },
  });
}

/** The machine of a case: all layers, a guest that does one operation after the other, and a host as unruly. */
export class FuzzMachine {
  readonly board: ConsoleBoard;
  /** Where acrn-dm has put BAR 0 and 1 of each slot. */
  readonly #homes: ReadonlyMap<number, readonly number[]>;
  #connection: FakeFile | undefined;

  constructor(which: Case, log: (message: string) => void) {
    this.board = boardOf(which, log);
    this.#homes = new Map(this.board.board.devices.map(({ slot, bar }) => [slot, [bar[0].addr, bar[1].addr]]));
    const { console, ptyMaster, ready, files } = this.board.host;
    for (const file of [console, ptyMaster, ready, ...files.values()]) {
      if (file instanceof FakeFile) file.endsOnce = true;
    }
  }

  /**
   * Lets go of the CPU at each exit that is parked, so that several wait at once. An exception that the guest gets is its
   * own affair.
   */
  *perform(cpu: ScriptedCpu, operation: Operation): Generator<void, void, void> {
    try {
      if (operation.do === "pause") yield* cpu.pause();
      else if (operation.do === "kick") yield* this.#kick(cpu, operation);
      else if (operation.do === "write" || operation.do === "read") yield* this.#access(cpu, operation);
      else yield* this.#do(cpu, operation);
    } catch (error) {
      if (!(error instanceof InjectedException)) throw error;
    }
  }

  *#do(
    cpu: ScriptedCpu,
    operation: Exclude<Operation, Of<"pause" | "kick" | "write" | "read">>,
  ): Generator<void, void, void> {
    if (operation.do === "config") yield* this.#config(cpu, operation);
    else if (operation.do === "memory") this.#words(operation);
    else if (operation.do === "offer") this.#offer(operation);
    else if (operation.do === "control") yield* this.#control(cpu, operation);
    else if (operation.do === "set up") yield* this.#setUp(cpu, operation);
    else if (operation.do === "host") this.#host(operation.file, operation.event, operation.bytes);
    else cpu.eoi(operation.vector);
  }

  #address(place: Place): number {
    if ("address" in place) return place.address;
    const dev = this.board.board.devices.find(({ slot }) => slot === place.dev);
    return ((dev?.bar[place.bar].addr ?? 0) + place.offset) >>> 0;
  }

  #register(dev: number, name: keyof typeof at): number {
    return this.#address({ dev, bar: 0, offset: at[name] }) & 0xffff;
  }

  *#kick(cpu: ScriptedCpu, { dev, queue }: Of<"kick">): Generator<void, void, void> {
    yield* cpu.portWrite(this.#register(dev, "queue_notify"), 2, queue & 0xffff);
  }

  *#access(cpu: ScriptedCpu, operation: Of<"read"> | Of<"write">): Generator<void, void, void> {
    const address = this.#address(operation.at);
    const size = operation.size as AccessSize;
    if (operation.space === "MEM") {
      if (operation.do === "read") yield* cpu.memoryRead(address, size);
      else yield* cpu.memoryWrite(address, size, operation.value);
    } else if (operation.do === "read") yield* cpu.portRead(address & 0xffff, size);
    else yield* cpu.portWrite(address & 0xffff, size, operation.value & sizeMask(size));
  }

  *#config(cpu: ScriptedCpu, { slot, reg, size, value }: Of<"config">): Generator<void, void, void> {
    yield* cpu.portWrite(0xcf8, 4, (0x8000_0000 | (slot << 11) | (reg & 0xfc)) >>> 0);
    const port = 0xcfc + (reg & 3);
    if (value === undefined) yield* cpu.portRead(port, size as AccessSize);
    else yield* cpu.portWrite(port, size as AccessSize, (value & sizeMask(size)) >>> 0);
  }

  #word(address: number, value: number): void {
    if (address >= 0 && address + 4 <= RAM) this.board.guest.view.setUint32(address, value >>> 0, true);
  }

  #words({ address, words }: Of<"memory">): void {
    for (const [index, word] of words.entries()) this.#word(address + 4 * index, word);
  }

  #descriptor(ring: number, index: number, { addr, addrHigh, len, flags, next }: Descriptor): void {
    const desc = ring + 16 * (index % QUEUE_SIZE);
    this.#word(desc, addr);
    this.#word(desc + 4, addrHigh);
    this.#word(desc + 8, len);
    this.#word(desc + 12, (flags | (next << 16)) >>> 0);
  }

  #offer({ queue, first, descriptors, ahead }: Of<"offer">): void {
    const { view } = this.board.guest;
    const ring = ringOf(queue);
    const avail = ring + 16 * QUEUE_SIZE;
    for (const [index, descriptor] of descriptors.entries()) this.#descriptor(ring, first + index, descriptor);
    const idx = view.getUint16(avail + 2, true);
    view.setUint16(avail + 4 + 2 * (idx % QUEUE_SIZE), first, true);
    view.setUint16(avail + 2, idx + ahead, true);
  }

  *#control(cpu: ScriptedCpu, { id, event, value, length }: Of<"control">): Generator<void, void, void> {
    this.#word(CONTROL_BUFFER, id);
    this.#word(CONTROL_BUFFER + 4, (event | (value << 16)) >>> 0);
    const descriptor = { addr: CONTROL_BUFFER, addrHigh: 0, len: length, flags: 0, next: 0 };
    this.#offer({ do: "offer", queue: CONTROL_QUEUE, first: 0, descriptors: [descriptor], ahead: 1 });
    yield* cpu.portWrite(this.#register(3, "queue_notify"), 2, CONTROL_QUEUE);
  }

  *#setUp(cpu: ScriptedCpu, { dev, msix }: Of<"set up">): Generator<void, void, void> {
    const register = (name: keyof typeof at): number => this.#register(dev, name);
    // Decoding off, both BARs where acrn-dm put them, decoding on: whatever happened before, the driver finds its device.
    const [io = 0, memory = 0] = this.#homes.get(dev) ?? [];
    const writes = [
      [COMMAND, 0],
      [BAR0, io],
      [BAR1, memory],
      [COMMAND, 7],
    ];
    for (const [reg, value] of writes) yield* this.#config(cpu, { do: "config", slot: dev, reg, size: 4, value });
    if (msix) {
      const table = this.#address({ dev, bar: 1, offset: 0 });
      for (let vector = 0; vector < 35; vector++) {
        const entry = [0xfee0_0000, 0, 0x40 + vector, 0];
        for (const [index, word] of entry.entries()) yield* cpu.memoryWrite(table + 16 * vector + 4 * index, 4, word);
      }
      yield* this.#config(cpu, { do: "config", slot: dev, reg: 0x42, size: 2, value: 0x8000 });
    }
    yield* cpu.portWrite(register("status"), 1, 0);
    yield* cpu.portWrite(register("status"), 1, ACKNOWLEDGE | DRIVER);
    for (let queue = 0; queue < 34; queue++) {
      this.board.guest.bytes.fill(
        0,
        ringOf(queue),
        ringOf(queue) + vringUsedOffset(QUEUE_SIZE, VIRTIO_PCI_VRING_ALIGN) + 6,
      );
      yield* cpu.portWrite(register("queue_sel"), 2, queue);
      yield* cpu.portWrite(register("queue_pfn"), 4, ringOf(queue) / VIRTIO_PCI_VRING_ALIGN);
      if (msix) yield* cpu.portWrite(register("msi_queue_vector"), 2, queue + 1);
    }
    yield* cpu.portWrite(register("status"), 1, ACKNOWLEDGE | DRIVER | DRIVER_OK);
  }

  #file(name: string): FakeFile | undefined {
    const { host } = this.board;
    if (name === "console") return host.console;
    if (name === "pty") return host.ptyMaster;
    if (name === "workbench") return host.ready;
    if (name === "connection") return this.#connection;
    const file = host.files.get(name);
    return file instanceof FakeFile ? file : undefined;
  }

  #host(name: string, event: HostEvent, bytes: number): void {
    if (event === "connect") {
      this.#connection = this.board.host.listener.connect();
      this.#connection.endsOnce = true;
      return;
    }
    const file = this.#file(name);
    if (file === undefined) return;
    if (event === "input") file.push("x".repeat(bytes));
    else if (event === "end of file") file.push(0);
    else if (event === "error") file.push(-EIO);
    else file.writeResult = { slow: Math.min(bytes, 1), full: -EAGAIN, fast: undefined }[event];
  }
}
