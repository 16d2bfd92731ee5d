import { format, h, style, svg } from "../dom.ts";
import type { ChainUpdate, Hop, KickHops, Strings } from "../messages.ts";
import { duration, type Layout, layOut, type Move, moved, type Row, stateAt } from "./layout.ts";

/** Pixels at zoom 1. */
const ROW = 22;
const HEAD = 36;
/** Room for the time and for a function's name, and a call's indent: in an editor, and in a narrow side bar. */
const ROOMY = { gutter: 78, label: 300, indent: 9 };
const TIGHT = { gutter: 60, label: 240, indent: 4 };
const TIGHT_WIDTH = 440;
const NARROW_LANE = 20;
const WIDE_LANE = 118;
/** Lanes at least that wide have their names on top; otherwise the first row of each segment has it. */
const NAMED_LANE = 84;

const KEYS: { readonly [key: string]: Move } = {
  ArrowUp: "previous",
  ArrowDown: "next",
  ArrowLeft: "cause",
  ArrowRight: "effect",
  Home: "first",
  End: "last",
};

export interface ChartEvents {
  selected(hop: number): void;
  activated(hop: number): void;
  unfolded(): void;
}

export interface ChartInput {
  readonly kick: KickHops;
  readonly stations: NonNullable<ChainUpdate["stations"]>;
  readonly folded: boolean;
  readonly zoom: number;
  /** Pixels there are. */
  readonly width: number;
}

/** The picture: a listbox whose options are the hops, over lines that show who handed over to whom. */
export class Chart {
  readonly element: HTMLElement;
  readonly #strings: Strings;
  readonly #events: ChartEvents;
  #layout: Layout = layOut([], false);
  #hops: readonly Hop[] = [];
  #stations: ChartInput["stations"] = {};
  #options: HTMLElement[] = [];
  #row = 0;

  constructor(strings: Strings, events: ChartEvents) {
    this.#strings = strings;
    this.#events = events;
    this.element = h("div", {
      class: "chart",
      role: "listbox",
      "aria-label": strings.hops,
      "aria-describedby": "keys",
      onkeydown: (event: KeyboardEvent) => this.#key(event),
    });
  }

