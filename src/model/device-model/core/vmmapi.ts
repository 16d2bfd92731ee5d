import {
  acrnIoeventfd,
  acrnIoreqNotify,
  acrnIrqfd,
  acrnMsiEntry,
  acrnVmCreation,
  GUEST_FLAG_IO_COMPLETION_POLLING,
  Ioctl,
  ioctlName,
} from "../../abi/acrn.ts";
import { station, stationThread } from "../../chain/announce.ts";
import { deviceModelStations as stations } from "../../chain/stations/device-model.ts";
import { ENODEV, ENOMEM } from "../../util/errno.ts";
import { writeU64 } from "../../util/u64.ts";
import { errormsg } from "./errormsg.ts";
import { prErr, prInfo } from "./log.ts";
import type { Vmctx } from "./vmctx.ts";

/** acrn-dm's wrappers around the HSM's ioctls (devicemodel/core/vmmapi.c). Results are 0 or a negative errno. */

/** Flags of acrn_vm_creation that `--rtvm` sets besides completion polling. */
const GUEST_FLAG_LAPIC_PASSTHROUGH = 1 << 1;
const GUEST_FLAG_RT = 1 << 4;
const GUEST_FLAG_PMU_PASSTHROUGH = 1 << 11;
/** The PCI hole begins here; RAM beyond it would go above 4 GiB. */
const LOWMEM_LIMIT = 0x8000_0000;
const CREATE_ATTEMPTS = 10;

/** Runs an ioctl and reports a failure with acrn-dm's words. */
function ioctl(ctx: Vmctx, command: number, arg: number, report = prErr): number {
  const error = ctx.hsm?.ioctl(command, arg) ?? -ENODEV;
  if (error !== 0) reportIoctl(ctx, command, error, report);
  return error;
}

function reportIoctl(ctx: Vmctx, command: number, error: number, report: typeof prErr): void {
  report(ctx, `${ioctlName(command)} ioctl() returned an error: ${errormsg(error)}`);
}

/**
 * Opens the HSM device and creates the User VM with the shared ioreq page. Of acrn-dm's ten attempts, half a second
 * apart, only the attempts are kept: nothing in this machine changes in between.
 * Returns false, with the reason in the log, when there is no device or the kernel refuses.
 */
export const vmCreate = station(stations.vm_create, (ctx: Vmctx, name: string): boolean => {
  const hsm = openHsm(ctx);
  if (hsm === undefined) {
    prErr(ctx, "Could not open /dev/acrn_vhm");
    return false;
  }
  ctx.hsm = hsm;
  fillVmCreation(ctx, name);
  const { view } = ctx.kernel.memory;
  const at = ctx.args.vmCreation;
  let error = 0;
  for (let attempt = 0; attempt < CREATE_ATTEMPTS; attempt++) {
    error = hsm.ioctl(Ioctl.CREATE_VM, at);
    if (error === 0) break;
  }
  if (error !== 0) {
    prErr(ctx, `failed to create VM ${name}, ${errormsg(error)}.`);
    return false;
  }
  ctx.guestNcpus = view.getUint16(at + acrnVmCreation.at.vcpu_num, true);
  ctx.vmid = view.getUint16(at + acrnVmCreation.at.vmid, true);
  return true;
});

/** `/dev/acrn_vhm` is the device's name on old kernels and is tried first. */
function openHsm(ctx: Vmctx) {
  for (const path of ["/dev/acrn_vhm", "/dev/acrn_hsm"]) {
    const file = ctx.kernel.openHsm(path);
    if (typeof file !== "number") return file;
  }
  return undefined;
}

function fillVmCreation(ctx: Vmctx, name: string): void {
  const { bytes, view } = ctx.kernel.memory;
  const at = ctx.args.vmCreation;
  bytes.fill(0, at, at + acrnVmCreation.size);
  bytes.set(new TextEncoder().encode(name).subarray(0, 16), at + acrnVmCreation.at.name);
  const rtvm =
    GUEST_FLAG_LAPIC_PASSTHROUGH | GUEST_FLAG_RT | GUEST_FLAG_IO_COMPLETION_POLLING | GUEST_FLAG_PMU_PASSTHROUGH;
  writeU64(view, at + acrnVmCreation.at.vm_flag, ctx.config.rtvm ? rtvm : 0);
  writeU64(view, at + acrnVmCreation.at.ioreq_buf, ctx.ioreqBuf);
  writeU64(view, at + acrnVmCreation.at.cpu_affinity, ctx.config.cpuAffinity);
}

