import type { ContextKind } from "../../context-kinds.ts";

/** Which threads of acrn-dm a function runs in, and names of values, for the tables of this folder. */

/** Start-up, on the main thread. */
export const boot: readonly ContextKind[] = ["dm.main"];
/** The main thread as event loop. */
export const loop: readonly ContextKind[] = ["dm.main"];
export const vcpu: readonly ContextKind[] = ["dm.vcpu"];
export const io: readonly ContextKind[] = ["dm.io"];
export const startOrVcpu: readonly ContextKind[] = ["dm.main", "dm.vcpu"];
/** A thread that a device has for itself. */
export const device: readonly ContextKind[] = ["dm.device"];
/** Whoever serves a queue: the ioreq thread, an iothread, the event loop for input, or a thread of the device's own. */
export const queue: readonly ContextKind[] = ["dm.vcpu", "dm.io", "dm.main", "dm.device"];

/** `enum vm_suspend_how`, the first four. */
export const suspendNames = { 0: "NONE", 1: "SYSTEM_RESET", 2: "FULL_RESET", 3: "POWEROFF" } as const;
export const irqlineNames = { 0: "SET_HIGH", 1: "SET_LOW", 2: "RAISING_PULSE", 3: "FALLING_PULSE" } as const;
export const lintrNames = { 0: "IDLE", 1: "ASSERTED", 2: "PENDING" } as const;
