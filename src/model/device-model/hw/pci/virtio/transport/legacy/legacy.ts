import { type Field, fieldSize } from "../../../../../../abi/struct.ts";
import { VIRTIO_MSI_NO_VECTOR } from "../../../../../../abi/virtio.ts";
import { commonFeatures, featureWords } from "../../../../../../abi/virtio-features.ts";
import { legacyConfigOffset, virtioLegacyRegisters } from "../../../../../../abi/virtio-legacy.ts";
import { station } from "../../../../../../chain/announce.ts";
import { deviceModelStations as stations } from "../../../../../../chain/stations/device-model.ts";
import { prErr } from "../../../../../core/log.ts";
import { pciLintrDeassert } from "../../../lintr.ts";
import { pciMsixEnabled } from "../../../msix.ts";
import type { BarAccess } from "../../../vdev.ts";
import type { VirtioBase } from "../../base.ts";
import { virtioPciStatusHandler } from "../../device.ts";
import type { VirtioVqInfo } from "../../virtqueue.ts";
import { legacyOf } from "./state.ts";
import { virtioVqInit } from "./vq-init.ts";

/** Accesses to the legacy register block (devicemodel/hw/pci/virtio/virtio.c). */

type Register = keyof typeof virtioLegacyRegisters.at;

/** acrn-dm's names of the registers in its messages. */
const messageNames: { readonly [name in Register]: string } = {
  host_features: "HOSTCAP",
  guest_features: "GUESTCAP",
  queue_pfn: "PFN",
  queue_num: "QNUM",
  queue_sel: "QSEL",
  queue_notify: "QNOTIFY",
  status: "STATUS",
  isr: "ISR",
  msi_config_vector: "CFGVEC",
  msi_queue_vector: "QVEC",
};

/** By offset. */
const registers = new Map<number, Register>();
for (const name of Object.keys(virtioLegacyRegisters.at) as Register[]) {
  registers.set(virtioLegacyRegisters.at[name], name);
}

const fieldOf = (name: Register): Field => virtioLegacyRegisters.fields[name];
const isAccessSize = (size: number): boolean => size === 1 || size === 2 || size === 4;
const allOnes = (size: number): number => (size === 1 ? 0xff : size === 2 ? 0xffff : 0xffffffff);

/** Offset inside the device's configuration, undefined in front of it or beyond its end. */
function configOffset(base: VirtioBase, { offset, size }: BarAccess): number | undefined {
  const inConfig = offset - legacyConfigOffset(pciMsixEnabled(base.dev));
  return isAccessSize(size) && inConfig >= 0 && inConfig + size <= base.vops.cfgsize ? inConfig : undefined;
}

/** Reads a register or device configuration; what is neither, or has another size, reads all ones. */
export const virtioPciLegacyRead = station(
  stations.virtio_pci_legacy_read,
  (base: VirtioBase, access: BarAccess): number => {
    const { offset, size } = access;
    const inConfig = configOffset(base, access);
    if (inConfig !== undefined) return base.vops.cfgread?.(base, inConfig, size) ?? allOnes(size);
    const name = registers.get(offset);
    if (name !== undefined && fieldSize(fieldOf(name)) === size) return readRegister(base, name);
    const what = name === undefined ? `bad offset/size ${offset}/${size}` : `${messageNames[name]}: bad size ${size}`;
    prErr(base, `${base.vops.name}: read from ${what}`);
    return allOnes(size);
  },
  (emit, _base, access) => emit(access.offset, access.size),
);

function readRegister(base: VirtioBase, name: Register): number {
  const { curq, pfn } = legacyOf(base);
  const vq = base.queues[curq];
  switch (name) {
    case "host_features":
      return base.deviceCaps.low;
    case "guest_features":
      return base.negotiatedCaps.low;
    case "queue_pfn":
      return pfn[curq] ?? 0xffffffff;
    case "queue_num":
      return vq?.qsize ?? 0;
    case "queue_sel":
      return curq;
    case "queue_notify":
      return 0;
    case "status":
      return base.status;
    case "isr":
      return readIsr(base);
    case "msi_config_vector":
      return base.msixCfgIdx;
    case "msi_queue_vector":
      return vq?.msixIdx ?? VIRTIO_MSI_NO_VECTOR;
  }
}

/** Reading the ISR clears it and releases the INTx line. */
function readIsr(base: VirtioBase): number {
  const { isr } = base;
  base.isr = 0;
  if (isr !== 0) pciLintrDeassert(base.dev);
  return isr;
}

/**
 * Writes device configuration or a register; a write to the ISR is taken and does nothing. Configuration that the device
 * does not take writes of, as the console's, is looked up among the registers: the vector registers have the same
 * offsets, also while MSI-X is off.
 */
export const virtioPciLegacyWrite = station(
  stations.virtio_pci_legacy_write,
  (base: VirtioBase, access: BarAccess): void => {
    const { offset, size, value } = access;
    const inConfig = configOffset(base, access);
    if (inConfig !== undefined && base.vops.cfgwrite?.(base, inConfig, size, value) === 0) return;
    const name = registers.get(offset);
    if (name === undefined) {
      prErr(base, `${base.vops.name}: write to bad offset/size ${offset}/${size}`);
      return;
    }
    const field = fieldOf(name);
    const wrongSize = fieldSize(field) !== size;
    const readonly = field.access === "ro";
    if (wrongSize) prErr(base, `${base.vops.name}: write to ${messageNames[name]}: bad size ${size}`);
    if (readonly) prErr(base, `${base.vops.name}: write to read-only reg ${messageNames[name]}`);
    if (!wrongSize && !readonly) writeRegister(base, name, value);
  },
  (emit, _base, access) => emit(access.offset, access.size, access.value),
);

function writeRegister(base: VirtioBase, name: Register, value: number): void {
  switch (name) {
    case "guest_features":
      base.negotiatedCaps = commonFeatures(featureWords(value), base.deviceCaps);
      base.vops.applyFeatures?.(base, base.negotiatedCaps);
      break;
    case "queue_pfn":
      if (selected(base, name) !== undefined) virtioVqInit(base, value);
      break;
    case "queue_sel":
      legacyOf(base).curq = value;
      break;
    case "queue_notify":
      notify(base, value);
      break;
    case "status":
      base.status = value;
      virtioPciStatusHandler(base, value);
      break;
    case "msi_config_vector":
      base.msixCfgIdx = value;
      break;
    case "msi_queue_vector": {
      const vq = selected(base, name);
      if (vq !== undefined) vq.msixIdx = value;
      break;
    }
  }
}

/** The selected queue; one that does not exist is reported. */
function selected(base: VirtioBase, name: Register): VirtioVqInfo | undefined {
  const { curq } = legacyOf(base);
  const vq = base.queues[curq];
  if (vq === undefined) {
    const { name: device, nvq } = base.vops;
    prErr(base, `${device}: write config reg ${messageNames[name]}: curq ${curq} >= max ${nvq}`);
  }
  return vq;
}

/** The kick, in the thread of the register write: the queue's own notify comes first, the device's `qnotify` second. */
function notify(base: VirtioBase, idx: number): void {
  const vq = base.queues[idx];
  if (vq === undefined) {
    prErr(base, `${base.vops.name}: queue ${idx} notify out of range`);
    return;
  }
  const run = vq.notify ?? base.vops.qnotify;
  if (run !== undefined) run(base, vq);
  else prErr(base, `${base.vops.name}: qnotify queue ${idx}: missing vq/vops notify`);
}