/** Makes this process the default ioreq client. */
export const vmCreateIoreqClient = station(stations.vm_create_ioreq_client, (ctx: Vmctx): number =>
  ioctl(ctx, Ioctl.CREATE_IOREQ_CLIENT, 0),
);

export const vmDestroyIoreqClient = station(stations.vm_destroy_ioreq_client, (ctx: Vmctx): number =>
  ioctl(ctx, Ioctl.DESTROY_IOREQ_CLIENT, ctx.ioreqClient),
);

/**
 * Sleeps until the default client has a request. -ENODEV when the client is being destroyed, which acrn-dm calls an
 * error also where it does that itself to end the thread.
 */
export const vmAttachIoreqClient = stationThread(stations.vm_attach_ioreq_client, function* (ctx: Vmctx): Generator<
  void,
  number,
  void
> {
  const error = ctx.hsm === undefined ? -ENODEV : yield* ctx.hsm.ioctlWait(Ioctl.ATTACH_IOREQ_CLIENT, ctx.ioreqClient);
  const report = error === -ENODEV && ctx.suspendMode !== "NONE" ? prInfo : prErr;
  if (error !== 0) reportIoctl(ctx, Ioctl.ATTACH_IOREQ_CLIENT, error, report);
  return error;
});

/** The request of `vcpu` is finished: the hypervisor may let it go on. */
export const vmNotifyRequestDone = station(
  stations.vm_notify_request_done,
  (ctx: Vmctx, vcpu: number): number => {
    const { bytes, view } = ctx.kernel.memory;
    const at = ctx.args.ioreqNotify;
    bytes.fill(0, at, at + acrnIoreqNotify.size);
    view.setUint16(at + acrnIoreqNotify.at.vmid, ctx.vmid, true);
    view.setUint32(at + acrnIoreqNotify.at.vcpu, vcpu, true);
    return ioctl(ctx, Ioctl.NOTIFY_REQUEST_FINISH, at);
  },
  (emit, _ctx, vcpu) => emit(vcpu),
);

/** Mainline Linux, which the Service VM runs here, never has this: no error then, though acrn-dm reports it as one. */
export const vmSetupAsyncio = station(
  stations.vm_setup_asyncio,
  (ctx: Vmctx, base: number): number => ioctl(ctx, Ioctl.SETUP_ASYNCIO, base, prInfo),
  (emit, _ctx, base) => emit(base),
);

/** Places the RAM. -ENOMEM when the machine has less, or when it would reach into the PCI hole: it has no high RAM. */
export const vmSetupMemory = station(
  stations.vm_setup_memory,
  (ctx: Vmctx, memsize: number): number => {
    if (memsize > LOWMEM_LIMIT || memsize > ctx.memory.size) {
      prErr(ctx, `${memsize} bytes of RAM are more than this machine can have; give it less with -m, at most 2047m`);
      return -ENOMEM;
    }
    ctx.lowmem = memsize;
    return 0;
  },
  (emit, _ctx, memsize) => emit(memsize),
);

/** Starts the User VM. */
export const vmRun = station(stations.vm_run, (ctx: Vmctx): number => ioctl(ctx, Ioctl.START_VM, 0));

/** A paused VM as it was before it ran; who waited for a request is forgotten. */
export const vmReset = station(stations.vm_reset, (ctx: Vmctx): number => ioctl(ctx, Ioctl.RESET_VM, 0));

/** Completes what the HSM still has in hand. */
export const vmClearIoreq = station(stations.vm_clear_ioreq, (ctx: Vmctx): number =>
  ioctl(ctx, Ioctl.CLEAR_VM_IOREQ, 0),
);

