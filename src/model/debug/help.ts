import { functionNames } from "./expression/evaluate.ts";
import { type FrameScope, focusNames } from "./frame-scope.ts";
import type { MachineTree } from "./machine-tree.ts";

/** What the debug console says when it is asked what it knows. */

export const isHelp = (text: string): boolean => /^(help|\?)$/i.test(text.trim());

export function help(scope: FrameScope, tree: MachineTree): string {
  const { focus } = scope;
  const locals = scope.locals.map(({ name }) => name);
  const about = focusNames.filter((name) => focus[name] !== undefined);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["of the selected function", locals],
    ["what the stop is about", about],
    ["of the machine", tree.names],
    ["registers of the guest", ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags"]],
    ["memory of the guest", functionNames.map((name) => `${name}(address)`)],
  ];
  return [
    "Expressions over the machine; they change nothing. Known here:",
    ...rows.filter(([, names]) => names.length > 0).map(([label, names]) => `  ${label}: ${names.join(", ")}`),
    "Fields with . or ->, elements with [n], operators as in C, enumerators by name (FREE, IoreqState.FREE).",
    "For example: slot[0].processed == PENDING, queue.avail.idx - queue.used.idx, u32(esp), devices[3].status",
  ].join("\n");
}
