import {
  acrnIoeventfd,
  acrnIoreqNotify,
  acrnIrqfd,
  acrnMsiEntry,
  acrnVmCreation,
  Ioctl,
  ioctlName,
} from "../abi/acrn.ts";
import { station, stationThread } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import type { HsmFile } from "../doors/kernel.ts";
import { declareState, plain } from "../inspect/state.ts";
import { EEXIST, EFAULT, EINVAL, ENODEV, ENOTTY } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import { acrnAsyncioSetup } from "./asyncio.ts";
import { hcallInjectMsi, hcallPauseVm, hcallResetVm, hcallSetIrqline, hcallStartVm } from "./hypercall.ts";
import { acrnIoeventfdConfig, readIoeventfdArgs } from "./ioeventfd.ts";
import { acrnIoreqIntrSetup } from "./ioreq.ts";
import { acrnIoreqClientCreate, acrnIoreqClientDestroy, acrnIoreqClientWait } from "./ioreq-client.ts";
import { acrnIoreqRequestClear, acrnIoreqRequestDefaultComplete } from "./ioreq-complete.ts";
import { acrnIrqfdConfig, readIrqfdArgs } from "./irqfd.ts";
import type { ServiceVm } from "./service-vm.ts";
import { acrnVmCreate, acrnVmDestroy } from "./vm.ts";
import { ACRN_INVALID_VMID, AcrnVm } from "./vm-state.ts";

/** drivers/virt/acrn/hsm.c. The driver is loaded in the privileged VM of an ACRN machine only, which this one is. */
export const hsmInit = station(S.hsm_init, (kernel: ServiceVm): number => {
  kernel.hsmRegistered = true;
  const status = acrnIoreqIntrSetup(kernel);
  if (status !== 0) kernel.hsmRegistered = false;
  return status;
});

/** Same file. */
export const acrnDevOpen = station(S.acrn_dev_open, (kernel: ServiceVm): OpenHsm => new OpenHsm(kernel));

/** An open /dev/acrn_hsm and the VM object behind it. */
export class OpenHsm implements HsmFile {
  static readonly state = declareState<OpenHsm>("service-vm.OpenHsm", { chain: plain, vm: plain });
  readonly chain: Chain;
  readonly vm: AcrnVm;

  constructor(kernel: ServiceVm) {
    this.chain = kernel.chain;
    this.vm = new AcrnVm(kernel);
  }

  ioctl(command: number, arg: number): number {
    if (command === Ioctl.ATTACH_IOREQ_CLIENT) throw new Error("ATTACH_IOREQ_CLIENT blocks: use ioctlWait");
    return acrnDevIoctl(this.vm, command, arg);
  }

  *ioctlWait(command: number, arg: number): Generator<void, number, void> {
    if (command !== Ioctl.ATTACH_IOREQ_CLIENT) return acrnDevIoctl(this.vm, command, arg);
    return yield* acrnDevIoctlAttach(this.vm, command, arg);
  }

  close(): void {
    acrnDevRelease(this.vm);
  }
}

/** Same file. The VM is destroyed if it still exists. */
const acrnDevRelease = station(
  S.acrn_dev_release,
  (vm: AcrnVm): void => {
    acrnVmDestroy(vm);
  },
  (emit, vm) => emit(vm.vmid),
);

/**
 * Same file. -EINVAL: there is no VM yet and the command does not create one, or a reserved field is not 0; -EFAULT:
 * the argument's struct is not in memory; -ENOTTY: unknown command. Else what the command's function returns.
 */
const acrnDevIoctl = station(
  S.acrn_dev_ioctl,
  (vm: AcrnVm, command: number, arg: number): number => {
    if (vm.vmid === ACRN_INVALID_VMID && command !== Ioctl.CREATE_VM) return -EINVAL;
    return run(vm, command, arg);
  },
  (emit, _vm, command, arg) => emit(command, arg),
);

