import { acrnIoRequest, IOREQ_UNION, IoreqDirection, IoreqState, IoreqType } from "../abi/acrn.ts";
import { PARKED, station } from "../chain/announce.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { EINVAL, EIO, ENODEV } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import { acrnInsertAsyncio, getAsyncioDesc } from "./asyncio.ts";
import { park, VcpuEvent, waitEvent } from "./event.ts";
import { archFireHsmInterrupt } from "./hsm-interrupt.ts";
import { emulateInstruction } from "./instr-emul.ts";
import type { IoRequest } from "./io-request.ts";
import { getIoReqState, hasCompleteIoreq, setIoReqState, slotAddress } from "./ioreq-slot.ts";
import { emulatePioComplete } from "./pio-complete.ts";
import type { AcrnVcpu } from "./vcpu.ts";

const { type, completion_polling, value } = acrnIoRequest.at;

/**
 * hypervisor/dm/io_req.c. Returns 0 when the request is done; -EIO when an MMIO access straddles a region, -EINVAL
 * when the shared page is missing or the slot is not FREE, and what a handler of the hypervisor returns.
 */
export const emulateIo = station(
  S.emulate_io,
  (vcpu: AcrnVcpu): number => {
    const { req } = vcpu;
    let status: number;
    if (req.ioType === IoreqType.PORTIO) {
      status = hvEmulatePio(vcpu);
      if (status === 0) emulatePioComplete(vcpu);
    } else {
      status = hvEmulateMmio(vcpu);
      if (status === 0) emulateMmioComplete(vcpu);
    }
    return status === -ENODEV ? forward(vcpu) : status;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.address, req.size, req.direction),
  (vcpu, _, status) => forwarded(vcpu, status),
);

/** The tail of emulate_io for a post-launched VM: the Service VM does what the hypervisor does not. */
function forward(vcpu: AcrnVcpu): number {
  const descriptor = getAsyncioDesc(vcpu);
  vcpu.isAsyncio = descriptor !== undefined;
  const status = descriptor === undefined ? acrnInsertRequest(vcpu) : acrnInsertAsyncio(vcpu, descriptor.fd);
  return status === PARKED ? PARKED : forwarded(vcpu, status);
}

function forwarded(vcpu: AcrnVcpu, status: number): number {
  if (status === 0 && !vcpu.isAsyncio) dmEmulateIoComplete(vcpu);
  if (status !== 0) {
    const { req } = vcpu;
    const where = `access dir ${req.direction}, io_type ${req.ioType}, addr = 0x${req.address.toString(16)}`;
    vcpu.vm.hypervisor.log(1, "hypervisor", `emulate_io Err: ${where}, size=${req.size}`);
  }
  return status;
}

/** Same file. 0 when a port handler of the hypervisor has done it, -ENODEV when there is none or it declines. */
const hvEmulatePio = station(
  S.hv_emulate_pio,
  (vcpu: AcrnVcpu): number => {
    const { req } = vcpu;
    const port = req.address;
    for (const handler of vcpu.vm.emulPio) {
      if (port < handler.start || port >= handler.end) continue;
      const done =
        req.direction === IoreqDirection.WRITE
          ? handler.write(vcpu, port, req.size, req.pioValue)
          : handler.read(vcpu, port, req.size);
      return done ? 0 : -ENODEV;
    }
    return -ENODEV;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.address, req.size, req.direction, req.pioValue),
);

/** Same file. 0 when a region of the hypervisor has done it, -ENODEV when it is outside of all, -EIO when astride one. */
const hvEmulateMmio = station(
  S.hv_emulate_mmio,
  (vcpu: AcrnVcpu): number => {
    const start = vcpu.req.address;
    const end = start + vcpu.req.size;
    for (const handler of vcpu.vm.emulMmio) {
      if (end <= handler.start || start >= handler.end) continue;
      if (start >= handler.start && end <= handler.end) return handler.readWrite(vcpu);
      vcpu.vm.hypervisor.log(1, "hypervisor", `Err MMIO, address:0x${start.toString(16)}, size:${vcpu.req.size}`);
      return -EIO;
    }
    return -ENODEV;
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.address, req.size, req.direction),
);

/**
 * Same file. Copies the request into the vCPU's slot, interrupts the Service VM and waits: asleep, or polling the
 * slot when the VM has completion polling. Returns 0, or -EINVAL without a shared page or when the slot is not FREE.
 */
