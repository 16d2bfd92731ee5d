import assert from "node:assert/strict";
import { test } from "node:test";
import { DescFlag } from "../abi/virtio.ts";
import { MAX_CHAIN_BUFFERS } from "../device-model/hw/pci/virtio/chain-buffers.ts";
import { FakeFile } from "../device-model/testing/fake-host.ts";
import { consolesOf } from "../device-model/testing/slots.ts";
import { MAX_BUFFERS } from "../protocol/virtqueue.ts";
import { BAR0, BUFFER, RING, Session } from "./testing/session.ts";

const AVAIL = RING + 1024;
const USED = RING + 4096;
const view = (s: Session) => s.request("virtqueue", { slot: 3, queue: 1 });

/** Writes a descriptor of queue 1. */
function describe(s: Session, index: number, address: bigint, length: number, flags = 0, next = 0): void {
  const at = RING + 16 * index;
  s.guest.view.setBigUint64(at, address, true);
  s.guest.view.setUint32(at + 8, length, true);
  s.guest.view.setUint16(at + 12, flags, true);
  s.guest.view.setUint16(at + 14, next, true);
}

/** Offers `heads` without a kick. */
function offer(s: Session, ...heads: number[]): void {
  for (const head of heads) {
    const idx = s.guest.view.getUint16(AVAIL + 2, true);
    s.guest.view.setUint16(AVAIL + 4 + 2 * (idx % 64), head, true);
    s.guest.view.setUint16(AVAIL + 2, idx + 1, true);
  }
}

test("a queue without rings", () => {
  const { ready, size, rings, chains, purpose, direction } = view(new Session());
  assert.deepEqual([ready, size, rings, chains, purpose, direction], [false, 64, undefined, [], "p", "guest to host"]);
});

test("a chain is available, then taken, then used", () => {
  const s = new Session().probe();
  s.offer("hello");
  const before = view(s);
  assert.deepEqual(
    before.chains.map(({ state, head, position }) => [state, head, position]),
    [["available", 0, 0]],
  );
  assert.deepEqual(before.chains[0].buffers, [
    {
      descriptor: 0,
      address: `0x${BUFFER.toString(16)}`,
      length: 5,
      deviceWrites: false,
      memoryReference: `guest:0x${BUFFER.toString(16)}`,
      preview: Buffer.from("hello").toString("base64"),
    },
  ]);
  s.arm({ breakpoints: [{ id: 1, stations: ["virtio_console_backend_write"], oneShot: true }] });
  let states: string[] = [];
  s.run(
    () => s.kick(),
    () => {
      states = view(s).chains.map(({ state }) => state);
    },
  );
  assert.deepEqual(states, ["taken"]);
  const { rings, chains, lastAvail, moreChains } = view(s);
  assert.deepEqual([chains.map(({ state }) => state), lastAvail, moreChains], [["used"], 1, 0]);
  assert.deepEqual(
    [rings?.descAddress, rings?.availAddress, rings?.usedAddress, rings?.availIdx, rings?.usedIdx],
    [RING, AVAIL, USED, 1, 1],
  );
  assert.deepEqual(rings?.descriptors[0], { address: "0x20000", length: 5, flags: 0, next: 0 });
  assert.deepEqual([rings?.descriptors.length, rings?.avail.length, rings?.used.length], [64, 64, 64]);
});

test("reading changes nothing", () => {
  const s = new Session().probe();
  s.offer("hello");
  const before = s.guest.bytes.slice();
  view(s);
  assert.deepEqual(s.guest.bytes, before);
  assert.equal(consolesOf(s.deviceModel.devices)[0].base.queues[1].lastAvail, 0);
});

