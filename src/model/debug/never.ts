import type { Station, StationNeed } from "../chain/station.ts";
import { virtioOf } from "../device-model/hw/pci/virtio/base.ts";
import { classesOf, type DebugTarget } from "./target.ts";

/** What a machine lacks that has not got what a function needs; undefined when it has. */
const LACKS: { readonly [need in StationNeed]: (target: DebugTarget) => string | undefined } = {
  iothread: ({ deviceModel }) =>
    deviceModel?.devices.some((dev) => virtioOf(dev)?.iothread === true)
      ? undefined
      : "no device of this machine has iothreads (an option, iothread, of devices that can have them)",
  irqfd: () => "no device of this machine asks for an irqfd; acrn-dm does so for vhost only",
  asyncio: ({ serviceVm }) =>
    serviceVm.asyncio ? undefined : "the kernel of this machine's Service VM has no asyncio, like mainline Linux",
  polling: () => "devices are not polled in this machine (--virtio_poll is not modelled)",
  modernTransport: () => "no device of this machine has the modern transport",
  caller: () => "nothing in this machine calls it",
};

/** Why a function of the layers below the guest cannot be entered in this machine, as far as that can be told. */
export function neverEntered(target: DebugTarget, station: Station): string | undefined {
  if (station.layer === "guest") return undefined;
  const lack = station.needs === undefined ? undefined : LACKS[station.needs](target);
  if (lack !== undefined) return `${station.id} is never entered: ${lack}`;
  if (station.contexts.every((kind) => kind === "svm.init")) {
    return `${station.id} is entered while the Service VM boots, which is over before a debugger looks`;
  }
  const owner = classesOf(target).find(({ stations }) => stations?.stations.includes(station));
  if (owner === undefined || target.deviceModel?.devices.some(({ ops }) => ops === owner)) return undefined;
  return `${station.id} is never entered: this machine has no ${owner.className}`;
}