const acrnInsertRequest = station(
  S.acrn_insert_request,
  (vcpu: AcrnVcpu): number => {
    const { sw, hypervisor } = vcpu.vm;
    if (sw.ioSharedPage === undefined || getIoReqState(vcpu) !== IoreqState.FREE) return -EINVAL;
    const slot = slotAddress(sw.ioSharedPage, vcpu.vcpuId);
    const { view, bytes } = hypervisor.serviceVmMemory;
    view.setUint32(slot + type, vcpu.req.ioType, true);
    bytes.set(vcpu.req.bytes, slot + IOREQ_UNION.offset);
    if (sw.isPollingIoreq) view.setUint32(slot + completion_polling, 1, true);
    setIoReqState(vcpu.vm, vcpu.vcpuId, IoreqState.PENDING);
    archFireHsmInterrupt(vcpu);
    return sw.isPollingIoreq ? pollIoreq(vcpu) : waitEvent(vcpu.events[VcpuEvent.IOREQ]);
  },
  (emit, vcpu) => {
    const { vcpuId, req } = vcpu;
    emit(vcpuId, req.ioType, req.address, req.size, requestValue(req), getIoReqState(vcpu));
  },
  (vcpu, _, status) => (vcpu.vm.sw.isPollingIoreq ? pollIoreq(vcpu) : status),
);

/** The busy wait for completion of a VM that has completion polling. */
function pollIoreq(vcpu: AcrnVcpu): number {
  return hasCompleteIoreq(vcpu) ? 0 : park(vcpu, "slot COMPLETE (polling)", true);
}

const requestValue = (req: IoRequest): number => (req.ioType === IoreqType.PORTIO ? req.pioValue : req.mmioValue);

/**
 * Same file. Goes by the hypervisor's own copy of the type, so what the HSM makes of the slot's type does not matter.
 * Does nothing unless the slot is COMPLETE: a wait that returned early leaves the request where it is.
 */
const dmEmulateIoComplete = station(
  S.dm_emulate_io_complete,
  (vcpu: AcrnVcpu): void => {
    if (!hasCompleteIoreq(vcpu)) return;
    if (vcpu.state === "zombie") completeIoreq(vcpu, undefined);
    else if (vcpu.req.ioType === IoreqType.MMIO) dmEmulateMmioComplete(vcpu);
    else if (vcpu.req.ioType === IoreqType.WP) completeIoreq(vcpu, undefined);
    else dmEmulatePioComplete(vcpu);
  },
  (emit, vcpu) => emit(vcpu.vcpuId, vcpu.req.ioType, getIoReqState(vcpu)),
);

/** Same file. */
const dmEmulatePioComplete = station(
  S.dm_emulate_pio_complete,
  (vcpu: AcrnVcpu): void => {
    completeIoreq(vcpu, vcpu.req);
    emulatePioComplete(vcpu);
  },
  (emit, vcpu) => emit(vcpu.vcpuId),
);

/** Same file. */
const dmEmulateMmioComplete = station(
  S.dm_emulate_mmio_complete,
  (vcpu: AcrnVcpu): void => {
    completeIoreq(vcpu, vcpu.req);
    emulateMmioComplete(vcpu);
  },
  (emit, vcpu) => emit(vcpu.vcpuId),
);

/** Same file. The value comes back (32 bits for ports, 64 for MMIO) and the slot becomes FREE; nothing else is read. */
const completeIoreq = station(
  S.complete_ioreq,
  (vcpu: AcrnVcpu, req: IoRequest | undefined): void => {
    const { view } = vcpu.vm.hypervisor.serviceVmMemory;
    const slot = slotAddress(vcpu.vm.sw.ioSharedPage ?? 0, vcpu.vcpuId);
    if (req?.ioType === IoreqType.PORTIO) req.pioValue = view.getUint32(slot + value, true);
    else if (req?.ioType === IoreqType.MMIO) req.mmioValue = readU64(view, slot + value);
    setIoReqState(vcpu.vm, vcpu.vcpuId, IoreqState.FREE);
  },
  (emit, vcpu) => {
    const { view } = vcpu.vm.hypervisor.serviceVmMemory;
    emit(vcpu.vcpuId, readU64(view, slotAddress(vcpu.vm.sw.ioSharedPage ?? 0, vcpu.vcpuId) + value));
  },
);

/** A read is handed to the instruction emulation, which writes the register. */
const emulateMmioComplete = station(
  S.emulate_mmio_complete,
  (vcpu: AcrnVcpu): void => {
    if (vcpu.req.direction === IoreqDirection.READ) emulateInstruction(vcpu);
  },
  (emit, { vcpuId, req }) => emit(vcpuId, req.ioType, req.direction, req.mmioValue),
);
