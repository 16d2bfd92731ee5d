import type { Chain } from "../chain/chain.ts";
import type { Context } from "../chain/context.ts";
import type { DeviceModel } from "../device-model/device-model.ts";
import type { DeviceClass } from "../device-model/hw/pci/device-class.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import type { GuestMemory } from "../doors/guest.ts";
import type { CpuDebug } from "../doors/guest-debug.ts";
import type { Hypervisor } from "../hypervisor/hypervisor.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import type { LayerView } from "../inspect/layer-view.ts";
import type { Node } from "../inspect/node.ts";
import type { RefusalCode } from "../protocol/debug.ts";
import type { ServiceVm } from "../service-vm/service-vm.ts";

/** What an argument of a station is or belongs to. */
export interface Subject {
  readonly vcpu: AcrnVcpu;
  /** Of the shared ioreq page: the number of its vCPU in the User VM. */
  readonly slot: number;
  readonly queue: VirtioVqInfo;
  readonly device: PciVdev;
  /** File descriptor. */
  readonly eventfd: number;
}

export type DebugLayer = LayerView<Subject>;

/** What an argument is about, in one regard. */
export function subjectIn<K extends keyof Subject>(
  layers: readonly DebugLayer[],
  value: unknown,
  what: K,
): Subject[K] | undefined {
  for (const layer of layers) {
    const found = layer.subjectOf?.(value)?.[what];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A structure as the layer it belongs to shows it, with the layer's name for it or this one. */
export function nodeOf(layers: readonly DebugLayer[], value: object, name?: string): Node | undefined {
  for (const layer of layers) {
    const node = layer.describe(value, name);
    if (node !== undefined) return node;
  }
  return undefined;
}

/** The machine a debugger looks at. */
export interface DebugTarget {
  /** How its layers show themselves, in the order in which they are asked. */
  readonly layers: readonly DebugLayer[];
  readonly chain: Chain;
  readonly hypervisor: Hypervisor;
  readonly serviceVm: ServiceVm;
  readonly deviceModel: DeviceModel | undefined;
  readonly memory: GuestMemory;
  /** The guest's CPUs, as far as its engine shows them: none of a scripted guest. */
  readonly cpus: readonly CpuDebug[];
  /** VM exits by kind since the machine was made. */
  readonly exits: {
    readonly portRead: number;
    readonly portWrite: number;
    readonly mmioRead: number;
    readonly mmioWrite: number;
  };
}

/** What the machine's devices may be: those it has, and those it could have. */
export const classesOf = ({ deviceModel }: DebugTarget): readonly DeviceClass[] =>
  deviceModel?.vmctx.deviceClasses ?? [];

/** The CPU whose guest context that is, also of an interrupt. */
export const cpuOf = ({ cpus }: DebugTarget, context: Context): CpuDebug | undefined =>
  cpus.find((cpu) => cpu.context.name === context.name);

/** A request that cannot be answered; the message is for a person, the code for a program that has something to do about it. */
export class DebugError extends Error {
  readonly code: RefusalCode | undefined;

  constructor(message: string, code?: RefusalCode) {
    super(message);
    this.code = code;
  }
}
