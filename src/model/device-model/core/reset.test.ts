import assert from "node:assert/strict";
import { test } from "node:test";
import { Ioctl, IoreqState } from "../../abi/acrn.ts";
import { Fixture } from "../testing/fixture.ts";

/** The two ports a guest without ACPI can reset the machine with. */

const RESET = 0xcf9;
const KEYBOARD = 0x64;

function started(): Fixture {
  const f = new Fixture("@stdio:p").start();
  f.kernel.calls.length = 0;
  return f;
}
const commands = (f: Fixture) => f.kernel.calls.map(({ command }) => command);
const END = [Ioctl.PAUSE_VM, Ioctl.DESTROY_IOREQ_CLIENT, Ioctl.DESTROY_VM];

test("the keyboard controller's reset command ends the VM, after its own request", () => {
  const f = started();
  f.out(KEYBOARD, 1, 0xfe);
  assert.deepEqual(commands(f), [Ioctl.NOTIFY_REQUEST_FINISH, ...END]);
  assert.equal(f.dm.vmctx.suspendMode, "FULL_RESET");
  assert.deepEqual(
    f.log.filter((line) => /^[12] /.test(line)),
    [],
  );
});

test("without a keyboard: other commands do nothing, the status never says that a command may not be sent", () => {
  const f = started();
  for (const command of [0xaa, 0x20, 0xff]) f.out(KEYBOARD, 1, command);
  f.out(KEYBOARD, 2, 0xfe);
  assert.equal(f.in(KEYBOARD, 1) & 3, 1);
  assert.equal(f.dm.vmctx.suspendMode, "NONE");
});

test("0xCF9: bit 3 is a full reset", () => {
  const f = started();
  f.out(RESET, 1, 0x0e);
  assert.deepEqual(commands(f), [Ioctl.NOTIFY_REQUEST_FINISH, ...END]);
});

test("0xCF9: bit 2 resets the paused VM; the request is not reported as finished, the threads go on", () => {
  const f = started();
  f.out(RESET, 1, 0x02);
  assert.equal(f.in(RESET, 1), 0x02);
  f.kernel.calls.length = 0;
  f.out(RESET, 1, 0x06);
  assert.deepEqual(commands(f), [Ioctl.PAUSE_VM, Ioctl.CLEAR_VM_IOREQ, Ioctl.RESET_VM]);
  assert.equal(f.kernel.stateOf(0), IoreqState.PROCESSING);
  assert.equal(f.dm.vmctx.suspendMode, "NONE");
  assert.deepEqual(
    f.chain.contexts.map(({ state }) => state),
    ["running", "blocked", "blocked"],
  );
});