export const vmPause = station(stations.vm_pause, (ctx: Vmctx): number => ioctl(ctx, Ioctl.PAUSE_VM, 0));

/** Destroys the User VM and closes the device. */
export const vmDestroy = station(stations.vm_destroy, (ctx: Vmctx): void => {
  if (ctx.hsm === undefined) return;
  ioctl(ctx, Ioctl.DESTROY_VM, 0);
  ctx.hsm.close();
  ctx.hsm = undefined;
});

/** Injects an MSI: address and data as the guest programmed them. */
export const vmLapicMsi = station(
  stations.vm_lapic_msi,
  (ctx: Vmctx, address: number, data: number): number => {
    const { view } = ctx.kernel.memory;
    const at = ctx.args.msi;
    writeU64(view, at + acrnMsiEntry.at.msi_addr, address);
    writeU64(view, at + acrnMsiEntry.at.msi_data, data);
    return ioctl(ctx, Ioctl.INJECT_MSI, at);
  },
  (emit, _ctx, address, data) => emit(address, data),
);

/** Sets the level of an interrupt line, or pulses it. The ioctl's argument carries gsi and operation by value. */
export const vmSetGsiIrq = station(
  stations.vm_set_gsi_irq,
  (ctx: Vmctx, gsi: number, operation: number): number => ioctl(ctx, Ioctl.SET_IRQLINE, operation * 2 ** 32 + gsi),
  (emit, _ctx, gsi, operation) => emit(gsi, operation),
);

/** What an ioeventfd fires on; addresses and lengths in bytes. */
export interface IoeventfdArgs {
  readonly fd: number;
  readonly flags: number;
  readonly addr: number;
  readonly len: number;
  readonly data: number;
}

export const vmIoeventfd = station(
  stations.vm_ioeventfd,
  (ctx: Vmctx, args: IoeventfdArgs): number => {
    const { bytes, view } = ctx.kernel.memory;
    const base = ctx.args.ioeventfd;
    const { at } = acrnIoeventfd;
    bytes.fill(0, base, base + acrnIoeventfd.size);
    view.setUint32(base + at.fd, args.fd, true);
    view.setUint32(base + at.flags, args.flags, true);
    writeU64(view, base + at.addr, args.addr);
    view.setUint32(base + at.len, args.len, true);
    writeU64(view, base + at.data, args.data);
    return ioctl(ctx, Ioctl.IOEVENTFD, base);
  },
  (emit, _ctx, args) => emit(args.fd, args.addr, args.len, args.data, args.flags),
);

/** An MSI to inject whenever an eventfd is signalled. */
export interface IrqfdArgs {
  readonly fd: number;
  readonly flags: number;
  readonly msiAddr: number;
  readonly msiData: number;
}

export const vmIrqfd = station(
  stations.vm_irqfd,
  (ctx: Vmctx, args: IrqfdArgs): number => {
    const { view } = ctx.kernel.memory;
    const base = ctx.args.irqfd;
    view.setInt32(base + acrnIrqfd.at.fd, args.fd, true);
    view.setUint32(base + acrnIrqfd.at.flags, args.flags, true);
    writeU64(view, base + acrnIrqfd.at.msi_addr, args.msiAddr);
    writeU64(view, base + acrnIrqfd.at.msi_data, args.msiData);
    return ioctl(ctx, Ioctl.IRQFD, base);
  },
  (emit, _ctx, args) => emit(args.fd, args.flags, args.msiAddr, args.msiData),
);

/** A guest-physical range acrn-dm cannot map: `paddr_guest2host` returns NULL. */
export const NULL = -1;

/**
 * Where `len` bytes at `gpa` begin in `GuestMemory.bytes`, or NULL when they are not entirely inside RAM.
 * Guest RAM is mapped from 0, so the offset is the address itself.
 */
export function paddrGuest2host(ctx: Vmctx, gpa: number, len: number): number {
  return gpa < ctx.lowmem && len <= ctx.lowmem && gpa + len <= ctx.lowmem ? gpa : NULL;
}
