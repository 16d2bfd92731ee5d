import type { GuestBoard } from "../doors/guest.ts";

/**
 * Runs the other contexts until a vCPU's parked exit is done: how an engine waits that cannot leave its instruction, which has
 * one vCPU. Throws VcpuStuckError when nobody is left who could end it, and an Error inside the wait of another vCPU, which
 * could not go on before this one.
 */
export function waitForExit({ scheduler, exits }: GuestBoard, vcpu: number, isDone: () => boolean): void {
  if (scheduler.waited) {
    throw new Error(
      `vCPU ${vcpu} waits inside its instruction while another vCPU does: expected one such vCPU; the others let go of theirs`,
    );
  }
  while (!scheduler.runUntilOver(isDone)) exits.waitsInVain(vcpu);
}
