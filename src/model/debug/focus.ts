import type { Context, Frame } from "../chain/context.ts";
import { decodes } from "../device-model/hw/pci/bar.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import { virtioOf } from "../device-model/hw/pci/virtio/base.ts";
import { kickedQueue } from "../device-model/hw/pci/virtio/kick.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import type { ExitAccess } from "../hypervisor/exit-access.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import { accessOf, isSlotFree } from "./exit.ts";
import { exitBehind } from "./stack.ts";
import { type DebugTarget, subjectIn } from "./target.ts";

/** What a frame is about, when its function does not say: the vCPU, queue and device of the exit under way. */
export interface Focus {
  readonly vcpu: AcrnVcpu | undefined;
  /** The vCPU whose access this is, or whose request in the shared page a function names. */
  readonly request: AcrnVcpu | undefined;
  readonly queue: VirtioVqInfo | undefined;
  readonly device: PciVdev | undefined;
}

/**
 * `frames`: the frame itself, then the others of its stack, the nearest first. `context`: whose stack it is. What is of
 * an exit that is over, or of one that this stack has nothing to do with, is not taken.
 */
export function focusOf(target: DebugTarget, frames: readonly Frame[], context: Context | undefined): Focus {
  const { createdVcpus } = target.hypervisor.userVm;
  const exiting = context === undefined ? undefined : exitBehind(target, context);
  const named = namedVcpu(target, frames);
  const access = exiting === undefined || (named ?? exiting) !== exiting ? undefined : accessOf(exiting);
  const queue = first(frames, (arg) => subjectIn(target.layers, arg, "queue")) ?? queueKickedBy(target, access);
  const device = queue?.base.dev ?? first(frames, (arg) => subjectIn(target.layers, arg, "device"));
  return {
    vcpu: named ?? exiting ?? (createdVcpus.length === 1 ? createdVcpus[0] : undefined),
    request: access === undefined ? requestNamed(target, frames) : exiting,
    queue,
    device: device ?? addressedDevice(target, access),
  };
}

function first<T>(frames: readonly Frame[], find: (arg: unknown) => T | undefined): T | undefined {
  for (const frame of frames) {
    for (const arg of frame.args) {
      const found = find(arg);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What is in a FREE slot is done with. */
function requestNamed({ hypervisor, layers }: DebugTarget, frames: readonly Frame[]): AcrnVcpu | undefined {
  const slot = first(frames, (arg) => subjectIn(layers, arg, "slot"));
  const vcpu = slot === undefined ? undefined : hypervisor.userVm.vcpus[slot];
  return vcpu === undefined || isSlotFree(vcpu) ? undefined : vcpu;
}

function namedVcpu({ hypervisor: { userVm }, layers }: DebugTarget, frames: readonly Frame[]): AcrnVcpu | undefined {
  return first(frames, (arg) => {
    const slot = subjectIn(layers, arg, "slot");
    const vcpu = slot === undefined ? subjectIn(layers, arg, "vcpu") : userVm.vcpus[slot];
    return vcpu?.vm === userVm ? vcpu : undefined;
  });
}

/** The queue that an access notifies. */
function queueKickedBy({ deviceModel }: DebugTarget, access: ExitAccess | undefined): VirtioVqInfo | undefined {
  if (access?.isWrite !== true) return undefined;
  const { space, address, size, value } = access;
  const kick = kickedQueue(deviceModel?.devices ?? [], space, address, size, value);
  return kick === undefined ? undefined : virtioOf(kick.dev)?.queues[kick.queue];
}

/** The device one of whose BARs an access addresses. */
function addressedDevice({ deviceModel }: DebugTarget, access: ExitAccess | undefined): PciVdev | undefined {
  if (access === undefined) return undefined;
  const { address } = access;
  const type = access.space === "IO" ? "IO" : "MEM32";
  return deviceModel?.devices.find((device) =>
    device.bar.some(
      (bar) => bar.type === type && address >= bar.addr && address < bar.addr + bar.size && decodes(device, bar),
    ),
  );
}
