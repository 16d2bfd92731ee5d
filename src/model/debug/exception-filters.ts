import type { DeviceClass } from "../device-model/hw/pci/device-class.ts";
import type { DeviceException } from "../device-model/hw/pci/device-view.ts";
import { exceptionFilters } from "../protocol/debug.ts";

/** What devices of these classes may stop at. */
export const deviceExceptions = (classes: readonly DeviceClass[]): readonly DeviceException[] =>
  classes.flatMap(({ view }) => view?.exceptions ?? []);

/** Every filter by its id, with its label: those of any machine, then the devices'. */
export function exceptionFiltersOf(classes: readonly DeviceClass[]): { readonly [id: string]: string } {
  return {
    ...exceptionFilters,
    ...Object.fromEntries(deviceExceptions(classes).map(({ id, label }) => [id, label])),
  };
}
