import assert from "node:assert/strict";
import { test } from "node:test";
import { TestMachine } from "./harness.ts";

/** A console whose driver is taken away and given back while a shell sits on it. */

const DEVICE = "virtio1";

test("the shell's loop gives up with its console, and comes back with it", async () => {
  const machine = await TestMachine.boot([
    ...["-s", "0,hostbridge", "-s", "1,lpc", "-s", "3,virtio-console,@stdio:con", "-s", "4,virtio-console,@pty:second"],
  ]);
  try {
    const shells = async (): Promise<string> => {
      await machine.run("while [ -d /run/acrn/hvc1 ] && [ ! -s /run/acrn/hvc1/pid ]; do sleep 0.1; done");
      return machine.run("ps | grep -c '[c]onsole.*/dev/hvc1'");
    };
    assert.equal(await shells(), "1");
    const driver = "/sys/bus/virtio/drivers/virtio_console";
    await machine.run(`echo ${DEVICE} >${driver}/unbind`);
    await machine.run("while [ -d /run/acrn/hvc1 ]; do sleep 0.1; done");
    assert.equal(await shells(), "0");
    await machine.run("dmesg -c >/run/before; sleep 3");
    assert.equal(await machine.run("dmesg | grep -c hvc_open"), "0");
    await machine.run(`echo ${DEVICE} >${driver}/bind; while [ ! -d /run/acrn/hvc1 ]; do sleep 0.1; done`);
    assert.equal(await shells(), "1");
  } finally {
    await machine.close();
  }
});
