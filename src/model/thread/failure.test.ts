import assert from "node:assert/strict";
import { test } from "node:test";
import { DmExit } from "../device-model/config.ts";
import { failure } from "./failure.ts";

const said = (...args: Parameters<typeof failure>): string => (failure(...args) as { message: string }).message;

test("acrn-dm's end is told as what it is: while the machine is made, or of one that runs", () => {
  const error = new DmExit(1, "handle vmexit: unexpected exitcode 0xff");
  assert.equal(said(error, { when: "running" }), "acrn-dm has ended: handle vmexit: unexpected exitcode 0xff");
  const making = new DmExit(1, "Unable to init vdev");
  assert.equal(said(making, { when: "making" }), "The machine cannot be made: Unable to init vdev");
  assert.equal(
    said(making, { when: "making", firstError: "no pty" }),
    "The machine cannot be made: no pty (Unable to init vdev)",
  );
  assert.equal(said(new Error("other"), { when: "running", firstError: "no pty" }), "other");
});

test("what the program itself has done wrong is told as that, with the function of the chain", () => {
  const error = new RangeError("Offset is outside the bounds of the DataView");
  const thrown = { error, station: { id: "pci_emul_mem_handler" }, context: { name: "vcpu 0" } };
  const message = "internal error in pci_emul_mem_handler (vcpu 0): Offset is outside the bounds of the DataView";
  assert.deepEqual(failure(error, { when: "running", thrown }), { type: "crashed", message });
  const plain = new Error("this cannot be");
  const within = { ...thrown, error: plain };
  assert.equal(failure(plain, { when: "running", thrown: within }).type, "crashed");
  assert.equal(failure(plain, { when: "running", thrown }).type, "failed", "an older error's place is not this one's");
  assert.equal(said(error, { when: "running" }), "internal error: Offset is outside the bounds of the DataView");
});
