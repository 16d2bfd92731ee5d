import assert from "node:assert/strict";
import { test } from "node:test";
import { DescFlag, VRING_AVAIL_F_NO_INTERRUPT } from "../../../../abi/virtio.ts";
import { featureSet, VirtioFeature } from "../../../../abi/virtio-features.ts";
import { ConsoleDriver } from "../../../testing/console-driver.ts";
import { Fixture, RAM } from "../../../testing/fixture.ts";
import { newDescChain, VQ_MAX_DESCRIPTORS, vqEndchains, vqGetchain, vqHasDescs, vqRelchain, vqRetchain } from "./vq.ts";
import type { VqFault } from "./vq-fault.ts";

const { NEXT, INDIRECT } = DescFlag;

/** Queue 1 of a probed console, driver's and device's side, with room for `buffers` buffers. */
function queue(buffers: number) {
  const fixture = new Fixture("stdio:p").start();
  const driver = new ConsoleDriver(fixture).probe();
  const vq = fixture.console.base.queues[1];
  return { fixture, vq, ring: driver.queues[1], chain: newDescChain(buffers) };
}

type Queue = ReturnType<typeof queue>;

/** Gets one chain that must be refused; returns what the log says, and the fault that is told. */
function refusal(setUp: (q: Queue) => void, buffers = 8): { readonly text: string; readonly fault: VqFault } {
  const q = queue(buffers);
  setUp(q);
  q.fixture.log.length = 0;
  const faults: VqFault[] = [];
  q.vq.base.vmctx.onVqFault = (vq, fault) => {
    assert.equal(vq, q.vq);
    faults.push(fault);
  };
  assert.equal(vqGetchain(q.vq, q.chain), -1);
  assert.deepEqual([q.fixture.log.length, faults.length], [1, 1]);
  return { text: q.fixture.log[0].replace("1 acrn-dm: ", ""), fault: faults[0] };
}

const refused = (setUp: (q: Queue) => void, buffers?: number): string => refusal(setUp, buffers).text;
const faultOf = (setUp: (q: Queue) => void, buffers?: number): VqFault => refusal(setUp, buffers).fault;

/** One buffer there, as the only chain. */
const place = (addr: number, len: number) => (q: Queue) => {
  q.ring.writeDesc(0, { addr, len });
  q.ring.offer(0);
};

test("a chain of several buffers comes in order, with its head", () => {
  const { vq, ring, chain, fixture } = queue(3);
  fixture.memory.bytes.set([1, 2, 3, 4], 0x5000);
  ring.writeDesc(7, { addr: 0x5000, len: 2, flags: NEXT, next: 2 });
  ring.writeDesc(2, { addr: 0x5002, len: 1, flags: NEXT, next: 9 });
  ring.writeDesc(9, { addr: 0x5003, len: 0 });
  ring.offer(7);
  assert.equal(vqGetchain(vq, chain), 3);
  assert.equal(chain.idx, 7);
  assert.deepEqual(
    chain.iov.map(({ bytes }) => [...bytes]),
    [[1, 2], [3], []],
  );
  assert.equal(vqGetchain(vq, chain), 0);
});

test("the direction of a buffer is not looked at", () => {
  const { vq, ring, chain } = queue(1);
  ring.writeDesc(0, { addr: 0x5000, len: 4, flags: DescFlag.WRITE });
  ring.offer(0);
  assert.equal(vqGetchain(vq, chain), 1);
});

test("an available index too far ahead is reported by both functions and takes nothing", () => {
  const { vq, ring, chain, fixture } = queue(1);
  ring.availIdx = 65;
  assert.equal(vqHasDescs(vq), false);
  assert.deepEqual(fixture.logged("vtcon: no valid descriptor").length, 1);
  assert.equal(vqGetchain(vq, chain), -1);
  assert.deepEqual(fixture.logged("vtcon: ndesc (65) out of range, driver confused?").length, 1);
  assert.equal(vq.lastAvail, 0);
  ring.availIdx = 64;
  assert.equal(vqHasDescs(vq), true);
});

test("the index runs on past 65535", () => {
  const { vq, ring, chain } = queue(1);
  vq.lastAvail = 0xffff;
  ring.availIdx = 0xffff;
  ring.writeDesc(3, { addr: 0x5000, len: 1 });
  ring.offer(3);
  assert.equal(vqHasDescs(vq), true);
  assert.equal(vqGetchain(vq, chain), 1);
  assert.equal(vq.lastAvail, 0);
});

test("head or next beyond the table", () => {
  const text = "vtcon: descriptor index 64 out of range, driver confused?";
  assert.equal(
    refused(({ ring }) => ring.offer(64)),
    text,
  );
  const next = refused(({ ring }) => {
    ring.writeDesc(0, { addr: 0x5000, len: 1, flags: NEXT, next: 64 });
    ring.offer(0);
  });
  assert.equal(next, text);
});

