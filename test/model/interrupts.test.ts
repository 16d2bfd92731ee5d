import assert from "node:assert/strict";
import { test } from "node:test";
import { acrnIrqfd, Ioctl, IrqlineOp } from "../../src/model/abi/acrn.ts";
import { LapicReg, Rte, VIOAPIC_BASE } from "../../src/model/abi/apic.ts";
import { guestStations } from "../../src/model/chain/stations/guest.ts";
import { EBADF, EBUSY } from "../../src/model/util/errno.ts";
import { writeU64 } from "../../src/model/util/u64.ts";
import { Rig, steps } from "./rig.ts";

const PIN = 17;
const VECTOR = 0x51;

/** Programs a redirection entry as the guest does, through IOREGSEL and IOWIN. */
function programPin(rig: Rig, pin: number, lo: number, hi = 0): void {
  const cpu = rig.guest.cpus[0];
  cpu.mmioWrite(VIOAPIC_BASE, 4, 0x10 + pin * 2 + 1);
  cpu.mmioWrite(VIOAPIC_BASE + 0x10, 4, hi);
  cpu.mmioWrite(VIOAPIC_BASE, 4, 0x10 + pin * 2);
  cpu.mmioWrite(VIOAPIC_BASE + 0x10, 4, lo);
}

const line = (rig: Rig, op: number, gsi = PIN) => rig.hsm.ioctl(Ioctl.SET_IRQLINE, gsi + op * 2 ** 32);
const rte = (rig: Rig, pin = PIN) => rig.hypervisor.userVm.vioapic.rtbl[pin * 2];

test("an MSI travels from the ioctl to the posted-interrupt descriptor and is delivered at the next entry", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  const inject = steps(rig.record(() => assert.equal(rig.injectMsi(0xfee0_0000, VECTOR), 0)));
  assert.deepEqual(
    inject.map((step) => step.split(" ").at(-1)),
    [
      "acrn_dev_ioctl",
      "vmexit_handler",
      "vmcall_vmexit_handler",
      "dispatch_hypercall",
      "hcall_inject_msi",
      "vlapic_inject_msi",
      "inject_msi_for_non_lapic_pt",
      "vlapic_receive_intr",
      "vlapic_calc_dest_noshort",
      "vlapic_set_intr",
      "vlapic_accept_intr",
      "apicv_advanced_accept_intr",
      "signal_event",
      "acrn_handle_pending_request",
      "acrn_inject_pending_intr",
      "run_vcpu",
    ],
  );
  assert.deepEqual(cpu.delivered, []);
  const entry = rig.record(() => rig.hypervisor.enter(0));
  assert.deepEqual(steps(entry), [
    "vm1:vcpu0 acrn_handle_pending_request",
    "vm1:vcpu0 acrn_inject_pending_intr",
    "vm1:vcpu0 vlapic_inject_intr",
    "vm1:vcpu0 apicv_advanced_inject_intr",
    "vm1:vcpu0 run_vcpu",
  ]);
  assert.deepEqual(cpu.delivered, [VECTOR]);
  assert.equal(entry[0].cause >= 0, true, "caused by the injection, not by the guest");
  assert.deepEqual(
    rig.record(() => rig.hypervisor.enter(0)),
    [],
    "nothing pending: nothing is announced",
  );
});

test("an MSI raised while a request is served is delivered when its exit is over", () => {
  const rig = new Rig();
  const cpu = rig.guest.cpus[0];
  rig.start(() => {
    rig.injectMsi(0xfee0_0000, VECTOR);
    assert.deepEqual(cpu.delivered, []);
    return undefined;
  });
  cpu.outw(0x2010, 1);
  assert.deepEqual(cpu.delivered, [VECTOR]);
});

test("two MSIs before the entry merge when they are the same vector, and not when they are not", () => {
  const rig = new Rig().start();
  rig.injectMsi(0xfee0_0000, VECTOR);
  rig.injectMsi(0xfee0_0000, VECTOR);
  rig.injectMsi(0xfee0_0000, VECTOR + 1);
  rig.hypervisor.enter(0);
  assert.deepEqual(rig.guest.cpus[0].delivered, [VECTOR, VECTOR + 1]);
});

