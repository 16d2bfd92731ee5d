import assert from "node:assert/strict";
import { test } from "node:test";
import type { HandOverFrame } from "../model/protocol/debug.ts";
import { handOverText, stepTargetText } from "./hand-over-text.ts";

const base: HandOverFrame = {
  ...{ id: 1, kind: "handOver", layer: "service-vm", context: 2, contextName: "HYP", how: "queueWork" },
  ...{ by: "ioreq_intr_handler", eventfd: undefined, what: undefined, task: undefined },
};
const text = (frame: Partial<HandOverFrame>): string => handOverText({ ...base, ...frame });

test("a hand-over is told by who woke whom, where and by what means", () => {
  assert.equal(text({}), "woken by ioreq_intr_handler in HYP (queue_work)");
  assert.equal(text({ by: undefined, how: "hostInput" }), "woken by HYP (host input)");
  assert.equal(
    text({ by: "eventfd_signal", contextName: "VM1-ioeventfd-1", how: "eventfd", eventfd: 5 }),
    "woken by eventfd_signal in VM1-ioeventfd-1 (eventfd 5)",
  );
  const ioreq = { how: "wakeUpInterruptible", by: "acrn_ioreq_dispatch", what: "I/O request" } as const;
  assert.equal(text(ioreq), "woken by acrn_ioreq_dispatch in HYP (wake_up_interruptible, I/O request)");
});

test("exits and hypercalls have words of their own, and the process that made them", () => {
  const exit = { how: "vmExit", contextName: "guest:vcpu0" } as const;
  assert.equal(text({ ...exit, by: undefined }), "VM exit of guest:vcpu0");
  assert.equal(
    text({ ...exit, by: "vp_notify", task: { name: "sh", pid: 143 } }),
    "VM exit of guest:vcpu0 in vp_notify (sh, pid 143)",
  );
  assert.equal(text({ how: "vmcall", by: "acrn_dev_ioctl" }), "VMCALL by acrn_dev_ioctl in HYP");
});

test("a target of a step says who has woken it", () => {
  assert.equal(
    stepTargetText({ context: 3, contextName: "kworker/ioreq_wq", by: "ioreq_intr_handler", how: "queueWork" }),
    "kworker/ioreq_wq, woken by ioreq_intr_handler (queue_work)",
  );
});
