import { IoreqDirection, IoreqType } from "../abi/acrn.ts";
import type { Frame } from "../chain/context.ts";
import type { PciVdev } from "../device-model/hw/pci/vdev.ts";
import { virtioOf } from "../device-model/hw/pci/virtio/base.ts";
import { kickedQueue } from "../device-model/hw/pci/virtio/kick.ts";
import type { VirtioVqInfo } from "../device-model/hw/pci/virtio/virtqueue.ts";
import type { AcrnVcpu } from "../hypervisor/vcpu.ts";
import { type DebugTarget, subjectIn } from "./target.ts";

/** What a frame is about, when its function does not say: the vCPU, queue and device of the request under way. */
export interface Focus {
  readonly vcpu: AcrnVcpu | undefined;
  readonly queue: VirtioVqInfo | undefined;
  readonly device: PciVdev | undefined;
}

/** `frames`: the frame itself, then the others of its stack, the nearest first. */
export function focusOf(target: DebugTarget, frames: readonly Frame[]): Focus {
  const vcpu = userVcpu(target, frames);
  const queue = first(frames, (arg) => subjectIn(target.layers, arg, "queue")) ?? queueKickedBy(target, vcpu);
  const named = queue?.base.dev ?? first(frames, (arg) => subjectIn(target.layers, arg, "device"));
  const device = named ?? addressedDevice(target, vcpu);
  return { vcpu, queue, device };
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

function userVcpu(target: DebugTarget, frames: readonly Frame[]): AcrnVcpu | undefined {
  const { userVm } = target.hypervisor;
  const found = first(frames, (arg) => {
    const slot = subjectIn(target.layers, arg, "slot");
    const vcpu = slot === undefined ? subjectIn(target.layers, arg, "vcpu") : userVm.vcpus[slot];
    return vcpu?.vm === userVm ? vcpu : undefined;
  });
  return found ?? (userVm.createdVcpus.length === 1 ? userVm.createdVcpus[0] : undefined);
}

/** The queue that the vCPU's request notifies. */
function queueKickedBy({ deviceModel }: DebugTarget, vcpu: AcrnVcpu | undefined): VirtioVqInfo | undefined {
  if (vcpu === undefined || vcpu.req.direction !== IoreqDirection.WRITE) return undefined;
  const { ioType, address, size, pioValue } = vcpu.req;
  const space = ioType === IoreqType.PORTIO ? "IO" : "MEM";
  const kick = kickedQueue(deviceModel?.devices ?? [], space, address, size, pioValue);
  return kick === undefined ? undefined : virtioOf(kick.dev)?.queues[kick.queue];
}

/** The device one of whose BARs the vCPU's request addresses. */
function addressedDevice({ deviceModel }: DebugTarget, vcpu: AcrnVcpu | undefined): PciVdev | undefined {
  if (vcpu === undefined) return undefined;
  const { ioType, address } = vcpu.req;
  const space = ioType === IoreqType.PORTIO ? "IO" : "MEM32";
  return deviceModel?.devices.find((device) =>
    device.bar.some(({ type, addr, size }) => type === space && address >= addr && address < addr + size),
  );
}