test("chains a hostile guest writes are bounded and explained", () => {
  const { NEXT, WRITE, INDIRECT } = DescFlag;
  const cases: readonly (readonly [string, (s: Session) => void, RegExp | undefined, number])[] = [
    ["a loop", (s) => describe(s, 7, 0x1000n, 8, NEXT, 7), /more than 64 buffers/, MAX_CHAIN_BUFFERS],
    ["a next beyond the table", (s) => describe(s, 7, 0x1000n, 8, NEXT, 64), /descriptor 64 is beyond the table/, 1],
    ["a buffer beyond RAM", (s) => describe(s, 7, 0xffff_ffff_ffff_fff0n, 8), undefined, 1],
    ["a length beyond RAM", (s) => describe(s, 7, 0xf_fff0n, 0xffff_ffff, WRITE), undefined, 1],
    ["an indirect table beyond RAM", (s) => describe(s, 7, 0xf_fff0n, 32, INDIRECT), /outside of RAM/, 0],
    ["an indirect table of 8 bytes", (s) => describe(s, 7, 0x1000n, 8, INDIRECT), /has 8 bytes/, 0],
    [
      "an indirect table that is its own",
      (s) => describe(s, 7, BigInt(RING + 7 * 16), 16, INDIRECT),
      /indirect itself/,
      0,
    ],
  ];
  for (const [name, write, fault, buffers] of cases) {
    const s = new Session().probe();
    write(s);
    offer(s, 7);
    const [chain] = view(s).chains;
    assert.equal(chain.buffers.length, buffers, name);
    if (fault === undefined) assert.equal(chain.fault, undefined, name);
    else assert.match(chain.fault ?? "", fault, name);
  }
});

test("a buffer that is partly or not in RAM", () => {
  const s = new Session().probe();
  describe(s, 0, 0xf_fff0n, 0xffff_ffff);
  describe(s, 1, 0xffff_ffff_ffff_fff0n, 8);
  offer(s, 0, 1);
  const [partly, not] = view(s).chains.map(({ buffers }) => buffers[0]);
  assert.equal(Buffer.from(partly.preview, "base64").length, 16);
  assert.deepEqual([not.address, not.memoryReference, not.preview], ["0xfffffffffffffff0", undefined, ""]);
});

test("an indirect table is followed", () => {
  const s = new Session().probe();
  describe(s, 3, BigInt(RING + 32 * 16), 32, DescFlag.INDIRECT);
  describe(s, 32, BigInt(BUFFER), 3, DescFlag.NEXT, 1);
  describe(s, 33, BigInt(BUFFER + 3), 4, DescFlag.WRITE);
  offer(s, 3);
  assert.deepEqual(
    view(s).chains[0].buffers.map(({ indirect, descriptor, length, deviceWrites }) => [
      indirect,
      descriptor,
      length,
      deviceWrites,
    ]),
    [
      [3, 0, 3, false],
      [3, 1, 4, true],
    ],
  );
});

test("many long chains end at the limit", () => {
  const s = new Session().probe();
  describe(s, 0, 0x1000n, 8, DescFlag.NEXT, 0);
  offer(s, ...new Array(64).fill(0));
  const { chains, moreChains } = view(s);
  assert.deepEqual(
    [chains.length, moreChains],
    [MAX_BUFFERS / MAX_CHAIN_BUFFERS, 64 - MAX_BUFFERS / MAX_CHAIN_BUFFERS],
  );
});

test("an available index too far ahead", () => {
  const s = new Session().probe();
  s.guest.view.setUint16(AVAIL + 2, 65, true);
  assert.match(view(s).fault ?? "", /65 ahead of the device, in a queue of 64/);
});

test("rings outside of RAM, no such queue, no such device", () => {
  const s = new Session().probe();
  const [{ base }] = consolesOf(s.deviceModel.devices);
  base.queues[1].used = s.guest.size - 100;
  assert.equal(view(s).rings, undefined);
  assert.throws(() => s.request("virtqueue", { slot: 3, queue: 99 }), /no queue 99; it has 0 to 33/);
  assert.throws(() => s.request("virtqueue", { slot: 4, queue: 0 }), /no virtio device in slot 4/);
});