test("a buffer must be inside RAM as a whole; one that ends with it is", () => {
  const text = "vtcon: mapping to host failed";
  assert.equal(refused(place(RAM - 1, 2)), text);
  assert.equal(refused(place(RAM, 0)), text);
  assert.equal(refused(place(2 ** 63, 16)), text);
  assert.equal(refused(place(0x5000, 0xffffffff)), text);
  const fits = queue(1);
  place(RAM - 2, 2)(fits);
  assert.equal(vqGetchain(fits.vq, fits.chain), 1);
});

test("more buffers than the device takes are refused, and the chain is consumed", () => {
  const q = queue(1);
  q.ring.writeDesc(0, { addr: 0x5000, len: 1, flags: NEXT, next: 1 });
  q.ring.writeDesc(1, { addr: 0x6000, len: 1 });
  q.ring.offer(0);
  assert.equal(vqGetchain(q.vq, q.chain), -1);
  assert.equal(q.fixture.logged("vtcon: mapping to host failed").length, 1);
  assert.equal(q.vq.lastAvail, 1);
  assert.equal(vqGetchain(q.vq, q.chain), 0);
});

test("a cycle ends at 512 descriptors", () => {
  const text = refused(({ ring }) => {
    ring.writeDesc(0, { addr: 0x5000, len: 1, flags: NEXT, next: 1 });
    ring.writeDesc(1, { addr: 0x5000, len: 1, flags: NEXT, next: 0 });
    ring.offer(0);
  }, VQ_MAX_DESCRIPTORS + 1);
  assert.equal(text, "vtcon: descriptor loop? count > 512 - driver confused?");
});

test("an indirect descriptor of a device that does not offer them", () => {
  const text = refused(({ ring }) => {
    ring.writeDesc(0, { addr: 0x5000, len: 16, flags: INDIRECT });
    ring.offer(0);
  });
  assert.equal(text, "vtcon: descriptor has forbidden INDIRECT flag, driver confused?");
});

/** A device that offers indirect descriptors, with one at 0 that points to a table at 0x5000. */
function indirect(len: number, table: readonly (readonly [number, number, number, number])[]) {
  return (q: Queue) => {
    q.vq.base.deviceCaps = featureSet(VirtioFeature.RING_INDIRECT_DESC);
    const { view } = q.fixture.memory;
    for (const [i, [addr, length, flags, next]] of table.entries()) {
      view.setUint32(0x5000 + 16 * i, addr, true);
      view.setUint32(0x5008 + 16 * i, length, true);
      view.setUint16(0x500c + 16 * i, flags, true);
      view.setUint16(0x500e + 16 * i, next, true);
    }
    q.ring.writeDesc(0, { addr: 0x5000, len, flags: INDIRECT });
    q.ring.offer(0);
  };
}

test("an indirect table's chain counts, its own descriptor does not", () => {
  const q = queue(4);
  const table = [
    [0x6000, 1, NEXT, 2],
    [0, 0, 0, 0],
    [0x7000, 2, 0, 0],
  ] as const;
  indirect(48, table)(q);
  assert.equal(vqGetchain(q.vq, q.chain), 2);
  assert.deepEqual(
    q.chain.iov.slice(0, 2).map(({ address, bytes }) => [address, bytes.length]),
    [
      [0x6000, 1],
      [0x7000, 2],
    ],
  );
});

test("malformed indirect tables", () => {
  assert.equal(refused(indirect(24, [])), "vtcon: invalid indir len 0x18, driver confused?");
  assert.equal(refused(indirect(0, [])), "vtcon: invalid indir len 0x0, driver confused?");
  assert.equal(refused(indirect(0x1000_0000, [])), "vtcon cannot get host memory");
  const nested = refused(indirect(16, [[0x6000, 16, INDIRECT, 0]]));
  assert.equal(nested, "vtcon: indirect desc has INDIR flag, driver confused?");
  const beyond = refused(indirect(16, [[0x6000, 1, NEXT, 1]]));
  assert.equal(beyond, "vtcon: invalid next 1 > 1, driver confused?");
});

test("a fault says where it is: the chain's indices", () => {
  assert.deepEqual(
    faultOf(({ ring }) => {
      ring.availIdx = 65;
    }),
    { kind: "availAhead", by: "vq_getchain", ahead: 65, limit: 64 },
  );
  assert.deepEqual(
    faultOf(({ ring }) => ring.offer(300)),
    { kind: "index", index: 300, after: undefined, limit: 64 },
  );
  const next = faultOf(({ ring }) => {
    ring.writeDesc(7, { addr: 0x5000, len: 1, flags: NEXT, next: 64 });
    ring.offer(7);
  });
  assert.deepEqual(next, { kind: "index", index: 64, after: 7, limit: 64 });
});