  /** Draws a kick anew; `select` is the hop that is selected, the last one when there is none. */
  draw(input: ChartInput, select: number | undefined): void {
    const { kick, folded, zoom, width } = input;
    const hadFocus = this.element.contains(document.activeElement);
    this.#hops = kick.hops;
    this.#stations = input.stations;
    this.#layout = layOut(kick.hops, folded);
    const { lanes, rows } = this.#layout;
    const row = ROW * zoom;
    const sizes = width < TIGHT_WIDTH ? TIGHT : ROOMY;
    const gutter = sizes.gutter * zoom;
    const label = sizes.label * zoom;
    const room = (width - gutter - label) / Math.max(1, lanes.length - 1);
    const lane = Math.round(Math.min(WIDE_LANE * zoom, Math.max(NARROW_LANE * zoom, room)));
    const named = lane >= NAMED_LANE * zoom;
    const x = (index: number): number => gutter + index * lane + 6;
    const y = (index: number): number => index * row + row / 2;
    const total = gutter + (lanes.length - 1) * lane + label;
    this.#options = rows.map((item, index) => this.#option(item, index, kick, { x, row, named, indent: sizes.indent }));
    const body = h("div", { class: "rows", role: "presentation" }, this.#lines({ x, y, row, total }), ...this.#options);
    style(body, { height: `${rows.length * row}px`, width: `${total}px` });
    this.element.replaceChildren(...(named ? [this.#heads(x, lane, total, zoom, label)] : []), body);
    style(this.element, { "--zoom": String(zoom), "--row": `${row}px`, "--gutter": `${gutter}px` });
    const to = select === undefined ? rows.length - 1 : (this.#layout.rowOf[select] ?? rows.length - 1);
    this.#select(to, false);
    // Who has scrolled away from it does not want to be brought back by each kick.
    if (hadFocus) this.#options[to]?.focus({ preventScroll: true });
  }

  /** Brings the selected row to the middle. */
  reveal(): void {
    const option = this.#options[this.#row];
    if (option !== undefined) scrollTo(option, "middle");
  }

  focus(): void {
    this.#select(this.#row, true);
  }

  #heads(x: (lane: number) => number, lane: number, total: number, zoom: number, label: number): HTMLElement {
    const { lanes } = this.#layout;
    const heads = lanes.map(({ context, layer }, index) => {
      const head = h(
        "div",
        { class: `head layer-${layer}`, title: `${context} (${this.#strings[layer] ?? layer})` },
        h("span", { class: "layer" }, this.#strings[layer] ?? layer),
        h("span", { class: "context" }, context),
      );
      return style(head, {
        left: `${x(index) - 6}px`,
        width: `${index === lanes.length - 1 ? label : lane - 6}px`,
      });
    });
    const bar = h("div", { class: "heads", "aria-hidden": "true" }, ...heads);
    return style(bar, { width: `${total}px`, height: `${HEAD * zoom}px` });
  }

  #lines(at: { x: (lane: number) => number; y: (row: number) => number; row: number; total: number }): SVGElement {
    const { x, y, row, total } = at;
    const { lanes, rows, segments, arrows } = this.#layout;
    const head = svg(
      "marker",
      { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
      svg("path", { d: "M0 0 L8 4 L0 8 Z", class: "tip" }),
    );
    return svg(
      "svg",
      { class: "lines", width: total, height: Math.max(1, rows.length * row), "aria-hidden": "true" },
      svg("defs", {}, head),
      ...lanes.map(({ layer, first, last }, lane) =>
        svg("line", { class: `waits layer-${layer}`, x1: x(lane), x2: x(lane), y1: y(first), y2: y(last) }),
      ),
      ...segments.map(({ lane, first, last }) =>
        svg("line", {
          class: `runs layer-${lanes[lane].layer}`,
          ...{ x1: x(lane), x2: x(lane), y1: y(first), y2: y(last) },
        }),
      ),
      ...arrows.map(({ from, to }) => {
        const [fromX, toX] = [x(rows[from].lane), x(rows[to].lane)];
        // To the left the line passes below the label of the hop it comes from, not through that of the other one.
        const d =
          toX > fromX
            ? `M${fromX} ${y(from)} V${y(to)} H${toX - 6}`
            : `M${fromX} ${y(from)} V${y(from) + row / 2} H${toX} V${y(to) - 6}`;
        return svg("path", { class: "arrow", d, "marker-end": "url(#tip)" });
      }),
      ...rows.map(({ lane, hop }, index) =>
        svg("circle", {
          class: `dot layer-${this.#hops[hop].layer}`,
          cx: x(lane),
          cy: y(index),
          r: Math.min(4.5, row / 5),
        }),
      ),
    );
  }

  #option(
    item: Row,
    index: number,
    kick: KickHops,
    at: { x: (lane: number) => number; row: number; named: boolean; indent: number },
  ): HTMLElement {
    const hop = kick.hops[item.hop];
    const stopped = kick.stoppedAt === item.hop;
    const state = stateAt(hop, this.#stations[hop.station]?.roles);
    const folded = item.hops > 1;
    const name = folded ? format(this.#strings.folded, item.hops) : hop.station;
    const label = h(
      "span",
      { class: "label" },
      !at.named && item.enters && h("span", { class: `where layer-${hop.layer}` }, hop.context),
      h("span", { class: folded ? "fold" : "name" }, name),
      state.slot !== undefined && h("span", { class: "state slot" }, format(this.#strings.slotState, state.slot)),
      state.ring !== undefined && h("span", { class: "state ring" }, state.ring),
    );
    style(label, { left: `${at.x(item.lane) + 12 + Math.min(item.indent, 8) * at.indent}px` });
    const option = h(
      "div",
      {
        class: `row${stopped ? " stopped" : ""}${hop.resumed ? " resumed" : ""}`,
        role: "option",
        tabindex: -1,
        "aria-selected": "false",
        "aria-label": this.#spoken(item, hop, stopped),
        ...(stopped ? { "aria-current": "step" } : {}),
        "data-hop": item.hop,
        "data-station": hop.station,
        onclick: () => {
          this.#select(index, true);
          this.#activate(item);
        },
      },
      h("span", { class: "time" }, duration(hop.t_ns)),
      stopped && h("span", { class: "here" }, "▶"),
      label,
    );
    return style(option, { top: `${index * at.row}px`, height: `${at.row}px` });
  }

  #spoken(item: Row, hop: Hop, stopped: boolean): string {
    const { strings } = { strings: this.#strings };
    if (item.hops > 1) return format(strings.folded, item.hops);
    const cause = hop.cause === null ? undefined : this.#hops[hop.cause];
    const parts = [
      hop.station,
      format(strings.inContext, hop.context, strings[hop.layer] ?? hop.layer),
      format(strings.after, duration(hop.t_ns)),
      ...(cause === undefined ? [] : [format(strings.wokenBy, cause.station, cause.context)]),
      ...(stopped ? [strings.stoppedHere] : []),
    ];
    return parts.join(", ");
  }

  #activate(item: Row): void {
    if (item.hops > 1) this.#events.unfolded();
    else this.#events.activated(item.hop);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const move = KEYS[event.key];
    const item = this.#layout.rows[this.#row];
    if (move !== undefined) this.#select(moved(this.#layout, this.#hops, this.#row, move), true);
    else if ((event.key === "Enter" || event.key === " ") && item !== undefined) this.#activate(item);
    else return;
    event.preventDefault();
  }

  #select(row: number, focus: boolean): void {
    const before = this.#options[this.#row];
    before?.setAttribute("aria-selected", "false");
    before?.setAttribute("tabindex", "-1");
    this.#row = row;
    const option = this.#options[row];
    if (option === undefined) return;
    option.setAttribute("aria-selected", "true");
    option.setAttribute("tabindex", "0");
    if (focus) {
      option.focus({ preventScroll: true });
      scrollTo(option, "visible");
    }
    this.#events.selected(this.#layout.rows[row].hop);
  }
}

/**
 * Scrolls what holds the picture. The element's own scrollIntoView would move the editor's frames around the page too,
 * until nothing of it is to be seen.
 */
function scrollTo(option: HTMLElement, to: "middle" | "visible"): void {
  const box = option.closest(".scroller");
  const scroller = box !== null && box.scrollHeight > box.clientHeight + 1 ? box : document.scrollingElement;
  if (scroller === null) return;
  const top = scroller === box ? box.getBoundingClientRect().top : 0;
  const heads = option.closest(".chart")?.querySelector<HTMLElement>(".heads")?.offsetHeight ?? 0;
  const { top: at, height } = option.getBoundingClientRect();
  const above = at - top - heads;
  const below = at + height - top - scroller.clientHeight;
  if (to === "middle") scroller.scrollTop += at - top - scroller.clientHeight / 2;
  else if (above < 0) scroller.scrollTop += above;
  else if (below > 0) scroller.scrollTop += below;
}
