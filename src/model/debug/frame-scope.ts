import type { Context, Frame } from "../chain/context.ts";
import type { CpuDebug } from "../doors/guest-debug.ts";
import { elementOf, type Node, valueNode } from "../inspect/node.ts";
import type { Enumerations } from "./enumerators.ts";
import { functionNames, type Scope } from "./expression/evaluate.ts";
import { type Focus, focusOf } from "./focus.ts";
import { localNamed, locals } from "./locals.ts";
import type { MachineTree } from "./machine-tree.ts";
import { pieces } from "./memory.ts";
import { DebugError, type DebugTarget, nodeOf } from "./target.ts";

/** Names that stand for what a frame is about. */
export const focusNames = ["vcpu", "queue", "device"] as const;

/** The guest CPU's registers; where a function is entered its arguments are in eax, edx and ecx. */
const registerNames = "eax ecx edx ebx esp ebp esi edi eip eflags cpl cr0 cr2 cr3 cr4".split(" ");

const POINTERS = /^e(ip|sp|bp|ax|bx|cx|dx|si|di)$/;

/** One that may be a pointer leads to the memory it points to, if there is any. */
export function registerNode(target: DebugTarget, name: string, value: number): Node {
  const isPointer = POINTERS.test(name) && pieces(target, "linear", value, 1).length > 0;
  return valueNode(name, () => value, {
    hex: true,
    ...(isPointer ? { memory: () => `linear:0x${value.toString(16)}` } : {}),
  });
}

/** Names that people try, and what they mean. */
const HINTS: { readonly [name: string]: string } = {
  vq: "no function on this stack has one; `queue` is the virtqueue a stop is about",
  dev: "no function on this stack has one; `device` is the device a stop is about",
  req: "`slot[0]` is the request in the shared page, `vcpu.req` the hypervisor's copy",
  regs: "registers are known by name: eax, ecx, edx, eip, ...",
  rip: "the guest is a 32-bit one: eip",
  rax: "the guest is a 32-bit one: eax",
};

/** Names that mean something in every frame, besides what the machine's tree has. */
export function isGeneralName(name: string): boolean {
  if ((focusNames as readonly string[]).includes(name) || registerNames.includes(name)) return true;
  return functionNames.includes(name);
}

/** What an expression knows in a frame: its values and arguments, what it is about, then the whole machine. */
export class FrameScope implements Scope {
  readonly #target: DebugTarget;
  readonly #tree: MachineTree;
  readonly #frames: readonly Frame[];
  readonly #around: () => readonly Frame[];
  readonly #context: Context | undefined;
  #focus: Focus | undefined;

  /**
   * `frames`: whose own values are known, the nearest first: none, one, or that of a call's line and the called function.
   * `around`: the frame's stack with the stacks it was caused by, the nearest first. `context`: the one that is looked
   * at, whose stack it is.
   */
  constructor(
    target: DebugTarget,
    tree: MachineTree,
    frames: readonly Frame[],
    around: () => readonly Frame[],
    context: Context | undefined,
  ) {
    this.#target = target;
    this.#tree = tree;
    this.#frames = frames;
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
    return this.#frames.length === 0 ? [] : locals(this.#target.layers, this.#frames[0]);
  }

  *lookUp(name: string): Generator<Node, void, void> {
    for (const frame of this.#frames) {
      const local = localNamed(this.#target.layers, frame, name);
      if (local !== undefined) yield local;
    }
    const focus = this.#focused(name);
    if (focus !== undefined) yield focus;
    yield* this.#tree.lookUp(name);
    const register = registerNames.includes(name) ? this.#cpu?.registers[name] : undefined;
    if (register !== undefined) yield registerNode(this.#target, name, register);
  }

  hint(name: string): string {
    const known = Object.hasOwn(HINTS, name) ? HINTS[name] : undefined;
    return known === undefined ? "" : `; ${known}`;
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
    const { memory } = this.#target;
    if (address < memory.size || this.#cpu === undefined) return this.#tree.readGuest(address, bytes);
    // Physical addresses end with RAM; the kernel's pointers lie beyond it.
    const found = pieces(this.#target, "linear", address, bytes).flatMap((piece) => [...piece]);
    if (found.length < bytes) {
      const where = `0x${address.toString(16)}`;
      throw new DebugError(
        `${where} is beyond the guest's RAM of ${memory.size} bytes, and its kernel has nothing there`,
      );
    }
    return found.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
}
