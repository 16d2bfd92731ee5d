import { isVcpu, type Policy } from "../scheduler.ts";

/** vCPUs before hosts: lets requests of several vCPUs pile up. Looks for merged upcalls and races. */
export const guestFirst: Policy = (runnable) => {
  let best = runnable[0];
  for (const context of runnable) {
    const better = isVcpu(context) !== isVcpu(best) ? isVcpu(context) : context.wokenAt < best.wokenAt;
    if (better) best = context;
  }
  return best;
};
