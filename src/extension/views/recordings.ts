import type { MachineSession } from "../sessions.ts";

type Machine = Pick<MachineSession, "state" | "request">;

/** Machines that record their hops because one can see them. What the user has switched by hand stays so. */
export class Recordings {
  readonly #byItself = new Set<Machine>();
  readonly #byHand = new WeakSet<Machine>();

  async switchByHand(machine: Machine, on: boolean): Promise<void> {
    this.#byHand.add(machine);
    await machine.request("acrn/record", { on });
  }

  /** For a machine that can be seen and does not record. Resolves to whether it does now. */
  async begin(machine: Machine): Promise<boolean> {
    if (this.#byHand.has(machine)) return false;
    // Before it is done: the view may be hidden meanwhile.
    this.#byItself.add(machine);
    await machine.request("acrn/record", { on: true });
    return true;
  }

  /** Nobody looks at the others: their guests need not wait for the recording. */
  endAllBut(seen: Machine | undefined): void {
    for (const machine of this.#byItself) {
      if (machine === seen) continue;
      this.#byItself.delete(machine);
      // One that goes down meanwhile takes its recording with it.
      if (!this.#byHand.has(machine) && machine.state !== "ended") {
        machine.request("acrn/record", { on: false }).catch(() => {});
      }
    }
  }
}
