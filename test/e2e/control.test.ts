import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { HopRecord } from "../../src/model/chain/hop-records.ts";
import { SymbolTable } from "../../src/model/guest/stack/kallsyms.ts";
import type { KickTrace } from "../../src/model/protocol/machine.ts";
import { steps, TestMachine, within } from "./harness.ts";

/** What guest and device say to each other on the control queues while the driver starts. */

const CONSOLE = 3;
/** More than the driver's start takes; the console's first output follows. */
const KICKS = 40;
const CONTROL_IN = 2;

let machine: TestMachine;
let kicks: readonly KickTrace[];
const folder = mkdtempSync(join(tmpdir(), "acrn-control-"));

before(async () => {
  let traced: Promise<readonly KickTrace[]> | undefined;
  machine = await TestMachine.boot(
    [
      ...["-s", "0:0,hostbridge", "-s", "1:0,lpc"],
      ...["-s", `${CONSOLE},virtio-console,@stdio:stdio_port,file:second.port=${join(folder, "out")}`],
      ...["-s", "31,virtio-console,workbench:org.acrn-virtio.kallsyms"],
    ],
    {
      onMade: ({ thread }) => {
        traced = thread.request("trace", { slot: CONSOLE, queue: undefined, kicks: KICKS });
      },
    },
  );
  await machine.run("seq 20");
  await machine.named();
  assert.ok(traced);
  kicks = await within("the driver's kicks", traced);
});
after(async () => {
  await machine.close();
  rmSync(folder, { recursive: true });
});

/** Kicks of the driver's start: without console output, as far as the last control message. */
const start = (): KickTrace[] => kicks.filter((kick) => kick.queue !== 1);
const message = ({ values }: HopRecord) => `${values.event}(${values.id})=${values.value}`;
const sent = (kick: KickTrace, station: string) => kick.hops.filter((hop) => hop.station === station).map(message);

test("the kicks and their messages, in order", () => {
  const conversation = start().map((kick) => {
    const said = sent(kick, "virtio_console_control_tx");
    const answer = sent(kick, "virtio_console_control_send");
    return [`q${kick.queue}`, ...said, ...(answer.length > 0 ? ["->", ...answer] : [])].join(" ");
  });
  assert.deepEqual(conversation, [
    "q2",
    "q3 DEVICE_READY(4294967295)=1 -> DEVICE_ADD(0)=1 PORT_NAME(0)=1 PORT_OPEN(0)=1 " +
      "DEVICE_ADD(1)=1 PORT_NAME(1)=1 PORT_OPEN(1)=1",
    "q0",
    "q3 PORT_READY(0)=1 -> CONSOLE_PORT(0)=1",
    "q4",
    "q3 PORT_READY(1)=1",
    "q3 PORT_OPEN(0)=1",
  ]);
});

test("a name is announced with its length and without a terminating zero", () => {
  const names = start()[1].hops.filter(
    ({ station, values }) => station === "virtio_console_control_send" && values.event === "PORT_NAME",
  );
  assert.deepEqual(
    names.map(({ values }) => values.len),
    ["stdio_port", "second.port"].map((name) => 8 + name.length),
  );
});

test("the first kick of an input queue is answered with NO_NOTIFY: no buffer after the first one kicks", () => {
  for (const queue of [0, CONTROL_IN, 4]) {
    const [kick, ...more] = kicks.filter((candidate) => candidate.queue === queue);
    assert.equal(more.length, 0, `queue ${queue}`);
    const rx = kick.hops.find((hop) => hop.station === "virtio_console_notify_rx");
    assert.deepEqual(rx?.values, { queue, rx_ready: "false" });
  }
});

test("an interrupt for each message to the guest, and none for its own queue, where it polls", () => {
  const { hops } = start()[1];
  const interrupts = hops.filter((hop) => hop.station === "vq_interrupt").map(({ values }) => values);
  // Linux asks for none (VRING_AVAIL_F_NO_INTERRUPT) on a queue without callback, and gives it no vector.
  assert.deepEqual(interrupts, Array(6).fill({ queue: CONTROL_IN, vector: 3, msix: "true" }));
  assert.equal(hops.filter((hop) => hop.station === "vm_lapic_msi").length, 6);
});

test("all of it takes mode A", () => {
  for (const { hops, queue } of start()) {
    assert.ok(steps(hops).includes("vcpu 0 handle_vmexit"), `queue ${queue}`);
    assert.ok(!hops.some((hop) => hop.station === "acrn_ioeventfd_handler"));
  }
});

test("the probe sends DEVICE_READY, the control work all the rest; the console's output comes last", () => {
  const frames = ({ hops }: KickTrace) => hops.filter(({ layer }) => layer === "guest").map(({ station }) => station);
  const [, ready, ...rest] = start();
  assert.ok(frames(ready).includes("virtcons_probe"), frames(ready).join(" "));
  for (const kick of rest) assert.ok(frames(kick).includes("control_work_handler"), frames(kick).join(" "));
  assert.ok(kicks.findIndex(({ queue }) => queue === 1) > kicks.findIndex(({ queue }) => queue === 0));
});

test("the driver's functions had the names, before user space could tell them, that it tells later", async () => {
  const symbols = SymbolTable.parse((await machine.thread.request("symbols", undefined)) ?? "");
  const wrong = new Set<string>();
  // The first is inlined into virtqueue_kick, as the symbols see it; the other's code is gone once the module is loaded.
  const not = ["virtqueue_notify", "virtio_console_init"];
  for (const { layer, station, values } of start().flatMap(({ hops }) => hops)) {
    if (layer !== "guest" || not.includes(station)) continue;
    // Where a function has been entered, or behind a call in it.
    const address = Number(values.address);
    const entered = symbols.locate(address);
    const name = (entered?.offset === 0 ? entered : symbols.locate(address - 1))?.symbol.name;
    if (name !== station) wrong.add(`${station} is ${name}`);
  }
  assert.deepEqual([...wrong], []);
});

test("the guest knows both ports by their names, one of them as a console", async () => {
  const names = await machine.run("cd /sys/class/virtio-ports; grep . vport0*/name; cd");
  assert.deepEqual(names.split("\n"), ["vport0p0/name:stdio_port", "vport0p1/name:second.port"]);
  assert.equal(await machine.run("cat /sys/class/tty/console/active"), "hvc0");
});