test("the hop a stop is at", () => {
  const s = new Session().probe();
  s.chain.recording = true;
  s.offer("hello");
  s.arm({ breakpoints: [{ id: 1, stations: ["virtio_console_backend_write"], oneShot: true }] });
  let at = "";
  s.run(
    () => s.kick(),
    () => {
      const { hops, stoppedAt, recording, complete } = s.request("kickHops", {});
      at = `${hops[stoppedAt ?? -1]?.station} of ${hops.length === (stoppedAt ?? 0) + 1} ${recording} ${complete}`;
    },
  );
  assert.equal(at, "virtio_console_backend_write of true true false");
  assert.equal(s.request("kickHops", {}).stoppedAt, undefined);
});

test("the hops of the last kick stay when the recorder has gone on", () => {
  const s = new Session().probe();
  s.send("not recorded");
  assert.deepEqual(s.request("kickHops", {}).hops, []);
  s.chain.recording = true;
  s.send("hello");
  const { hops } = s.request("kickHops", {});
  assert.ok(hops.length > 20);
  // Interrupts come between the kicks of a real guest; reads of a register are as good.
  while (s.chain.recorder.first === 0) s.guest.cpus[0].inb(BAR0 + 18);
  for (let i = 0; i < 1000; i++) s.guest.cpus[0].inb(BAR0 + 18);
  assert.deepEqual(s.request("kickHops", {}).hops, hops);
  s.chain.recording = false;
  s.send("not recorded");
  assert.deepEqual(s.request("kickHops", {}).hops, []);
});

test("the kick that wrote a byte of the console's output", () => {
  const s = new Session().probe();
  s.send("not recorded");
  s.chain.recording = true;
  for (const text of ["hello", " ", "world"]) s.send(text);
  const before = "not recorded".length;
  const kickOf = (outputOffset: number): number => s.request("kickHops", { outputOffset }).kick;
  assert.deepEqual(
    [before - 1, before, before + 4, before + 5, before + 6, before + 10, before + 11].map(kickOf),
    [0, 2, 2, 3, 4, 4, 0],
  );
  const { hops, complete } = s.request("kickHops", { outputOffset: before });
  assert.ok(
    complete && hops.some(({ station, values }) => station === "virtio_console_backend_write" && values.len === 5),
  );
  // What happens between the kicks of a real guest does not count; further output does.
  while (s.chain.recorder.first < 500) s.guest.cpus[0].inb(BAR0 + 18);
  assert.deepEqual(s.request("kickHops", { outputOffset: before }).hops, hops);
  for (let i = 0; i < 500; i++) s.send("more");
  assert.deepEqual(s.request("kickHops", { outputOffset: before }).hops, []);
  assert.notDeepEqual(s.request("kickHops", { outputOffset: before + 11 + 1990 }).hops, []);
});

test("the overview tells queues and ports of a console", () => {
  const [device] = new Session("@stdio:one,pty:two").request("overview", undefined).devices;
  assert.deepEqual(
    device.virtio?.queues.slice(0, 6).map(({ purpose, direction }) => `${purpose} ${direction}`),
    ["one", "control", "two"].flatMap((port) => [`${port} host to guest`, `${port} guest to host`]),
  );
  assert.deepEqual(
    device.sections.map(({ id, value, path }) => [id, value, path]),
    [
      ["port/0", "one: stdio", undefined],
      ["port/1", "two: pty /dev/pts/9", "/dev/pts/9"],
    ],
  );
  const [one, two] = device.terminals;
  assert.deepEqual([one.isConsole, one.kind, two.name, two.path], [true, "stdio", "two", "/dev/pts/9"]);
});

test("the overview tells which end of a socket a port is", () => {
  const opts = "socket:s=/tmp/a,socket:c=/tmp/b:client,@stdio:p";
  const session = new Session(opts, (host) => host.files.set("/tmp/b", new FakeFile(false)));
  const [device] = session.request("overview", undefined).devices;
  assert.deepEqual(
    device.terminals.map(({ name, path, socketType }) => [name, path, socketType]),
    [
      ["s", "/tmp/a", "server"],
      ["c", "/tmp/b", "client"],
      ["p", undefined, undefined],
    ],
  );
});
