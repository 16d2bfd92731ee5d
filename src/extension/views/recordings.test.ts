import assert from "node:assert/strict";
import { test } from "node:test";
import type { MachineState } from "../../debug-adapter/protocol.ts";
import type { MachineSession } from "../sessions.ts";
import { Recordings } from "./recordings.ts";

type Machine = Pick<MachineSession, "state" | "request">;

/** Machines by name, and what they were asked for: "+a" to record, "-a" not to. */
function machines(): { asked: string[]; machine: (name: string, state?: MachineState) => Machine } {
  const asked: string[] = [];
  const machine = (name: string, state: MachineState = "running"): Machine => ({
    state,
    request: async (_command, args) => {
      asked.push(`${"on" in args && args.on ? "+" : "-"}${name}`);
      return undefined as never;
    },
  });
  return { asked, machine };
}

test("only the machine that can be seen records", async () => {
  const { asked, machine } = machines();
  const recordings = new Recordings();
  const [a, b] = [machine("a"), machine("b")];
  assert.equal(await recordings.begin(a), true);
  recordings.endAllBut(a);
  recordings.endAllBut(b);
  await recordings.begin(b);
  recordings.endAllBut(undefined);
  recordings.endAllBut(undefined);
  assert.deepEqual(asked, ["+a", "-a", "+b", "-b"]);
});

test("a view that is hidden while its machine is being switched on switches it off after that", async () => {
  const { asked, machine } = machines();
  const recordings = new Recordings();
  const begun = recordings.begin(machine("a"));
  recordings.endAllBut(undefined);
  await begun;
  assert.deepEqual(asked, ["+a", "-a"]);
});

test("what was switched by hand is left so, and a machine that goes down is asked nothing", async () => {
  const { asked, machine } = machines();
  const recordings = new Recordings();
  const [a, b] = [machine("a"), machine("b")];
  await recordings.begin(a);
  await recordings.switchByHand(a, true);
  await recordings.switchByHand(b, false);
  assert.equal(await recordings.begin(b), false);
  await recordings.begin(machine("c", "ended"));
  recordings.endAllBut(undefined);
  assert.deepEqual(asked, ["+a", "+a", "-b", "+c"]);
});
