import { acrnIoRequest, IOREQ_UNION, IoreqType } from "../abi/acrn.ts";
import { declareState, part, plain, wiring } from "../inspect/state.ts";
import { readU64, writeU64 } from "../util/u64.ts";

const { direction, address, size, value } = acrnIoRequest.at;
const inUnion = (offset: number): number => offset - IOREQ_UNION.offset;

const DIRECTION = inUnion(direction);
const ADDRESS = inUnion(address);
const SIZE = inUnion(size);
const VALUE = inUnion(value);

/**
 * `struct io_request`: the vCPU's private request, the 64 bytes of its union being real. It is what the hypervisor
 * works with; the page slot is a copy of which only the value comes back. Bytes of earlier requests stay in it.
 */
export class IoRequest {
  static readonly state = declareState<IoRequest>("hypervisor.IoRequest", { ioType: plain, bytes: part, view: wiring });
  ioType: number = IoreqType.PORTIO;
  readonly bytes = new Uint8Array(IOREQ_UNION.size);
  readonly view = new DataView(this.bytes.buffer);

  get direction(): number {
    return this.view.getUint32(DIRECTION, true);
  }

  set direction(direction: number) {
    this.view.setUint32(DIRECTION, direction, true);
  }

  get address(): number {
    return readU64(this.view, ADDRESS);
  }

  set address(address: number) {
    writeU64(this.view, ADDRESS, address);
  }

  /** Bytes of the access. */
  get size(): number {
    return readU64(this.view, SIZE);
  }

  set size(size: number) {
    writeU64(this.view, SIZE, size);
  }

  /** `pio_request.value`, 32 bits; the upper half of `mmio_request.value` stays what it was. */
  get pioValue(): number {
    return this.view.getUint32(VALUE, true);
  }

  set pioValue(value: number) {
    this.view.setUint32(VALUE, value, true);
  }

  get mmioValue(): number {
    return readU64(this.view, VALUE);
  }

  set mmioValue(value: number) {
    writeU64(this.view, VALUE, value);
  }
}
