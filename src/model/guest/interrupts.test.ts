import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../chain/chain.ts";
import { StationRegistry } from "../chain/station-registry.ts";
import { guestStations } from "../chain/stations/guest.ts";
import type { BreakPlace } from "../doors/guest-debug.ts";
import { FollowedInterrupts, type InterruptedCpu } from "./interrupts.ts";

const ENTRY = 0xc0001000;
const CALLED_FROM = 0xc0000800;
const VRING = 0xc0002000;
const ACK = 0xc0003000;
const ADDRESSES: { readonly [name: string]: number } = {
  common_interrupt: ENTRY,
  vring_interrupt: VRING,
  apic_ack_edge: ACK,
};
const VECTOR = 0x24;
const TASK_STACK = 0x800;
const IRQ_STACK = 0x400;

/** A CPU without paging, whose code is what the test calls. */
function setUp(addresses = ADDRESSES) {
  const chain = new Chain(() => 0, new StationRegistry([{ stations: Object.values(guestStations) }]));
  const task = chain.addContext({ name: "guest:vcpu0", kind: "guest.task" });
  const poster = chain.addContext({ name: "vm0:vcpu0", kind: "hv.svcpu" });
  const view = new DataView(new ArrayBuffer(0x1000));
  const memory = { size: view.byteLength, bytes: new Uint8Array(view.buffer), view };
  const table = {
    functionsNamed: (name: string) => (addresses[name] === undefined ? [] : [{ address: addresses[name] }]),
  };
  let places: readonly BreakPlace[] = [];
  let hit: (place: BreakPlace) => void = () => {};
  const state = { eip: 0, esp: 0, ebp: 0, cpl: 0, cr0: 0, cr3: 0, cr4: 0 };
  const noticed: number[] = [];
  const told: string[] = [];
  const cpu = {
    isOutside: false,
    active: new Set<number>([VECTOR]),
    cpuState: state,
    registers: { edx: VECTOR, eax: 0 },
    frames: {
      symbols: { table },
      stationAt: (_cpu: unknown, address: number) =>
        Object.entries(addresses)
          .filter(([, at]) => at === address)
          .map(([name]) => ({ ...guestStations[name as keyof typeof guestStations], values: { address: "hex" } }))[0],
    },
    breaks: {
      canPlant: () => true,
      user: (onHit: (place: BreakPlace) => void) => {
        hit = onHit;
        return { want: (wanted: readonly BreakPlace[]) => (places = wanted) };
      },
    },
    isVectorActive: (vector: number) => cpu.active.has(vector),
    noticeEnds: () => noticed.push(chain.recorder.next),
  };
  const interrupts = new FollowedInterrupts(chain, task, memory, cpu as unknown as InterruptedCpu);
  interrupts.watch = { taken: () => told.push("taken"), over: () => told.push("over") };
  chain.current = task;
  return {
    ...{ chain, task, interrupts, cpu, told, noticed },
    /** Addresses that are planted. */
    planted: () => places.map(({ address }) => address),
    post: (vector = VECTOR) => chain.runIn(poster, "vmcall", () => interrupts.post(vector)),
    /** The CPU gets to an address, when something is planted there. */
    run(address: number, esp: number, returnTo = CALLED_FROM): void {
      state.esp = esp;
      view.setUint32(esp, returnTo, true);
      const place = places.find((one) => one.address === address);
      if (place !== undefined) hit(place);
    },
    /** The entry is called: its return address is on the stack. */
    take(): void {
      this.run(ENTRY, TASK_STACK);
    },
    hops: () => chain.recorder.since(0).map(({ station, context, depth }) => [station.id, context.kind, depth]),
  };
}

test("nothing is planted while nothing is recorded or wanted", () => {
  const it = setUp();
  it.post();
  assert.deepEqual([it.planted(), it.interrupts.follows], [[], false]);
  it.interrupts.wanted = true;
  it.post();
  assert.deepEqual([it.planted(), it.interrupts.follows], [[ENTRY], true]);
});

test("an interrupt is followed from its entry to its end, in a context whose cause is who posted it", () => {
  const it = setUp();
  it.chain.recording = true;
  it.post();
  it.take();
  assert.deepEqual(it.told, ["taken"]);
  const { inside } = it.interrupts;
  assert.equal(it.chain.current, inside);
  assert.equal(inside?.cause?.context?.name, "vm0:vcpu0");
  assert.deepEqual(new Set(it.planted()), new Set([ENTRY, VRING, ACK, CALLED_FROM]));
  it.run(ACK, IRQ_STACK);
  // It has returned: the next function is called by the same caller.
  it.run(VRING, IRQ_STACK + 8);
  assert.deepEqual(it.hops(), [
    ["common_interrupt", "guest.irq", 0],
    ["apic_ack_edge", "guest.irq", 1],
    ["vring_interrupt", "guest.irq", 1],
  ]);
  it.run(CALLED_FROM, TASK_STACK + 4);
  assert.deepEqual(it.told, ["taken", "over"]);
  assert.deepEqual(it.noticed, [3], "the hypervisor looks for the EOI while the interrupt is open");
  assert.deepEqual([it.planted(), it.interrupts.follows, it.chain.current], [[], false, it.task]);
});

test("what a function has called is told from what follows it", () => {
  const it = setUp();
  it.chain.recording = true;
  it.post();
  it.take();
  it.run(ACK, IRQ_STACK, 1);
  it.run(VRING, IRQ_STACK - 16, 2);
  // Called from the same depth, and from a deeper one after the place of the return address was used again.
  it.run(ACK, IRQ_STACK - 16, 3);
  it.run(VRING, IRQ_STACK, 4);
  it.run(ACK, IRQ_STACK - 32, 5);
  assert.deepEqual(
    it.hops().map(([, , depth]) => depth),
    [0, 1, 2, 2, 1, 2],
  );
});

test("other vectors are not followed, and functions outside of an interrupt are none of it", () => {
  const it = setUp();
  it.chain.recording = true;
  it.post();
  it.cpu.registers.edx = 0x30;
  it.take();
  assert.equal(it.interrupts.inside, undefined);
  assert.deepEqual(it.hops(), []);
  it.cpu.registers.edx = VECTOR;
  it.take();
  assert.equal(it.hops().length, 1);
});

test("an interrupt that is no longer to come is not waited for, nor one whose end was missed", () => {
  const it = setUp();
  it.chain.recording = true;
  it.post();
  it.interrupts.settle();
  assert.ok(it.interrupts.follows);
  it.cpu.active.clear();
  it.interrupts.settle();
  assert.deepEqual([it.interrupts.follows, it.told], [false, ["over"]]);
  it.post();
  it.take();
  it.cpu.isOutside = true;
  it.interrupts.settle();
  assert.deepEqual([it.interrupts.follows, it.told], [false, ["over", "taken", "over"]]);
});

test("a kernel that does not show its interrupts says so", () => {
  const it = setUp({ vring_interrupt: VRING });
  it.chain.recording = true;
  it.post();
  assert.equal(it.interrupts.follows, false);
  assert.match(it.interrupts.problem ?? "", /no function common_interrupt/);
});
