import { pciConfig } from "../../../abi/pci.ts";
import { prErr } from "../../core/log.ts";
import type { Vmctx } from "../../core/vmctx.ts";
import type { DeviceClass } from "./device-class.ts";
import { noOptions } from "./device-options.ts";
import { pirqRead, pirqWrite } from "./irq.ts";
import { lpcState } from "./lpc-state.ts";
import { LpcUarts } from "./lpc-uart.ts";
import type { PciVdev } from "./vdev.ts";

/** The LPC (ISA) bridge: where the COM ports hang and the interrupt router's registers are (devicemodel/hw/pci/lpc.c). */

const { at } = pciConfig;
const LPC_VENDOR = 0x8086;
const LPC_DEV = 0x7000;
const PCIC_BRIDGE = 0x06;
const PCIS_BRIDGE_ISA = 0x01;
/** Router pins 1 to 4 and 5 to 8. */
const PIRQ_REGISTERS = [0x60, 0x61, 0x62, 0x63, 0x68, 0x69, 0x6a, 0x6b];

const ONLY_ONE = "Only one LPC bridge is allowed.";
const BUS_0 = "LPC bridge can be present only on bus 0.";

export const lpc: DeviceClass<undefined> = {
  className: "lpc",
  about: "the ISA bridge with the UARTs of -l",
  options: noOptions,
  state: lpcState,
  placeRefusal({ bus }, before) {
    if (bus !== 0) return { said: BUS_0, advice: "Give it a slot of bus 0." };
    return before.length > 0 ? { said: ONLY_ONE, advice: "There is one already. Leave this one out." } : undefined;
  },
  init(ctx: Vmctx, dev: PciVdev): number {
    if (ctx.pci.lpcBridge !== undefined) {
      prErr(ctx, ONLY_ONE);
      return -1;
    }
    if (dev.bus !== 0) {
      prErr(ctx, BUS_0);
      return -1;
    }
    const uarts = new LpcUarts(ctx);
    if (uarts.init() !== 0) return -1;
    dev.arg = uarts;
    dev.cfgWrite(at.device, 2, LPC_DEV);
    dev.cfgWrite(at.vendor, 2, LPC_VENDOR);
    dev.cfgWrite(at.class, 1, PCIC_BRIDGE);
    dev.cfgWrite(at.subclass, 1, PCIS_BRIDGE_ISA);
    ctx.pci.lpcBridge = dev;
    return 0;
  },
  deinit(ctx: Vmctx, dev: PciVdev): void {
    ctx.pci.lpcBridge = undefined;
    (dev.arg as LpcUarts).deinit();
  },
  cfgwrite(dev: PciVdev, offset: number, bytes: number, value: number): number {
    const pin = PIRQ_REGISTERS.indexOf(offset) + 1;
    if (bytes !== 1 || pin === 0) return -1;
    pirqWrite(dev.vmctx, pin, value);
    dev.cfgWrite(offset, 1, pirqRead(dev.vmctx, pin));
    return 0;
  },
  barread: () => 0,
  barwrite: () => {},
};

/** Shows the router's registers in the bridge's configuration space, after the pins are routed. */
export function lpcPirqRouted(ctx: Vmctx): void {
  const bridge = ctx.pci.lpcBridge;
  for (const [i, offset] of PIRQ_REGISTERS.entries()) bridge?.cfgWrite(offset, 1, pirqRead(ctx, i + 1));
}