test("what cannot be mapped is one of three: it begins outside of RAM, ends beyond it, or is one buffer too many", () => {
  const place0 = { descriptor: 0, entry: undefined };
  assert.deepEqual(faultOf(place(RAM - 1, 2)), {
    ...{ kind: "lengthBeyondRam", ...place0 },
    ...{ address: BigInt(RAM - 1), length: 2, limit: RAM },
  });
  assert.deepEqual(faultOf(place(2 ** 63, 16)), {
    ...{ kind: "addressOutsideRam", ...place0 },
    ...{ address: 2n ** 63n, length: 16, limit: RAM },
  });
  const two = faultOf(({ ring }) => {
    ring.writeDesc(0, { addr: 0x5000, len: 1, flags: NEXT, next: 9 });
    ring.writeDesc(9, { addr: 0x6000, len: 1 });
    ring.offer(0);
  }, 1);
  assert.deepEqual(two, { kind: "tooManyBuffers", descriptor: 9, entry: undefined, limit: 1 });
});

test("a fault in an indirect table names the entry", () => {
  assert.deepEqual(faultOf(indirect(24, [])), { kind: "indirectLength", descriptor: 0, length: 24 });
  assert.deepEqual(faultOf(indirect(0x1000_0000, [])), {
    ...{ kind: "indirectOutsideRam", descriptor: 0 },
    ...{ address: 0x5000n, length: 0x1000_0000, limit: RAM },
  });
  const table = [
    [0x6000, 1, NEXT, 1],
    [RAM, 1, 0, 0],
  ] as const;
  assert.deepEqual(faultOf(indirect(32, table)), {
    ...{ kind: "addressOutsideRam", descriptor: 0, entry: 1 },
    ...{ address: BigInt(RAM), length: 1, limit: RAM },
  });
  assert.deepEqual(faultOf(indirect(16, [[0x6000, 1, NEXT, 1]])), {
    ...{ kind: "indirectNext", descriptor: 0, entry: 0 },
    ...{ next: 1, limit: 1 },
  });
});

test("a chain given back is taken again", () => {
  const { vq, ring, chain } = queue(1);
  ring.writeDesc(5, { addr: 0x5000, len: 1 });
  ring.offer(5);
  vqGetchain(vq, chain);
  vqRetchain(vq);
  assert.equal(vqGetchain(vq, chain), 1);
  assert.equal(chain.idx, 5);
});

test("the used ring gets head and length, its index runs on past the ring's end", () => {
  const { vq, ring } = queue(1);
  for (let i = 0; i < 65; i++) vqRelchain(vq, 7, 100 + i);
  assert.equal(ring.usedIdx, 65);
  const used = ring.takeUsed();
  assert.deepEqual(used[64], { id: 7, len: 164 });
});

test("one interrupt for a round; none without used buffers or when the guest does not want it", () => {
  const { vq, ring, fixture } = queue(1);
  const end = () => {
    fixture.takeMsis();
    vqEndchains(vq, true);
    return fixture.takeMsis().length;
  };
  assert.equal(end(), 0);
  vqRelchain(vq, 0, 0);
  vqRelchain(vq, 1, 0);
  assert.equal(end(), 1);
  assert.equal(end(), 0);
  ring.availFlags = VRING_AVAIL_F_NO_INTERRUPT;
  vqRelchain(vq, 2, 0);
  assert.equal(end(), 0);
});

test("EVENT_IDX: interrupts when the guest's threshold is passed, NOTIFY_ON_EMPTY always when all was used", () => {
  const { vq, ring, fixture } = queue(1);
  const end = (usedAll: boolean) => {
    fixture.takeMsis();
    vqEndchains(vq, usedAll);
    return fixture.takeMsis().length;
  };
  vq.base.negotiatedCaps = featureSet(VirtioFeature.RING_EVENT_IDX);
  const usedEvent = ring.avail + 4 + 2 * 64;
  fixture.memory.view.setUint16(usedEvent, 1, true);
  vqRelchain(vq, 0, 0);
  assert.equal(end(true), 0, "used 0 is below the threshold");
  vqRelchain(vq, 0, 0);
  assert.equal(end(true), 1, "used 1 is the threshold");
  vqRelchain(vq, 0, 0);
  assert.equal(end(true), 0, "beyond it until the guest moves it");
  vq.base.negotiatedCaps = featureSet(VirtioFeature.NOTIFY_ON_EMPTY);
  assert.equal(end(true), 1);
  assert.equal(end(false), 0);
});
