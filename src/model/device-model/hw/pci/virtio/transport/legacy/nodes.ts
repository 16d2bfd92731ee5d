import { fieldSize } from "../../../../../../abi/struct.ts";
import { featureWords } from "../../../../../../abi/virtio-features.ts";
import { virtioLegacyRegisters } from "../../../../../../abi/virtio-legacy.ts";
import { type Node, valueNode } from "../../../../../../inspect/node.ts";
import type { VirtioBase } from "../../base.ts";
import type { LegacyState } from "./state.ts";

const { fields, source } = virtioLegacyRegisters;
type Register = keyof typeof fields;

/** The block's registers for a debugger; those it may set are changed without what a write of the guest would do. */
export function registerNodes(base: VirtioBase, legacy: LegacyState, path: string): readonly Node[] {
  const register = (name: Register, get: () => number | undefined, set?: (value: number) => void): Node => ({
    ...valueNode(name, get, {
      path: `${path}.${name}`,
      type: fields[name].type,
      about: `${fields[name].about} (${source})`,
      names: fields[name].values,
      hex: /features|pfn|vector/.test(name),
    }),
    ...(set === undefined ? {} : { bits: 8 * fieldSize(fields[name]), set: (value: bigint) => set(Number(value)) }),
  });
  const selected = () => base.queues[legacy.curq];
  return [
    register(
      "status",
      () => base.status,
      (value) => {
        base.status = value;
      },
    ),
    register(
      "isr",
      () => base.isr,
      (value) => {
        base.isr = value;
      },
    ),
    register("host_features", () => base.deviceCaps.low),
    register(
      "guest_features",
      () => base.negotiatedCaps.low,
      (value) => {
        base.negotiatedCaps = featureWords(value);
      },
    ),
    register(
      "queue_sel",
      () => legacy.curq,
      (value) => {
        legacy.curq = value;
      },
    ),
    register("queue_num", () => selected()?.qsize),
    register("queue_pfn", () => legacy.pfn[legacy.curq]),
    register(
      "msi_config_vector",
      () => base.msixCfgIdx,
      (value) => {
        base.msixCfgIdx = value;
      },
    ),
    register("msi_queue_vector", () => selected()?.msixIdx),
  ];
}
