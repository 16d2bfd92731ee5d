import type { EngineLimits } from "../../doors/guest.ts";

/** v86 has one processor, and 128 KiB less than 2 GiB are the most memory it makes. */
export const v86Limits: EngineLimits = { vcpus: 1, memory: 2047 * 2 ** 20 };