test("MSIs nobody takes: bad address, vector below 16, no such destination, disabled APIC", () => {
  const rig = new Rig().start();
  assert.equal(rig.injectMsi(0xfed0_0000, VECTOR), -1);
  assert.equal(rig.injectMsi(0xfee0_0000, 15), 0);
  assert.equal(rig.injectMsi(0xfee0_7000, VECTOR), 0);
  assert.equal(rig.injectMsi(0xfee0_0000, VECTOR | 0x400), 0, "NMI delivery mode");
  rig.guest.cpus[0].apic.set(LapicReg.SVR, 0xff);
  assert.equal(rig.injectMsi(0xfee0_0000, VECTOR), 0);
  rig.hypervisor.enter(0);
  assert.deepEqual(rig.guest.cpus[0].delivered, []);
  assert.notEqual(rig.hypervisor.userVm.vcpus[0].vlapic.esr, 0);
});

test("logical destinations: flat bitmap, cluster, and the lowest priority of several", () => {
  const rig = new Rig({ vcpus: 4 }).start();
  const delivered = () => {
    for (const { id } of rig.guest.cpus) rig.hypervisor.enter(id);
    return rig.guest.cpus.map((cpu) => cpu.delivered.splice(0).length);
  };
  rig.injectMsi(0xfee0_0004 + (0b0110 << 12), VECTOR);
  assert.deepEqual(delivered(), [0, 1, 1, 0]);
  rig.guest.cpus[1].apic.set(LapicReg.PPR, 0x20);
  rig.injectMsi(0xfee0_0004 + (0b0110 << 12), VECTOR | 0x100);
  assert.deepEqual(delivered(), [0, 0, 1, 0]);
  for (const cpu of rig.guest.cpus) {
    cpu.apic.set(LapicReg.DFR, 0x0fff_ffff);
    cpu.apic.set(LapicReg.LDR, (0x20 | (1 << cpu.id)) << 24);
  }
  rig.injectMsi(0xfee0_0004 + (0x2c << 12), VECTOR);
  assert.deepEqual(delivered(), [0, 0, 1, 1]);
});

test("the I/O APIC's registers: version, id, read-only bits, other widths and offsets", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  const read = (register: number) => {
    cpu.mmioWrite(VIOAPIC_BASE, 4, register);
    return cpu.mmioRead(VIOAPIC_BASE + 0x10, 4);
  };
  assert.equal(read(1), 0x002f_0011);
  assert.equal(read(0x10 + 47 * 2), 0x10000);
  assert.equal(read(0x10 + 48 * 2), 0);
  cpu.mmioWrite(VIOAPIC_BASE, 4, 0);
  cpu.mmioWrite(VIOAPIC_BASE + 0x10, 4, 0xff00_0000);
  assert.equal(read(0), 0x0f00_0000);
  programPin(rig, PIN, Rte.REMOTE_IRR | Rte.DELIVS | Rte.MASKED | VECTOR);
  assert.equal(read(0x10 + PIN * 2), Rte.MASKED | VECTOR);
  assert.equal(cpu.mmioRead(VIOAPIC_BASE + 0x20, 4), 0xffffffff);
  assert.throws(() => cpu.mmioRead(VIOAPIC_BASE, 1), /exception 13/);
  assert.throws(() => cpu.mmioWrite(VIOAPIC_BASE + 0xffe, 4, 0), /exception 13/, "astride the region");
  assert.equal(rig.requests.length, 0);
});

