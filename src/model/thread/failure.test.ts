import assert from "node:assert/strict";
import { test } from "node:test";
import { DmExit } from "../device-model/config.ts";
import { failure } from "./failure.ts";

const said = (...args: Parameters<typeof failure>): string => (failure(...args) as { message: string }).message;

test("acrn-dm's end is told as what it is: while the machine is made, or of one that runs", () => {
  const error = new DmExit(1, "handle vmexit: unexpected exitcode 0xff");
  assert.equal(said(error, "running"), "acrn-dm has ended: handle vmexit: unexpected exitcode 0xff");
  const making = new DmExit(1, "Unable to init vdev");
  assert.equal(said(making, "making"), "The machine cannot be made: Unable to init vdev");
  assert.equal(said(making, "making", "no pty"), "The machine cannot be made: no pty (Unable to init vdev)");
  assert.equal(said(new Error("other"), "running", "no pty"), "other");
});
