import type { Virtqueue } from "../messages.ts";

/** What the indices of a virtqueue mean for the elements of its rings (virtio 1.3, 2.7). */

type Rings = NonNullable<Virtqueue["rings"]>;

/** available: the device may take it. inWork: the device has it and has not returned it. past: neither. */
export type ElementState = "available" | "inWork" | "past";

/** How far one 16-bit index is ahead of another. */
export const ahead = (index: number, of: number): number => (index - of) & 0xffff;

/** Which element of a ring an index, which counts on past its end, means. */
export const elementOf = (index: number, size: number): number => index & (size - 1);

/** Chains that wait for the device, and chains it works on. More than the queue holds are as many as it holds. */
export function counts(
  { size, lastAvail }: Virtqueue,
  rings: Rings,
): { readonly available: number; readonly inWork: number } {
  return {
    available: Math.min(size, ahead(rings.availIdx, lastAvail)),
    inWork: Math.min(size, ahead(lastAvail, rings.usedIdx)),
  };
}

/** State of each element of the available ring. A device that returns chains out of order makes `inWork` a guess. */
export function elementStates(queue: Virtqueue, rings: Rings): ElementState[] {
  const { size, lastAvail } = queue;
  const { available, inWork } = counts(queue, rings);
  const states = new Array<ElementState>(size).fill("past");
  for (let i = 1; i <= inWork; i++) states[elementOf(lastAvail - i, size)] = "inWork";
  for (let i = 0; i < available; i++) states[elementOf(lastAvail + i, size)] = "available";
  return states;
}

/** The chain one looks at: the one the device has, else the next it takes, else the one it returned last. */
export function currentChain({ chains }: Virtqueue): Virtqueue["chains"][number] | undefined {
  return (
    chains.find(({ state }) => state === "taken") ?? chains.find(({ state }) => state === "available") ?? chains.at(0)
  );
}

/** Descriptors of the queue's own table that belong to a chain. */
export function descriptorsOf(chain: Virtqueue["chains"][number] | undefined): ReadonlySet<number> {
  return new Set(chain?.buffers.map(({ descriptor, indirect }) => indirect ?? descriptor));
}

/** Flags of a descriptor by name. */
export function flagNames(flags: number): string {
  const names = ["NEXT", "WRITE", "INDIRECT"].filter((_, bit) => (flags & (1 << bit)) !== 0);
  const rest = flags & ~7;
  return [...names, ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join("|") || "0";
}

const ESCAPES: { readonly [code: number]: string } = { 8: "\\b", 9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e" };

/** UTF-8 text with everything that is no visible character written as an escape. */
export function visibleText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  // Controls, and the marks that would turn the direction of what follows.
  return text.replace(/([\p{Cc}\p{Cf}\u2028\u2029])\1*/gu, (run: string, character: string) => {
    const code = character.codePointAt(0) ?? 0;
    const name =
      ESCAPES[code] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`);
    const times = run.length / character.length;
    return times > 8 ? `${name}×${times}` : name.repeat(times);
  });
}

/** Bytes of a base64 text; none where it is not base64. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** An SVG path around element `index` of `size`, between two radii; element 0 begins at the top. */
export function arc(index: number, size: number, inner: number, outer: number): string {
  const gap = Math.min(0.006, Math.PI / size / 8);
  const from = (2 * Math.PI * index) / size - Math.PI / 2 + gap;
  const to = (2 * Math.PI * (index + 1)) / size - Math.PI / 2 - gap;
  const at = (radius: number, angle: number): string =>
    `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  const large = to - from > Math.PI ? 1 : 0;
  return `M${at(outer, from)} A${outer} ${outer} 0 ${large} 1 ${at(outer, to)} L${at(inner, to)} A${inner} ${inner} 0 ${large} 0 ${at(inner, from)} Z`;
}

/** The middle of an element at a radius. */
export function middle(index: number, size: number, radius: number): { readonly x: number; readonly y: number } {
  const angle = (2 * Math.PI * (index + 0.5)) / size - Math.PI / 2;
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
}

/** Moves labels apart until no two are nearer than `distance`, each as little as possible; the order stays. */
export function spread(wanted: readonly number[], distance: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  const groups: { readonly members: number[]; middle: number }[] = [];
  for (const index of order) {
    let group = { members: [index], middle: wanted[index] };
    for (let above = groups.at(-1); above !== undefined; above = groups.at(-1)) {
      const room = ((above.members.length + group.members.length) / 2) * distance;
      if (group.middle - above.middle >= room) break;
      groups.pop();
      const members = [...above.members, ...group.members];
      group = { members, middle: members.reduce((sum, member) => sum + wanted[member], 0) / members.length };
    }
    groups.push(group);
  }
  const placed: number[] = new Array(wanted.length);
  for (const { members, middle: center } of groups) {
    members.forEach((member, i) => {
      placed[member] = center + (i - (members.length - 1) / 2) * distance;
    });
  }
  return placed;
}
