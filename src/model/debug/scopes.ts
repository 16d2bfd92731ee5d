import type { Context } from "../chain/context.ts";
import { contextKinds } from "../chain/context-kinds.ts";
import { handOverKinds } from "../chain/hand-over-kinds.ts";
import type { CpuDebug } from "../doors/guest-debug.ts";
import { groupNode, type Node, valueNode } from "../inspect/node.ts";
import type { GuestLocation, ScopeRecord } from "../protocol/debug.ts";
import { isSlotFree } from "./exit.ts";
import { type FrameScope, registerNode } from "./frame-scope.ts";
import type { FunctionRecord } from "./stack.ts";
import { cpuOf, type DebugTarget, nodeOf } from "./target.ts";

export interface ScopeNode {
  readonly kind: ScopeRecord["kind"];
  readonly node: Node;
}

/** What is shown of a frame: its own values, then what it is about. */
export function scopeNodes(
  target: DebugTarget,
  { guest, historic }: FunctionRecord,
  context: Context,
  scope: FrameScope,
): ScopeNode[] {
  const { request, queue, device } = scope.focus;
  const cpu = cpuOf(target, context);
  const found: ScopeNode[] = [
    {
      kind: "locals",
      node: groupNode("Locals", () =>
        guest === undefined ? scope.locals : [...locationNodes(guest), ...(historic ? [] : taskNodes(cpu))],
      ),
    },
  ];
  if (guest !== undefined && !historic && cpu !== undefined) {
    const registers = (): Node[] =>
      Object.entries(cpu.registers).map(([name, value]) => registerNode(target, name, value));
    found.push({ kind: "registers", node: groupNode("Registers", registers) });
  }
  const add = (kind: ScopeNode["kind"], node: Node | undefined): void => {
    if (node !== undefined) found.push({ kind, node });
  };
  if (request !== undefined) {
    const note = isSlotFree(request) ? " (FREE, left over)" : "";
    add("slot", scope.slot(request.vcpuId, `I/O request, slot ${request.vcpuId}${note}`));
  }
  if (queue !== undefined) add("queue", nodeOf(target.layers, queue, `Virtqueue ${queue.num}`));
  if (device !== undefined) add("device", nodeOf(target.layers, device, `Device ${device.name}`));
  found.push({ kind: "context", node: contextNode(context) });
  return found;
}

function locationNodes({ address, offset, module, memoryReference }: GuestLocation): Node[] {
  return [
    valueNode("address", () => address, {
      hex: true,
      memory: () => memoryReference,
      about: "linear; after the call, but for the innermost",
    }),
    valueNode("offset", () => offset, { hex: true, about: "bytes from the function's start" }),
    valueNode("module", () => module ?? "kernel"),
  ];
}

function taskNodes(cpu: CpuDebug | undefined): Node[] {
  const task = cpu?.task;
  if (task === undefined) return [];
  return [
    valueNode("task", () => task.name, { about: "the guest kernel's current task" }),
    valueNode("pid", () => task.pid),
  ];
}

function contextNode(context: Context): Node {
  const kind = contextKinds[context.kind];
  return groupNode("Context", () => [
    valueNode("name", () => context.name),
    valueNode("kind", () => context.kind, { about: kind.about }),
    valueNode("layer", () => kind.layer),
    valueNode("state", () => context.state),
    valueNode("waiting_for", () => context.waitingFor, { about: "what it sleeps on" }),
    valueNode("depth", () => context.depth, { about: "open functions" }),
    valueNode("woken_by", () => {
      const cause = context.cause;
      return cause === undefined
        ? ""
        : `${cause.frames().at(-1)?.station.id ?? cause.context?.name} (${handOverKinds[cause.how]})`;
    }),
  ]);
}
