import type { GuestBoard } from "../doors/guest.ts";

/**
 * Runs the other contexts until a vCPU's parked exit is done: how an engine waits that cannot leave its instruction. Throws
 * VcpuStuckError when nobody is left who could end it.
 */
export function waitForExit({ scheduler, exits }: GuestBoard, vcpu: number, isDone: () => boolean): void {
  while (!scheduler.runUntilOver(isDone)) exits.waitsInVain(vcpu);
}