test("INTx: level-triggered, active-low; Remote-IRR holds further ones back until the EOI", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  line(rig, IrqlineOp.SET_HIGH);
  programPin(rig, PIN, VECTOR | Rte.LEVEL | Rte.ACTIVE_LOW | Rte.LOGICAL, 1 << 24);
  const ids = steps(rig.record(() => assert.equal(line(rig, IrqlineOp.SET_LOW), 0))).map((s) => s.split(" ").at(-1));
  assert.deepEqual(ids.slice(3, 9), [
    "dispatch_hypercall",
    "hcall_set_irqline",
    "vioapic_set_irqline_lock",
    "vioapic_set_irqline_nolock",
    "vioapic_set_pinstate",
    "vioapic_generate_intr",
  ]);
  assert.equal(rte(rig) & Rte.REMOTE_IRR, Rte.REMOTE_IRR);
  rig.hypervisor.enter(0);
  assert.deepEqual(cpu.delivered, [VECTOR]);

  line(rig, IrqlineOp.SET_HIGH);
  line(rig, IrqlineOp.SET_LOW);
  rig.hypervisor.enter(0);
  assert.deepEqual(cpu.delivered, [VECTOR], "no second one before the EOI");

  const eoi = steps(rig.record(() => cpu.eoi(VECTOR))).map((step) => step.split(" ").at(-1));
  assert.deepEqual(eoi.slice(0, 5), [
    "vmexit_handler",
    "veoi_vmexit_handler",
    "vioapic_broadcast_eoi",
    "vioapic_process_eoi",
    "vioapic_generate_intr",
  ]);
  assert.deepEqual(cpu.delivered, [VECTOR, VECTOR], "the line is still active: again");

  line(rig, IrqlineOp.SET_HIGH);
  cpu.eoi(VECTOR);
  assert.equal(rte(rig) & Rte.REMOTE_IRR, 0);
  assert.deepEqual(cpu.delivered, [VECTOR, VECTOR]);
  assert.equal(rig.hypervisor.userVm.vcpus[0].vlapic.awaitingEoiCount, 0);
});

test("the EOI is noticed at an ordinary exit too, before it is handled", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  line(rig, IrqlineOp.SET_HIGH);
  programPin(rig, PIN, VECTOR | Rte.LEVEL | Rte.ACTIVE_LOW);
  line(rig, IrqlineOp.SET_LOW);
  rig.hypervisor.enter(0);
  cpu.active.delete(VECTOR);
  const ids = steps(rig.record(() => cpu.outw(0x2010, 1))).map((step) => step.split(" ").at(-1));
  assert.ok(ids.indexOf("veoi_vmexit_handler") < ids.indexOf("pio_instr_vmexit_handler"));
  assert.equal(rig.requests[0].address, 0x2010, "the exit itself is not disturbed");
});

test("an EOI that is noticed late has no cause: what the guest does at that exit was not it", () => {
  const rig = new Rig().start();
  const { chain, guest } = rig;
  const [cpu] = guest.cpus;
  line(rig, IrqlineOp.SET_HIGH);
  programPin(rig, PIN, VECTOR | Rte.LEVEL | Rte.ACTIVE_LOW);
  line(rig, IrqlineOp.SET_LOW);
  rig.hypervisor.enter(0);
  cpu.active.delete(VECTOR);
  const task = chain.addContext({ name: "guest:vcpu0", kind: "guest.task" });
  Object.assign(cpu, {
    openFrames: () => {
      task.push(guestStations.vp_notify, 0, undefined, undefined, undefined);
      if (chain.record()) chain.emit();
    },
    closeFrames: () => task.pop(),
  });
  const hops = rig.record(() => chain.runIn(task, undefined, () => cpu.outw(0x2010, 1)));
  const causes = hops.filter((hop) => hop.context.kind === "hv.uvcpu" && hop.station.id === "vcpu_thread");
  const eoi = hops.findIndex(({ station }) => station.id === "veoi_vmexit_handler");
  const write = hops.findIndex(({ station }) => station.id === "vp_notify");
  assert.ok(eoi >= 0 && eoi < write, "it is over before the exit begins");
  assert.deepEqual(
    causes.map(({ cause }) => cause),
    [-1, hops[write].index],
  );
});

