import assert from "node:assert/strict";
import { test } from "node:test";
import { virtioLegacyRegisters } from "../../src/model/abi/virtio-legacy.ts";
import { Chain } from "../../src/model/chain/chain.ts";
import { Scheduler } from "../../src/model/chain/scheduler.ts";
import { DeviceModel } from "../../src/model/device-model/device-model.ts";
import { FakeHost } from "../../src/model/device-model/testing/fake-host.ts";
import { slotConfig } from "../../src/model/device-model/testing/slots.ts";
import { ScriptedGuest } from "../../src/model/guest/scripted/guest.ts";
import { Hypervisor } from "../../src/model/hypervisor/hypervisor.ts";
import { ServiceVm } from "../../src/model/service-vm/service-vm.ts";
import { Arena } from "../../src/model/util/arena.ts";

const RAM = 1 << 20;
const BAR0 = 0x2000;
const { at } = virtioLegacyRegisters;
const RING = 0x1_0000;
const BUFFER = 0x2_0000;
const USED = RING + 4096;

/** All four layers with a scripted guest: acrn-dm with one console at slot 3. */
class Whole {
  readonly chain = new Chain(() => 0);
  readonly scheduler = new Scheduler(this.chain);
  readonly host = new FakeHost();
  readonly log: string[] = [];
  readonly guest: ScriptedGuest;
  readonly dm: DeviceModel;

  constructor(opts: string, asyncio = false) {
    const { chain, scheduler, host } = this;
    const memory = new Arena(256 * 1024);
    const log = (_level: number, source: string, message: string) => this.log.push(`${source}: ${message}`);
    const hypervisor = new Hypervisor({ chain, scheduler, log, serviceVmMemory: memory, vcpus: 1 });
    const kernel = new ServiceVm({ chain, scheduler, log, memory, hypercalls: hypervisor, asyncio });
    hypervisor.serviceVmCpu = kernel;
    this.guest = new ScriptedGuest(chain, hypervisor, 1, RAM);
    hypervisor.attachGuest(this.guest.cpus, this.guest);
    kernel.boot();
    const config = {
      name: "test",
      memSize: RAM,
      slots: [slotConfig(3, "virtio-console", opts)],
      lpc: [],
      virtioMsi: false,
      virtioPollNs: 0,
      rtvm: false,
      cpuAffinity: 0,
      kernel: undefined,
      ramdisk: undefined,
      bootargs: undefined,
    };
    this.dm = new DeviceModel({ chain, kernel, host, memory: this.guest, config, log });
    this.dm.start();
    scheduler.runUntilIdle();
  }

  /** Sets queue 1 up and DRIVER_OK. */
  probe(): void {
    const [cpu] = this.guest.cpus;
    cpu.outb(BAR0 + at.status, 3);
    cpu.outw(BAR0 + at.queue_sel, 1);
    cpu.outl(BAR0 + at.queue_pfn, RING / 4096);
    cpu.outb(BAR0 + at.status, 7);
  }

  /** Offers a buffer in queue 1 and kicks. */
  send(text: string): void {
    const { view, bytes } = this.guest;
    const idx = view.getUint16(RING + 1026, true);
    const head = idx % 64;
    bytes.set(new TextEncoder().encode(text), BUFFER + 256 * head);
    view.setUint32(RING + 16 * head, BUFFER + 256 * head, true);
    view.setUint32(RING + 16 * head + 8, text.length, true);
    view.setUint16(RING + 1028 + 2 * head, head, true);
    view.setUint16(RING + 1026, idx + 1, true);
    this.guest.cpus[0].outw(BAR0 + at.queue_notify, 1);
  }

  get usedIdx(): number {
    return this.guest.view.getUint16(USED + 2, true);
  }

  /** The context the console's notify ran in while `body` did. */
  notifiedIn(body: () => void): string | undefined {
    this.chain.recording = true;
    const from = this.chain.recorder.next;
    body();
    this.scheduler.runUntilIdle();
    this.chain.recording = false;
    const hops = this.chain.recorder.since(from);
    return hops.find(({ station }) => station.id === "virtio_console_notify_tx")?.context.name;
  }
}

test("a console's kick is served by the ioreq thread before the guest goes on", () => {
  const whole = new Whole("@stdio:p");
  whole.probe();
  const context = whole.notifiedIn(() => {
    whole.send("hello");
    assert.equal(whole.usedIdx, 1);
  });
  assert.equal(context, "vcpu 0");
  assert.equal(whole.host.console.text, "hello");
});

test("with the iothread extension the HSM signals the iothread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  assert.equal(
    whole.notifiedIn(() => whole.send("hello")),
    "iothr-0-con3:0",
  );
  assert.deepEqual([whole.host.console.text, whole.usedIdx], ["hello", 1]);
});

test("with asyncio too, and the guest does not wait for anybody", () => {
  const whole = new Whole("iothread,@stdio:p", true);
  whole.probe();
  assert.equal(
    whole.notifiedIn(() => whole.send("hello")),
    "iothr-0-con3:0",
  );
  assert.deepEqual([whole.host.console.text, whole.usedIdx], ["hello", 1]);
});

test("a BAR that moved away from its ioeventfds is served by the ioreq thread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  const [cpu] = whole.guest.cpus;
  cpu.outl(0xcf8, 0x8000_1810);
  cpu.outl(0xcfc, 0x3000);
  whole.send("to the old place");
  whole.scheduler.runUntilIdle();
  assert.equal(whole.host.console.text, "to the old place", "the eventfd is still at the old address");
  const context = whole.notifiedIn(() => cpu.outw(0x3000 + at.queue_notify, 1));
  assert.equal(context, "vcpu 0");
});

test("the end of acrn-dm leaves no thread", () => {
  const whole = new Whole("iothread,@stdio:p");
  whole.probe();
  whole.dm.terminate();
  whole.scheduler.runUntilIdle();
  const states = whole.chain.contexts
    .filter(({ kind }) => kind.startsWith("dm.") && kind !== "dm.io")
    .map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(states, ["boot running", "vcpu 0 done", "mevent done"]);
});
