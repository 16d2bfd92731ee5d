import type { LayerView } from "../inspect/layer-view.ts";
import { IoRequest } from "./core/io-request.ts";
import type { DeviceModel } from "./device-model.ts";
import type { DeviceView } from "./hw/pci/device-view.ts";
import { describeDevice, deviceOf, devicesNode, queueOf } from "./hw/pci/inspect.ts";
import type { PciVdev } from "./hw/pci/vdev.ts";
import type { VirtioVqInfo } from "./hw/pci/virtio/virtqueue.ts";

/** What acrn-dm's structures are about. */
interface DeviceModelSubject {
  readonly slot: number;
  readonly queue: VirtioVqInfo;
  readonly device: PciVdev;
}

/** How acrn-dm shows what it keeps; its devices show what is theirs. */
export function deviceModelView(deviceModel: () => DeviceModel | undefined): LayerView<DeviceModelSubject> {
  let found: readonly DeviceView[] | undefined;
  // Asked for every argument of a stack, and the same from the start of acrn-dm on.
  const views = (): readonly DeviceView[] => {
    found ??= deviceModel()?.vmctx.deviceClasses.flatMap(({ view }) => view ?? []);
    return found ?? [];
  };
  return {
    roots: { devices: () => devicesNode(() => deviceModel()?.devices ?? []) },
    describe: (value, name) => describeDevice(value, name) ?? first(views(), (view) => view.describe?.(value, name)),
    subjectOf: (value) => {
      if (value instanceof IoRequest) return { slot: value.slot };
      const device = deviceOf(value) ?? first(views(), (view) => view.deviceOf?.(value));
      return { queue: queueOf(value), device };
    },
  };
}

function first<T>(views: readonly DeviceView[], find: (view: DeviceView) => T | undefined): T | undefined {
  for (const view of views) {
    const found = find(view);
    if (found !== undefined) return found;
  }
  return undefined;
}
