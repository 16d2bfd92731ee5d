import { acrnIrqfd } from "../abi/acrn.ts";
import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { serviceVmStations as S } from "../chain/stations/service-vm.ts";
import { declareState, plain, shown } from "../inspect/state.ts";
import { EBUSY } from "../util/errno.ts";
import { readU64 } from "../util/u64.ts";
import type { EventFdFile, EventFdWaiter } from "./eventfd.ts";
import { acrnMsiInject } from "./msi.ts";
import type { AcrnVm } from "./vm-state.ts";
import { Work, Workqueue } from "./workqueue.ts";

const ACRN_IRQFD_FLAG_DEASSIGN = 1;

/** `struct hsm_irqfd`: an entry of its eventfd's wait queue. */
export class HsmIrqfd implements EventFdWaiter {
  static readonly state = declareState<HsmIrqfd>(
    "service-vm.HsmIrqfd",
    {
      vm: plain,
      chain: plain,
      eventfd: shown(plain),
      msiAddr: shown(plain, undefined, { hex: true }),
      msiData: shown(plain, undefined, { hex: true }),
      shutdown: plain,
    },
    { type: "struct hsm_irqfd" },
  );
  readonly vm: AcrnVm;
  readonly chain: Chain;
  readonly eventfd: EventFdFile;
  readonly msiAddr: number;
  readonly msiData: number;
  readonly shutdown: Work<HsmIrqfd>;

  constructor(vm: AcrnVm, eventfd: EventFdFile, { msiAddr, msiData }: IrqfdArgs) {
    this.vm = vm;
    this.chain = vm.chain;
    this.eventfd = eventfd;
    this.msiAddr = msiAddr;
    this.msiData = msiData;
    this.shutdown = new Work<HsmIrqfd>("hsm_irqfd_shutdown_work", hsmIrqfdShutdownWork, this);
  }

  wakeUp(hangup: boolean): void {
    hsmIrqfdWakeup(this, hangup);
  }
}

/** `struct acrn_irqfd`. */
export interface IrqfdArgs {
  readonly fd: number;
  readonly flags: number;
  readonly msiAddr: number;
  readonly msiData: number;
}

export function readIrqfdArgs(view: DataView, address: number): IrqfdArgs {
  const { at } = acrnIrqfd;
  return {
    fd: view.getInt32(address + at.fd, true),
    flags: view.getUint32(address + at.flags, true),
    msiAddr: readU64(view, address + at.msi_addr),
    msiData: readU64(view, address + at.msi_data),
  };
}

/** drivers/virt/acrn/irqfd.c. Returns 0. */
export const acrnIrqfdInit = station(
  S.acrn_irqfd_init,
  (vm: AcrnVm): number => {
    vm.irqfdWq = new Workqueue(vm.chain, `acrn_irqfd-${vm.vmid}`);
    return 0;
  },
  (emit, vm) => emit(vm.vmid),
);

/** Same file. */
export const acrnIrqfdDeinit = station(
  S.acrn_irqfd_deinit,
  (vm: AcrnVm): void => {
    vm.irqfdWq?.destroy();
    vm.irqfdWq = undefined;
    for (const irqfd of [...vm.irqfds]) shutdown(irqfd);
  },
  (emit, vm) => emit(vm.vmid),
);

/** Same file. */
export const acrnIrqfdConfig = station(
  S.acrn_irqfd_config,
  (vm: AcrnVm, args: IrqfdArgs): number =>
    (args.flags & ACRN_IRQFD_FLAG_DEASSIGN) !== 0 ? acrnIrqfdDeassign(vm, args.fd) : acrnIrqfdAssign(vm, args),
  (emit, _vm, { fd, flags, msiAddr, msiData }) => emit(fd, flags, msiAddr, msiData),
);

/** Same file. -EBADF or -EINVAL for what is no eventfd, -EBUSY when the eventfd has an irqfd already. */
const acrnIrqfdAssign = station(
  S.acrn_irqfd_assign,
  (vm: AcrnVm, args: IrqfdArgs): number => {
    const eventfd = vm.kernel.eventfdCtxFdget(args.fd);
    if (typeof eventfd === "number") return eventfd;
    if (vm.irqfds.some((other) => other.eventfd === eventfd)) return -EBUSY;
    const irqfd = new HsmIrqfd(vm, eventfd, args);
    vm.irqfds.push(irqfd);
    eventfd.waiters.add(irqfd);
    if (eventfd.readable) acrnIrqfdInject(irqfd);
    return 0;
  },
  (emit, _vm, { fd, flags, msiAddr, msiData }) => emit(fd, flags, msiAddr, msiData),
);

/** Same file. 0 also when the eventfd has no irqfd. */
const acrnIrqfdDeassign = station(
  S.acrn_irqfd_deassign,
  (vm: AcrnVm, fd: number): number => {
    const eventfd = vm.kernel.eventfdCtxFdget(fd);
    if (typeof eventfd === "number") return eventfd;
    const irqfd = vm.irqfds.find((candidate) => candidate.eventfd === eventfd);
    if (irqfd !== undefined) shutdown(irqfd);
    return 0;
  },
  (emit, _vm, fd) => emit(fd),
);

/** Same file. */
const hsmIrqfdWakeup = station(
  S.hsm_irqfd_wakeup,
  (irqfd: HsmIrqfd, hangup: boolean): void => {
    if (!hangup) acrnIrqfdInject(irqfd);
    else irqfd.vm.irqfdWq?.queueWork(irqfd.shutdown);
  },
  (emit, _irqfd, hangup) => emit(hangup ? 1 : 0),
);

/** Same file. */
const acrnIrqfdInject = station(
  S.acrn_irqfd_inject,
  ({ vm, msiAddr, msiData }: HsmIrqfd): void => {
    acrnMsiInject(vm, msiAddr, msiData);
  },
  (emit, { msiAddr, msiData }) => emit(msiAddr, msiData),
);

/** Same file. */
export const hsmIrqfdShutdownWork = station(
  S.hsm_irqfd_shutdown_work,
  (irqfd: HsmIrqfd): void => shutdown(irqfd),
  (emit, irqfd) => emit(irqfd.eventfd.fd),
);

/** `hsm_irqfd_shutdown`: leaves the eventfd's wait queue and clears its counter. */
function shutdown(irqfd: HsmIrqfd): void {
  const index = irqfd.vm.irqfds.indexOf(irqfd);
  if (index < 0) return;
  irqfd.vm.irqfds.splice(index, 1);
  irqfd.eventfd.waiters.delete(irqfd);
  irqfd.eventfd.read();
}
