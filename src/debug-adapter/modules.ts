import type { Layer } from "../model/chain/station.ts";
import { integer, object, optional } from "./check.ts";
import type { Handlers } from "./requests.ts";
import type { SourceFinder } from "./source-finder.ts";

const MODULES: readonly { readonly id: Layer; readonly name: string; readonly tree: "acrn" | "linux" }[] = [
  { id: "guest", name: "Guest kernel", tree: "linux" },
  { id: "hypervisor", name: "ACRN hypervisor", tree: "acrn" },
  { id: "service-vm", name: "Service VM kernel (HSM driver)", tree: "linux" },
  { id: "device-model", name: "acrn-dm", tree: "acrn" },
];

/** The four programs of the machine, and the files their functions are in. */
export const modules = {
  modules(args, { session }) {
    const { startModule = 0, moduleCount = 0 } = object({
      startModule: optional(integer(0)),
      moduleCount: optional(integer(0)),
    })(args, "modules");
    const trees = session.sources?.map.trees ?? [];
    const all = MODULES.map(({ id, name, tree }) => {
      const checkout = trees.find(({ kind }) => kind === tree);
      return {
        id,
        name,
        ...(id === "guest" ? { path: session.machine?.spec.kernel } : {}),
        ...(checkout?.version === undefined ? {} : { version: checkout.version }),
        symbolStatus: checkout === undefined ? "no checkout" : `sources in ${checkout.root}`,
        isUserCode: checkout !== undefined,
      };
    });
    const end = moduleCount === 0 ? undefined : startModule + moduleCount;
    return { modules: all.slice(startModule, end), totalModules: all.length };
  },

  async loadedSources(_args, { session }) {
    const sources = session.sources as SourceFinder;
    await sources.map.ready;
    return { sources: sources.files() };
  },
} satisfies Handlers;
