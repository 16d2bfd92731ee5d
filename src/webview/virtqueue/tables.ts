import { hex } from "../../shared/hex.ts";
import { h } from "../dom.ts";
import type { Strings, Virtqueue } from "../messages.ts";
import { currentChain, descriptorsOf, elementOf, elementStates, flagNames } from "./queue-state.ts";

/** The rings as tables, as they are in memory. */

type Rings = NonNullable<Virtqueue["rings"]>;
interface Line {
  readonly cells: readonly (string | number)[];
  readonly marks: string;
  readonly current: boolean;
}

export function ringTables(strings: Strings, queue: Virtqueue, rings: Rings): HTMLElement {
  const { size, lastAvail } = queue;
  const chain = currentChain(queue);
  const inChain = descriptorsOf(chain);
  const states = elementStates(queue, rings);
  const current = chain === undefined ? -1 : elementOf(chain.position, size);
  const at = (index: number, name: string, element: number): string => (elementOf(index, size) === element ? name : "");
  const marks = (...names: readonly string[]): string => names.filter((name) => name !== "").join(", ");
  return h(
    "div",
    { class: "tables" },
    table(
      strings.descriptorTable,
      hex(rings.descAddress),
      ["#", strings.address, strings.length, strings.flags, strings.next, ""],
      rings.descriptors.map(({ address, length, flags, next }, index) => ({
        cells: [index, address, length, flagNames(flags), (flags & 1) === 0 ? "" : next],
        marks: marks(chain?.head === index ? strings.head : ""),
        current: inChain.has(index),
      })),
    ),
    table(
      strings.availRing,
      hex(rings.availAddress),
      ["#", strings.head, strings.state, ""],
      rings.avail.map((head, index) => ({
        cells: [index, head, states[index] === "past" ? "" : strings[states[index]]],
        marks: marks(at(rings.availIdx, "avail.idx", index), at(lastAvail, strings.taken, index)),
        current: index === current,
      })),
    ),
    table(
      strings.usedRing,
      hex(rings.usedAddress),
      ["#", "id", strings.written, ""],
      rings.used.map(({ id, length }, index) => ({
        cells: [index, id, length],
        marks: marks(at(rings.usedIdx, "used.idx", index)),
        current: chain?.state === "used" && elementOf(rings.usedIdx - 1, size) === index,
      })),
    ),
  );
}

function table(name: string, address: string, columns: readonly string[], lines: readonly Line[]): HTMLElement {
  const head = h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column))));
  const body = h(
    "tbody",
    {},
    ...lines.map(({ cells, marks, current }) =>
      h(
        "tr",
        { class: current ? "line current" : "line", ...(current ? { "aria-current": "true" } : {}) },
        h("th", { scope: "row" }, String(cells[0])),
        ...cells.slice(1).map((cell) => h("td", {}, String(cell))),
        h("td", { class: "marks" }, marks === "" ? "" : `◀ ${marks}`),
      ),
    ),
  );
  return h(
    "section",
    {},
    // Not the table's caption, which would be scrolled out of sight.
    h("h2", {}, name, " ", h("code", {}, address)),
    h("div", { class: "table", tabindex: 0, role: "region", "aria-label": name }, h("table", {}, head, body)),
  );
}

/** Brings the marked rows into view without moving anything else. */
export function revealCurrent(tables: HTMLElement): void {
  for (const box of tables.querySelectorAll<HTMLElement>(".table")) {
    const row = box.querySelector<HTMLElement>("tr.current");
    if (row !== null) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }
}
