import type { Context, Frame } from "../chain/context.ts";
import type { CpuDebug } from "../doors/guest-debug.ts";
import { elementOf, type Node, valueNode } from "../inspect/node.ts";
import type { Enumerations } from "./enumerators.ts";
import { functionNames, type Scope } from "./expression/evaluate.ts";
import { type Focus, focusOf } from "./focus.ts";
import { argumentNodes, declaredValue, locals } from "./locals.ts";
import type { MachineTree } from "./machine-tree.ts";
import { type DebugTarget, nodeOf } from "./target.ts";

/** Names that stand for what a frame is about. */
export const focusNames = ["vcpu", "queue", "device"] as const;

/** The guest CPU's registers; where a function is entered its arguments are in eax, edx and ecx. */
const registerNames = "eax ecx edx ebx esp ebp esi edi eip eflags cpl cr0 cr2 cr3 cr4".split(" ");

export function registerNode(name: string, value: number): Node {
  const memory = /^(e(ip|sp|bp))$/.test(name) ? () => `linear:0x${value.toString(16)}` : undefined;
  return valueNode(name, () => value, { hex: true, ...(memory === undefined ? {} : { memory }) });
}

/** Names that mean something in every frame, besides what the machine's tree has. */
export function isGeneralName(name: string): boolean {
  if ((focusNames as readonly string[]).includes(name) || registerNames.includes(name)) return true;
  return functionNames.includes(name);
}

/** What an expression knows in a frame: its values and arguments, what it is about, then the whole machine. */
export class FrameScope implements Scope {
  readonly #target: DebugTarget;
  readonly #tree: MachineTree;
  readonly #frame: Frame | undefined;
  readonly #around: () => readonly Frame[];
  readonly #context: Context | undefined;
  #focus: Focus | undefined;

  /**
   * `around`: the frame's stack with the stacks it was caused by, the nearest first. `context`: the one that is looked
   * at, whose stack it is.
   */
  constructor(
    target: DebugTarget,
    tree: MachineTree,
    frame: Frame | undefined,
    around: () => readonly Frame[],
    context: Context | undefined,
  ) {
    this.#target = target;
    this.#tree = tree;
    this.#frame = frame;
    this.#around = around;
    this.#context = context;
  }

  get enumerations(): Enumerations {
    return this.#tree.enumerations;
  }

  get focus(): Focus {
    this.#focus ??= focusOf(this.#target, this.#around(), this.#context);
    return this.#focus;
  }

  get locals(): Node[] {
    return this.#frame === undefined ? [] : locals(this.#target.layers, this.#frame);
  }

  *lookUp(name: string): Generator<Node, void, void> {
    const frame = this.#frame;
    if (frame !== undefined) {
      const value = declaredValue(frame, name);
      if (value !== undefined) yield value;
      for (const node of argumentNodes(this.#target.layers, frame)) if (node.name === name) yield node;
    }
    const focus = this.#focused(name);
    if (focus !== undefined) yield focus;
    yield* this.#tree.lookUp(name);
    const register = registerNames.includes(name) ? this.#cpu?.registers[name] : undefined;
    if (register !== undefined) yield registerNode(name, register);
  }

  /** The guest's CPU whose request it is. */
  get #cpu(): CpuDebug | undefined {
    return this.#target.cpus[this.focus.vcpu?.vcpuId ?? 0];
  }

  #focused(name: string): Node | undefined {
    const isFocus = (focusNames as readonly string[]).includes(name);
    const subject = isFocus ? this.focus[name as (typeof focusNames)[number]] : undefined;
    return subject === undefined ? undefined : nodeOf(this.#target.layers, subject, name);
  }

  /** A slot of the shared ioreq page under another name. */
  slot(index: number, name: string): Node | undefined {
    const [slots] = this.#tree.lookUp("slot");
    const node = slots === undefined ? undefined : elementOf(slots, index);
    return node && { ...node, name };
  }

  readGuest(address: number, bytes: 1 | 2 | 4 | 8): bigint {
    return this.#tree.readGuest(address, bytes);
  }
}