test("a masked pin interrupts when it is unmasked, if it is active then", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  line(rig, IrqlineOp.SET_HIGH);
  programPin(rig, PIN, VECTOR | Rte.LEVEL | Rte.ACTIVE_LOW | Rte.MASKED);
  line(rig, IrqlineOp.SET_LOW);
  rig.hypervisor.enter(0);
  assert.deepEqual(cpu.delivered, []);
  programPin(rig, PIN, VECTOR | Rte.LEVEL | Rte.ACTIVE_LOW);
  assert.deepEqual(cpu.delivered, [VECTOR]);
});

test("lines of the engine's own devices: edges, active-high, and nobody has called for them", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  programPin(rig, 2, 0x30);
  const tick = () => {
    rig.hypervisor.setEngineIrq(2, true);
    rig.hypervisor.setEngineIrq(2, true);
    rig.hypervisor.setEngineIrq(2, false);
  };
  const stopped: string[] = [];
  rig.chain.recording = true;
  rig.chain.gate = (station) => stopped.push(station.id);
  tick();
  tick();
  assert.deepEqual(cpu.delivered, [0x30, 0x30]);
  assert.deepEqual([rig.chain.recorder.next, stopped], [0, []]);
  // One that waits for its VM entry is not swallowed.
  programPin(rig, PIN, VECTOR);
  const before = rig.chain.recorder.next;
  line(rig, IrqlineOp.RAISING_PULSE);
  rig.hypervisor.setEngineIrq(2, true);
  rig.hypervisor.enter(0);
  assert.deepEqual(cpu.delivered.slice(2).toSorted(), [0x30, VECTOR]);
  assert.ok(rig.chain.recorder.next > before && stopped.length > 0);
});

test("pulses: a raising one interrupts an active-high pin, a falling one an active-low pin", () => {
  const rig = new Rig().start();
  programPin(rig, PIN, VECTOR);
  line(rig, IrqlineOp.RAISING_PULSE);
  rig.hypervisor.enter(0);
  assert.equal(rig.hypervisor.userVm.vioapic.pinState[PIN], 0);
  line(rig, IrqlineOp.SET_HIGH, PIN + 1);
  programPin(rig, PIN + 1, (VECTOR + 1) | Rte.ACTIVE_LOW);
  line(rig, IrqlineOp.FALLING_PULSE, PIN + 1);
  rig.hypervisor.enter(0);
  assert.deepEqual(rig.guest.cpus[0].delivered, [VECTOR, VECTOR + 1]);
});

test("irqfd: each signal injects its MSI in the signaller's context; closing the eventfd removes it", () => {
  const rig = new Rig().start();
  const { view } = rig.memory;
  const irqfd = (fd: number, flags = 0) => {
    const at = rig.argument(acrnIrqfd.size);
    view.setInt32(at + acrnIrqfd.at.fd, fd, true);
    view.setUint32(at + acrnIrqfd.at.flags, flags, true);
    writeU64(view, at + acrnIrqfd.at.msi_addr, 0xfee0_0000);
    writeU64(view, at + acrnIrqfd.at.msi_data, VECTOR);
    return rig.hsm.ioctl(Ioctl.IRQFD, at);
  };
  const eventfd = rig.serviceVm.eventfd();
  assert.equal(irqfd(77), -EBADF);
  assert.equal(irqfd(eventfd.fd), 0);
  assert.equal(irqfd(eventfd.fd), -EBUSY);
  for (const _ of [1, 2]) {
    eventfd.write(1);
    rig.hypervisor.enter(0);
  }
  assert.deepEqual(rig.guest.cpus[0].delivered, [VECTOR, VECTOR]);
  const vm = rig.serviceVm.vmList[0];
  eventfd.close();
  assert.equal(vm.irqfds.length, 1);
  rig.scheduler.runUntilIdle();
  assert.equal(vm.irqfds.length, 0);

  const readable = rig.serviceVm.eventfd();
  readable.write(1);
  assert.equal(irqfd(readable.fd), 0);
  rig.hypervisor.enter(0);
  assert.equal(rig.guest.cpus[0].delivered.length, 3, "a signal that came before the registration counts");
  assert.equal(irqfd(readable.fd, 1), 0);
  assert.equal(vm.irqfds.length, 0);
});
