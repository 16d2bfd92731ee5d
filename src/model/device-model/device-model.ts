import type { Chain } from "../chain/chain.ts";
import { declareState, part, plain } from "../inspect/state.ts";
import { closeProcess, runMain, sigHandlerTerm } from "./core/main.ts";
import { vmSuspend } from "./core/vm-suspend.ts";
import { Vmctx, type VmctxOptions } from "./core/vmctx.ts";
import type { DeviceClass } from "./hw/pci/device-class.ts";
import { builtInDeviceClasses } from "./hw/pci/devices.ts";
import { type IntxRoute, pciWalkLintr } from "./hw/pci/lintr.ts";
import type { PciVdev } from "./hw/pci/vdev.ts";

export interface DeviceModelOptions extends Omit<VmctxOptions, "deviceClasses"> {
  /** What the configuration's slots may name; the built-in classes when missing. */
  readonly deviceClasses?: readonly DeviceClass[];
}

/** One acrn-dm process. What it keeps is in `vmctx`, readable for views. */
export class DeviceModel {
  static readonly state = declareState<DeviceModel>("device-model.DeviceModel", { vmctx: part, devices: plain });
  readonly vmctx: Vmctx;
  /** The guest's PCI functions, in the order of their addresses. */
  devices: readonly PciVdev[] = [];

  constructor(options: DeviceModelOptions) {
    this.vmctx = new Vmctx({ ...options, deviceClasses: options.deviceClasses ?? builtInDeviceClasses });
  }

  get chain(): Chain {
    return this.vmctx.chain;
  }

  /** Runs acrn-dm up to its threads, in the current context. Throws DmExit where acrn-dm exits. */
  start(): void {
    runMain(this.vmctx);
    this.devices = this.vmctx.pci.devices();
  }

  /**
   * SIGINT: the threads end, backends are closed and the VM is destroyed when the scheduler runs them next. Does nothing when
   * acrn-dm is at its end already.
   */
  terminate(): void {
    if (this.vmctx.hsm !== undefined) sigHandlerTerm(this.vmctx);
  }

  /**
   * The same for a guest that has switched itself off. With ACPI that is a write to a register acrn-dm emulates; this
   * guest has none and halts.
   */
  powerOff(): void {
    if (this.vmctx.hsm !== undefined) vmSuspend(this.vmctx, "POWEROFF");
  }

  /** The process is gone: closes what it had open, at once and without a word to the VM. May be called twice. */
  close(): void {
    closeProcess(this.vmctx);
    this.devices = [];
  }

  /** How the devices' interrupt pins are routed, for the guest's firmware tables. Known after `start`. */
  intxRoutes(): IntxRoute[] {
    return pciWalkLintr(this.vmctx);
  }
}
