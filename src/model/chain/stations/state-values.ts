import { ioreqStateNames } from "../../abi/acrn.ts";

/** Values that tell the state of the shared page or of a ring, by which pictures find them whatever their names. */
export const slotState = { as: ioreqStateNames, role: "slotState" } as const;
export const availIdx = { as: "dec", role: "availIdx" } as const;
export const lastAvail = { as: "dec", role: "lastAvail" } as const;
export const usedIdx = { as: "dec", role: "usedIdx" } as const;
