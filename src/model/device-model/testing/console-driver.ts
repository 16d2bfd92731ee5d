import { DescFlag, VirtioStatus } from "../../abi/virtio.ts";
import { vringSize, vringUsedOffset } from "../../abi/virtio-legacy.ts";
import type { Fixture } from "./fixture.ts";

const QSIZE = 64;
const ALIGN = 4096;
/** Where the driver puts its rings and buffers. */
const RINGS = 0x10_0000;
const BUFFERS = 0x40_0000;
/** BARs of the console at slot 3 of the fixture. */
export const BAR0 = 0x2000;
export const BAR1 = 0x8000_0000;

export interface Used {
  readonly id: number;
  readonly len: number;
}

/** A descriptor as the driver writes it. */
export interface Desc {
  readonly addr: number;
  readonly len: number;
  readonly flags?: number;
  readonly next?: number;
}

/** The driver's side of one legacy queue. */
export class DriverQueue {
  readonly ring: number;
  readonly #fixture: Fixture;
  readonly #num: number;
  #nextDesc = 0;
  #seen = 0;

  constructor(fixture: Fixture, num: number) {
    this.#fixture = fixture;
    this.#num = num;
    this.ring = RINGS + num * 0x2000;
  }

  get avail(): number {
    return this.ring + QSIZE * 16;
  }

  get used(): number {
    return this.ring + vringUsedOffset(QSIZE, ALIGN);
  }

  get #view(): DataView {
    return this.#fixture.memory.view;
  }

  writeDesc(index: number, { addr, len, flags = 0, next = 0 }: Desc): void {
    const at = this.ring + 16 * index;
    this.#view.setUint32(at, addr >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(addr / 2 ** 32), true);
    this.#view.setUint32(at + 8, len, true);
    this.#view.setUint16(at + 12, flags, true);
    this.#view.setUint16(at + 14, next, true);
  }

  /** Makes the chain beginning at descriptor `head` available. */
  offer(head: number): void {
    const idx = this.availIdx;
    this.#view.setUint16(this.avail + 4 + 2 * (idx % QSIZE), head, true);
    this.availIdx = idx + 1;
  }

  get availIdx(): number {
    return this.#view.getUint16(this.avail + 2, true);
  }

  set availIdx(idx: number) {
    this.#view.setUint16(this.avail + 2, idx, true);
  }

  set availFlags(flags: number) {
    this.#view.setUint16(this.avail, flags, true);
  }

  get usedFlags(): number {
    return this.#view.getUint16(this.used, true);
  }

  get usedIdx(): number {
    return this.#view.getUint16(this.used + 2, true);
  }

  /** Guest-physical address of the buffer of descriptor `index`. */
  bufferAt(index: number): number {
    return BUFFERS + (this.#num * QSIZE + index) * 0x1000;
  }

  /** Offers one buffer with these bytes for the device to read. */
  offerOut(data: Uint8Array | string): number {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const index = this.#nextDesc++ % QSIZE;
    this.#fixture.memory.bytes.set(bytes, this.bufferAt(index));
    this.writeDesc(index, { addr: this.bufferAt(index), len: bytes.length });
    this.offer(index);
    return index;
  }

  /** Offers `count` buffers for the device to write. */
  offerIn(count: number, len = 4096): void {
    for (let i = 0; i < count; i++) {
      const index = this.#nextDesc++ % QSIZE;
      this.writeDesc(index, { addr: this.bufferAt(index), len, flags: DescFlag.WRITE });
      this.offer(index);
    }
  }

  /** Kicks the queue. */
  kick(): void {
    this.#fixture.out(BAR0 + 16, 2, this.#num);
  }

  /** Used elements the driver has not seen yet. */
  takeUsed(): Used[] {
    const taken: Used[] = [];
    while (this.#seen !== this.usedIdx) {
      const at = this.used + 4 + 8 * (this.#seen % QSIZE);
      taken.push({ id: this.#view.getUint32(at, true), len: this.#view.getUint32(at + 4, true) });
      this.#seen = (this.#seen + 1) & 0xffff;
    }
    return taken;
  }

  /** What the device wrote into the used buffers the driver has not seen yet. */
  takeBytes(): Uint8Array[] {
    return this.takeUsed().map(({ id, len }) =>
      this.#fixture.memory.bytes.slice(this.bufferAt(id), this.bufferAt(id) + len),
    );
  }
}

/** A legacy driver of the console, as Linux does it: features, vectors, queues, DRIVER_OK, control queue. */
export class ConsoleDriver {
  readonly queues: readonly DriverQueue[];
  readonly #fixture: Fixture;

  constructor(fixture: Fixture, queues = 34) {
    this.#fixture = fixture;
    this.queues = Array.from({ length: queues }, (_, num) => new DriverQueue(fixture, num));
  }

  /** Programs the MSI-X table (vector n sends data 0x40 + n), unmasks it and enables MSI-X. */
  enableMsix(): this {
    const f = this.#fixture;
    for (let vector = 0; vector < 35; vector++) {
      const entry = BAR1 + 16 * vector;
      f.mmioWrite(entry, 4, 0xfee0_0000);
      f.mmioWrite(entry + 4, 4, 0);
      f.mmioWrite(entry + 8, 4, 0x40 + vector);
      f.mmioWrite(entry + 12, 4, 0);
    }
    f.cfgWrite(3, 0x42, 2, 0x8000);
    return this;
  }

  setStatus(status: number): void {
    this.#fixture.out(BAR0 + 18, 1, status);
  }

  /** Gives queue `num` its ring and, with MSI-X, the vector `num + 1`. */
  setUpQueue(num: number, withVector = true): void {
    const f = this.#fixture;
    f.out(BAR0 + 14, 2, num);
    f.out(BAR0 + 8, 4, this.queues[num].ring / ALIGN);
    if (withVector) f.out(BAR0 + 22, 2, num + 1);
  }

  /** Reset, features, all queues, DRIVER_OK. Queue 3 has no vector, as with Linux. */
  probe(msix = true): this {
    const f = this.#fixture;
    if (msix) this.enableMsix();
    this.setStatus(0);
    this.setStatus(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER);
    f.out(BAR0 + 4, 4, f.in(BAR0, 4));
    for (const [num, queue] of this.queues.entries()) {
      f.memory.bytes.fill(0, queue.ring, queue.ring + vringSize(QSIZE, ALIGN));
      this.setUpQueue(num, msix && num !== 3);
    }
    this.setStatus(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER | VirtioStatus.DRIVER_OK);
    return this;
  }

  /** Sends a control message and kicks. */
  sendControl(id: number, event: number, value: number): void {
    const message = new DataView(new ArrayBuffer(8));
    message.setUint32(0, id, true);
    message.setUint16(4, event, true);
    message.setUint16(6, value, true);
    this.queues[3].offerOut(new Uint8Array(message.buffer));
    this.queues[3].kick();
  }

  /** Control messages received, as [id, event, value, name]. */
  takeControl(): (string | number)[][] {
    return this.queues[2].takeBytes().map((bytes) => {
      const view = new DataView(bytes.buffer);
      const name = new TextDecoder().decode(bytes.subarray(8));
      return [view.getUint32(0, true), view.getUint16(4, true), view.getUint16(6, true), name];
    });
  }

  /** Fills an input queue and kicks it once, as the first kick is the only one Linux makes. */
  fillInput(num: number, count = 4): void {
    this.queues[num].offerIn(count);
    this.queues[num].kick();
  }
}
