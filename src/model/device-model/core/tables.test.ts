import assert from "node:assert/strict";
import { test } from "node:test";
import { Ioctl } from "../../abi/acrn.ts";
import { readU64 } from "../../util/u64.ts";
import { Fixture } from "../testing/fixture.ts";
import { registerInout, UNHANDLED, unregisterInout } from "./inout.ts";
import { IOTHREAD_NUM, iothreadCreate } from "./iothread.ts";
import { registerMem, unregisterMem } from "./mem.ts";
import { NULL, paddrGuest2host, vmIrqfd } from "./vmmapi.ts";

const handler = () => 0;

test("ports: a range in use or out of bounds cannot be claimed", () => {
  const { vmctx } = new Fixture("@stdio:p").start().dm;
  const claim = (port: number, size: number) => registerInout(vmctx, { name: "test", port, size, handler, arg: 0 });
  assert.equal(claim(0x500, 8), 0);
  assert.equal(claim(0x507, 1), UNHANDLED);
  assert.equal(claim(0xffff, 2), UNHANDLED);
  assert.equal(claim(0x600, 0), UNHANDLED);
  assert.equal(claim(0xffff, 1), 0);
  unregisterInout(vmctx, { port: 0x500, size: 8 });
  assert.equal(claim(0x507, 1), 0);
});

test("ports: of a range that is given back in part the rest stays claimed", () => {
  const { vmctx } = new Fixture("@stdio:p").start().dm;
  registerInout(vmctx, { name: "test", port: 0x500, size: 8, handler, arg: 0 });
  unregisterInout(vmctx, { port: 0x502, size: 4 });
  const claimed = Array.from({ length: 10 }, (_, i) => (vmctx.inout.isClaimed(0x4ff + i) ? "x" : "."));
  assert.equal(claimed.join(""), ".xx....xx.");
});

test("memory: no overlap on either side, and only the registration itself can be removed", () => {
  const { vmctx } = new Fixture("@stdio:p").start().dm;
  const claim = (base: number, size: number) =>
    registerMem(vmctx, { name: "test", base, size, handler, arg1: 0, arg2: 0 });
  assert.equal(claim(0xf100_0000, 0x1000), 0);
  for (const [base, size] of [
    [0xf100_0fff, 1],
    [0xf0ff_f000, 0x1001],
    [0xf0ff_0000, 0x10_0000],
  ]) {
    assert.equal(claim(base, size), -1);
  }
  assert.equal(claim(0xf0ff_f000, 0x1000), 0);
  assert.equal(claim(0xf100_1000, 0x1000), 0);
  assert.equal(unregisterMem(vmctx, { name: "other", base: 0xf100_0000, size: 0x1000 }), -1);
  assert.equal(unregisterMem(vmctx, { name: "test", base: 0xf100_0000, size: 0x800 }), -1);
  assert.equal(unregisterMem(vmctx, { name: "test", base: 0xf100_0000, size: 0x1000 }), 0);
});

test("memory: a removed range is not found through the hint", () => {
  const f = new Fixture("@stdio:p").start();
  assert.equal(f.mmioRead(0x8000_000c, 4)[0], 1);
  assert.equal(f.dm.vmctx.mem.hint?.base, 0x8000_0000);
  f.cfgWrite(3, 4, 2, 0);
  assert.equal(f.mmioRead(0x8000_000c, 4)[0], 0xffffffff);
});

test("guest-physical ranges are mapped only when all of them is RAM", () => {
  const { vmctx } = new Fixture("@stdio:p").start().dm;
  const { lowmem } = vmctx;
  assert.equal(paddrGuest2host(vmctx, 0, lowmem), 0);
  assert.equal(paddrGuest2host(vmctx, lowmem - 1, 1), lowmem - 1);
  for (const [gpa, len] of [
    [lowmem, 0],
    [lowmem - 1, 2],
    [0, lowmem + 1],
    [2 ** 64, 1],
  ]) {
    assert.equal(paddrGuest2host(vmctx, gpa, len), NULL);
  }
});

test("iothreads: 40 in all, numbered over all devices, names of at most 15 characters", () => {
  const f = new Fixture("@stdio:p").start();
  const { vmctx } = f.dm;
  assert.deepEqual(
    iothreadCreate(vmctx, { tag: "con3:0", num: 2 })?.map(({ name }) => name),
    ["iothr-0-con3:0", "iothr-1-con3:0"],
  );
  assert.equal(iothreadCreate(vmctx, { tag: "con31:0", num: 1 })?.[0].name, "iothr-2-con31:0");
  assert.equal(f.logged("iothread name too long").length, 0);
  assert.equal(iothreadCreate(vmctx, { tag: "con255:0", num: 1 })?.[0].name, "iothr-3-con255:");
  assert.equal(f.logged("iothread name too long").length, 1);
  assert.equal(iothreadCreate(vmctx, { tag: "t", num: IOTHREAD_NUM }), undefined);
  assert.equal(f.logged("max number of instances is 40").length, 1);
});

test("an irqfd: eventfd, flags and the MSI", () => {
  const f = new Fixture("@stdio:p").start();
  assert.equal(vmIrqfd(f.dm.vmctx, { fd: 9, flags: 1, msiAddr: 0xfee0_1000, msiData: 0x55 }), 0);
  const [{ bytes }] = f.kernel.callsOf(Ioctl.IRQFD);
  assert.deepEqual(
    [bytes.getInt32(0, true), bytes.getUint32(4, true), readU64(bytes, 8), readU64(bytes, 16)],
    [9, 1, 0xfee0_1000, 0x55],
  );
});
