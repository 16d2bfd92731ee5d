import assert from "node:assert/strict";
import { test } from "node:test";
import { virtioLegacyRegisters } from "../abi/virtio-legacy.ts";
import { ExitStatus } from "../doors/guest.ts";
import { BAR0, Session } from "./testing/session.ts";

const { at } = virtioLegacyRegisters;

test("while a vCPU waits in a kick of the workbench's own ports, the exits of others are stopped in", () => {
  const s = new Session("@stdio:p", () => {}, { vcpus: 2 }).probe();
  s.arm({ breakpoints: [{ id: 1, stations: ["emulate_io", "complete_ioreq"] }] });
  s.ownSlots.add(3);
  s.offer("own");
  const stops = s.run(() => {
    assert.equal(s.machine.board.exits.portWrite(1, BAR0 + at.queue_notify, 2, 1), ExitStatus.PARKED);
    s.guest.cpus[0].inb(BAR0 + at.status);
    s.scheduler.runUntilIdle();
  });
  assert.equal(s.machine.usedIdx, 1);
  assert.deepEqual(
    stops.map((stop) => s.where(stop)),
    ["vm1:vcpu0 emulate_io", "vm1:vcpu0 complete_ioreq"],
  );
});

test("a kick of the workbench's own ports is not stopped in", () => {
  const s = new Session().probe();
  s.arm({ breakpoints: [{ id: 1, stations: ["virtio_console_notify_tx"] }] });
  const stops = (): number => s.events.filter(({ type }) => type === "stopped").length;
  s.ownSlots.add(3);
  s.send("own");
  s.ownSlots.clear();
  assert.equal(stops(), 0);
  s.offer("other");
  s.run(
    () => s.kick(),
    () => {},
  );
  assert.equal(stops(), 1);
});
