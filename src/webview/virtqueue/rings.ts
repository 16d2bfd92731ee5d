import { format, h, svg } from "../dom.ts";
import type { Strings, Virtqueue } from "../messages.ts";
import {
  arc,
  counts,
  currentChain,
  descriptorsOf,
  elementOf,
  elementStates,
  flagNames,
  middle,
  spread,
} from "./queue-state.ts";

/** The rings drawn as rings: outside the available ring, inside the used ring, beside them the descriptor table. */

const AVAIL = { inner: 112, outer: 140 };
const USED = { inner: 76, outer: 104 };
const LABEL = 162;

type Rings = NonNullable<Virtqueue["rings"]>;

export function ringPicture(strings: Strings, queue: Virtqueue, rings: Rings): HTMLElement {
  return h("div", { class: "picture" }, circles(strings, queue, rings), descriptorMap(strings, queue, rings));
}

function circles(strings: Strings, queue: Virtqueue, rings: Rings): HTMLElement {
  const { size, lastAvail } = queue;
  const states = elementStates(queue, rings);
  const chain = currentChain(queue);
  const current = chain === undefined ? -1 : elementOf(chain.position, size);
  const lastUsed = elementOf(rings.usedIdx - 1, size);
  const { available, inWork } = counts(queue, rings);
  const avail = states.map((state, index) =>
    svg(
      "path",
      {
        class: `element ${state}${index === current ? " current" : ""}`,
        d: arc(index, size, AVAIL.inner, AVAIL.outer),
      },
      svg("title", {}, format(strings.availElement, index, rings.avail[index], strings[state])),
    ),
  );
  const used = rings.used.map(({ id, length }, index) =>
    svg(
      "path",
      { class: `element used${index === lastUsed ? " last" : ""}`, d: arc(index, size, USED.inner, USED.outer) },
      svg("title", {}, format(strings.usedElement, index, id, length)),
    ),
  );
  const picture = svg(
    "svg",
    {
      class: "circles",
      viewBox: "-265 -172 530 344",
      role: "img",
      "aria-label": format(strings.ringsAre, rings.availIdx, lastAvail, rings.usedIdx, available, inWork),
    },
    ...avail,
    ...used,
    ...numbers(size),
    ...pointers(strings, queue, rings),
    text(0, -14, `${available}`, "big"),
    text(0, 2, strings.available, "small"),
    text(0, 28, `${inWork}`, "big"),
    text(0, 44, strings.inWork, "small"),
  );
  const legend = h(
    "figcaption",
    {},
    ...(["available", "inWork", "used"] as const).map((state) =>
      h("span", { class: "legend" }, h("span", { class: `swatch ${state}` }), strings[`${state}Legend`]),
    ),
  );
  const names = indexNames(strings, queue, rings).map((name) => h("span", {}, name));
  // The picture's own name says them.
  const indices = h("p", { class: "indices", "aria-hidden": "true" }, ...names);
  return h("figure", { class: "rings" }, picture, indices, legend);
}

function text(x: number, y: number, value: string, kind: string, anchor = "middle"): SVGElement {
  return svg("text", { x, y, class: kind, "text-anchor": anchor, "dominant-baseline": "middle" }, value);
}

const indexNames = (strings: Strings, { lastAvail }: Virtqueue, { availIdx, usedIdx }: Rings): string[] => [
  `avail.idx ${availIdx}`,
  `${strings.taken} ${lastAvail}`,
  `used.idx ${usedIdx}`,
];

/** The indices, with a line from the place between two elements to which each points to its name beside the rings. */
function pointers(strings: Strings, queue: Virtqueue, rings: Rings): SVGElement[] {
  const { size, lastAvail } = queue;
  const [availName, takenName, usedName] = indexNames(strings, queue, rings);
  const marks = [
    { name: availName, element: elementOf(rings.availIdx, size), inner: AVAIL.inner - 4 },
    { name: takenName, element: elementOf(lastAvail, size), inner: AVAIL.inner - 4 },
    { name: usedName, element: elementOf(rings.usedIdx, size), inner: USED.inner - 4 },
  ].map(({ name, element, inner }) => ({
    name,
    inner: middle(element - 0.5, size, inner),
    outer: middle(element - 0.5, size, AVAIL.outer + 5),
  }));
  return [-1, 1].flatMap((side) => {
    const own = marks.filter(({ outer }) => outer.x >= 0 === side > 0);
    const heights = spread(
      own.map(({ outer }) => outer.y),
      15,
    );
    return own.flatMap(({ name, inner, outer }, index) => {
      const x = side * LABEL;
      const y = heights[index];
      return [
        svg("line", { class: "pointer", x1: inner.x, y1: inner.y, x2: outer.x, y2: outer.y }),
        svg("line", { class: "lead", x1: outer.x, y1: outer.y, x2: x - side * 4, y2: y }),
        text(x, y, name, "mark", side > 0 ? "start" : "end"),
      ];
    });
  });
}

/** The numbers of a few elements. */
function numbers(size: number): SVGElement[] {
  return [0, 1, 2, 3].map((quarter) => {
    const element = Math.floor((size * quarter) / 4);
    const { x, y } = middle(element, size, USED.inner - 11);
    return text(x, y, String(element), "number");
  });
}

/** The descriptor table as a map, eight a row. */
function descriptorMap(strings: Strings, queue: Virtqueue, rings: Rings): HTMLElement {
  const chain = currentChain(queue);
  const inChain = descriptorsOf(chain);
  const pending = new Set(
    queue.chains.filter(({ state }) => state === "available").flatMap((item) => [...descriptorsOf(item)]),
  );
  const cells = rings.descriptors.map(({ address, length, flags, next }, index) => {
    // A chain that was returned is the driver's again.
    const isBusy = inChain.has(index) && chain?.state === "taken";
    const kind = isBusy ? "current" : pending.has(index) ? "available" : "past";
    const label = format(strings.descriptorIs, index, address, length, flagNames(flags), next);
    const isHead = chain?.head === index;
    return h("span", { class: `cell ${kind}${isHead ? " head" : ""}`, title: label }, String(index));
  });
  const about = format(strings.descriptorsAre, queue.size, [...inChain].join(" → ") || strings.none);
  return h(
    "figure",
    {},
    h("div", { class: "map", role: "img", "aria-label": about }, ...cells),
    h("figcaption", {}, about),
  );
}
