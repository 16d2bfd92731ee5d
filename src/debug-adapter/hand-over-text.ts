import { handOverKinds } from "../model/chain/hand-over-kinds.ts";
import type { HandOverFrame, StepInTarget } from "../model/protocol/debug.ts";

/** "woken by acrn_ioreq_dispatch in kworker/ioreq_wq (wake_up_interruptible, I/O request)" */
export function handOverText(frame: HandOverFrame): string {
  const { task } = frame;
  return `${wakingText(frame)}${task === undefined ? "" : ` (${task.name}, pid ${task.pid})`}`;
}

function wakingText({ how, by, contextName, eventfd, what }: HandOverFrame): string {
  if (how === "vmExit") return `${handOverKinds[how]} of ${contextName}${by === undefined ? "" : ` in ${by}`}`;
  const where = by === undefined ? contextName : `${by} in ${contextName}`;
  if (how === "vmcall") return `${handOverKinds[how]} by ${where}`;
  const means = eventfd === undefined ? handOverKinds[how] : `${handOverKinds[how]} ${eventfd}`;
  return `woken by ${where} (${what === undefined ? means : `${means}, ${what}`})`;
}

/** "kworker/ioreq_wq, woken by ioreq_intr_handler (queue_work)" */
export const stepTargetText = ({ contextName, by, how }: StepInTarget): string =>
  `${contextName}, woken by ${by} (${handOverKinds[how]})`;
