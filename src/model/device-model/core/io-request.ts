import { acrnIoRequest, IOREQ_SLOTS } from "../../abi/acrn.ts";
import { declareState, wiring } from "../../inspect/state.ts";
import type { Arena } from "../../util/arena.ts";
import { readU64 } from "../../util/u64.ts";

const { at } = acrnIoRequest;

/** One slot of the shared ioreq page, as acrn-dm sees it: every access goes to the page's bytes. */
export class IoRequest {
  static readonly state = declareState<IoRequest>("device-model.IoRequest", {
    view: wiring,
    slot: wiring,
    base: wiring,
  });
  readonly view: DataView;
  /** Number of the slot, which is that of its vCPU, and its address in the Service VM's memory. */
  readonly slot: number;
  readonly base: number;

  /** `page`: address of the shared page. */
  constructor(memory: Arena, page: number, slot: number) {
    this.view = memory.view;
    this.slot = slot;
    this.base = page + slot * acrnIoRequest.size;
  }

  #u32(offset: number): number {
    return this.view.getUint32(this.base + offset, true);
  }

  #i32(offset: number): number {
    return this.view.getInt32(this.base + offset, true);
  }

  get type(): number {
    return this.#u32(at.type);
  }
  get processed(): number {
    return this.#u32(at.processed);
  }
  get kernelHandled(): number {
    return this.#u32(at.kernel_handled);
  }
  get direction(): number {
    return this.#u32(at.direction);
  }
  get address(): number {
    return readU64(this.view, this.base + at.address);
  }
  get size(): number {
    return readU64(this.view, this.base + at.size);
  }
  /** Low 32 bits of the value: all of it for pio and pci. */
  get value(): number {
    return this.#u32(at.value);
  }
  set value(value: number) {
    this.view.setUint32(this.base + at.value, value, true);
  }
  /** High 32 bits of an mmio value; pio and pci have other fields there. */
  get valueHigh(): number {
    return this.#u32(at.value + 4);
  }
  set valueHigh(value: number) {
    this.view.setUint32(this.base + at.value + 4, value, true);
  }
  get pciBus(): number {
    return this.#i32(at.pci_bus);
  }
  get pciDev(): number {
    return this.#i32(at.pci_dev);
  }
  get pciFunc(): number {
    return this.#i32(at.pci_func);
  }
  get pciReg(): number {
    return this.#i32(at.pci_reg);
  }
}

/** The 16 slots of the page at `page`. */
export function ioRequests(memory: Arena, page: number): IoRequest[] {
  return Array.from({ length: IOREQ_SLOTS }, (_, slot) => new IoRequest(memory, page, slot));
}
