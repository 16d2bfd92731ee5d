import assert from "node:assert/strict";
import { test } from "node:test";
import { defineStations } from "../chain/station.ts";
import type { DeviceClass } from "../device-model/hw/pci/device-class.ts";
import { Session } from "./testing/session.ts";

/** What is said of a breakpoint on one of these functions, by the first. */
function said(options: string, ...stations: string[]): string | undefined {
  const { breakpoints } = new Session(options).probe().arm({ breakpoints: [{ id: 1, stations }] });
  return breakpoints.map(({ message }) => message).at(0);
}

test("a function that cannot be entered in this machine is said to be so, and why", () => {
  assert.match(
    said("@stdio:p", "acrn_ioeventfd_handler") ?? "",
    /^acrn_ioeventfd_handler is never entered: no device .* iothread/,
  );
  assert.match(said("@stdio:p", "hsm_irqfd_wakeup") ?? "", /never entered: .* irqfd; .* vhost/);
  assert.match(said("@stdio:p", "acrn_asyncio_dispatch") ?? "", /no asyncio/);
  assert.match(said("@stdio:p", "hcall_set_callback_vector") ?? "", /nothing in this machine calls it/);
  assert.match(said("@stdio:p", "hsm_init") ?? "", /entered while the Service VM boots/);
});

test("one that can be, and a pattern one of whose functions can be, are armed without a word", () => {
  assert.equal(said("iothread,@stdio:p", "acrn_ioeventfd_handler"), undefined);
  assert.equal(said("@stdio:p", "emulate_io"), undefined);
  assert.equal(said("@stdio:p", "virtio_console_notify_tx"), undefined);
  assert.equal(said("@stdio:p", "acrn_ioeventfd_handler", "emulate_io"), undefined);
});

test("a function of a device class of which the machine has none", () => {
  const table = { clock_notify: { file: "clock.c", contexts: ["dm.vcpu"], about: "tells the time" } } as const;
  const { clock_notify } = defineStations("device-model", "nobody/nothing", table);
  const clock: DeviceClass = {
    className: "virtio-clock",
    about: "tells the time",
    options: { syntax: "", parse: () => ({ options: undefined }) },
    stations: { stations: [clock_notify] },
    init: () => 0,
  };
  const s = new Session("@stdio:p", undefined, { classes: [clock] });
  const { breakpoints } = s.arm({ breakpoints: [{ id: 1, stations: ["clock_notify"] }] });
  assert.deepEqual(breakpoints, [
    { id: 1, message: "clock_notify is never entered: this machine has no virtio-clock", pending: false },
  ]);
});
