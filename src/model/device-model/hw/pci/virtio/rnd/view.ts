import type { Node } from "../../../../../inspect/node.ts";
import { phrase, type Section } from "../../../../../inspect/section.ts";
import { stateNode } from "../../../../../inspect/state-node.ts";
import type { DeviceView } from "../../device-view.ts";
import { deviceNode } from "../../inspect.ts";
import type { PciVdev } from "../../vdev.ts";
import type { VirtioBase } from "../base.ts";
import { rndOf, VirtioRnd } from "./rnd.ts";

/** How the entropy device shows itself. */

const rndIn = (dev: PciVdev): VirtioRnd => rndOf(dev.arg as VirtioBase);

function section(rnd: VirtioRnd): Section {
  return {
    id: "entropy",
    label: phrase("entropy"),
    value: "/dev/random",
    icon: "symbol-numeric",
    rows: [
      { id: "busy", label: phrase("in work"), value: rnd.inProgress },
      { id: "in", label: phrase("host to guest"), value: phrase("{0} bytes", rnd.bytesRead) },
    ],
  };
}

export const rndView: DeviceView = {
  nodes: (dev, path): readonly Node[] => [stateNode(VirtioRnd.state, rndIn(dev), "rnd", { path: `${path}.rnd` })],
  describe: (value, name) => (value instanceof VirtioRnd ? deviceNode(value.base.dev, name ?? "rnd") : undefined),
  deviceOf: (value) => (value instanceof VirtioRnd ? value.base.dev : undefined),
  argumentNames: ["rnd"],
  queuePurpose: () => ({ purpose: "entropy", direction: "host to guest" }),
  sections: (dev) => [section(rndIn(dev))],
};