/** The same function, in the one command that sleeps. -ENODEV without a default client. */
const acrnDevIoctlAttach = stationThread(
  S.acrn_dev_ioctl,
  function* (vm: AcrnVm, _command: number, _arg: number): Generator<void, number, void> {
    if (vm.vmid === ACRN_INVALID_VMID) return -EINVAL;
    return vm.defaultClient === undefined ? -ENODEV : yield* acrnIoreqClientWait(vm.defaultClient);
  },
  (emit, _vm, command, arg) => emit(command, arg),
);

/** Bytes `copy_from_user` takes from `arg`, for the commands that have a struct there. */
const argumentSize: { readonly [command: number]: number } = {
  [Ioctl.CREATE_VM]: acrnVmCreation.size,
  [Ioctl.INJECT_MSI]: acrnMsiEntry.size,
  [Ioctl.NOTIFY_REQUEST_FINISH]: acrnIoreqNotify.size,
  [Ioctl.IOEVENTFD]: acrnIoeventfd.size,
  [Ioctl.IRQFD]: acrnIrqfd.size,
};

function run(vm: AcrnVm, command: number, arg: number): number {
  const { memory, log, asyncio } = vm.kernel;
  const size = argumentSize[command];
  if (size !== undefined && !memory.contains(arg, size)) return -EFAULT;
  switch (command) {
    case Ioctl.CREATE_VM:
      return createVm(vm, arg);
    case Ioctl.DESTROY_VM:
      return acrnVmDestroy(vm);
    case Ioctl.START_VM:
      return hcallStartVm(vm);
    case Ioctl.PAUSE_VM:
      return hcallPauseVm(vm);
    case Ioctl.RESET_VM:
      return hcallResetVm(vm);
    case Ioctl.INJECT_MSI:
      return hcallInjectMsi(
        vm,
        readU64(memory.view, arg + acrnMsiEntry.at.msi_addr),
        readU64(memory.view, arg + acrnMsiEntry.at.msi_data),
      );
    case Ioctl.SET_IRQLINE:
      return hcallSetIrqline(vm, arg);
    case Ioctl.CREATE_IOREQ_CLIENT:
      if (vm.defaultClient !== undefined) return -EEXIST;
      return acrnIoreqClientCreate(vm, undefined, true, "acrndm") === undefined ? -EINVAL : 0;
    case Ioctl.DESTROY_IOREQ_CLIENT:
      if (vm.defaultClient !== undefined) acrnIoreqClientDestroy(vm.defaultClient);
      return 0;
    case Ioctl.NOTIFY_REQUEST_FINISH:
      if (memory.view.getUint16(arg + acrnIoreqNotify.at.reserved, true) !== 0) return -EINVAL;
      return acrnIoreqRequestDefaultComplete(vm, memory.view.getUint16(arg + acrnIoreqNotify.at.vcpu, true));
    case Ioctl.CLEAR_VM_IOREQ:
      acrnIoreqRequestClear(vm);
      return 0;
    case Ioctl.IOEVENTFD: {
      const args = readIoeventfdArgs(memory.view, arg);
      return args === undefined ? -EINVAL : acrnIoeventfdConfig(vm, args);
    }
    case Ioctl.IRQFD:
      return acrnIrqfdConfig(vm, readIrqfdArgs(memory.view, arg));
    case Ioctl.SETUP_ASYNCIO:
      if (asyncio) return acrnAsyncioSetup(vm, arg);
      break;
  }
  log(5, "hsm", `Unknown IOCTL ${ioctlName(command)}!`);
  return -ENOTTY;
}

/** CREATE_VM: the hypervisor works on a copy of the argument, which goes back when the VM exists. */
function createVm(vm: AcrnVm, arg: number): number {
  const { memory, scratch } = vm.kernel;
  const { at, size } = acrnVmCreation;
  const reserved = memory.view.getUint16(arg + at.reserved0, true) | memory.view.getUint16(arg + at.reserved1, true);
  if (reserved !== 0) return -EINVAL;
  memory.bytes.copyWithin(scratch, arg, arg + size);
  const result = acrnVmCreate(vm, scratch);
  if (result === undefined) return -EINVAL;
  memory.view.setUint16(arg + at.vmid, result.vmid, true);
  memory.view.setUint16(arg + at.vcpu_num, result.vcpuNum, true);
  return 0;
}
