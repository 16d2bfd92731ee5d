import { bootOffer } from "../boot-offer.ts";
import { format, h, setChildren } from "../dom.ts";
import { Host } from "../host.ts";
import type { ChainUpdate, FromChain } from "../messages.ts";
import { Chart } from "./chart.ts";
import { details } from "./details.ts";
import { counters, Rates, ring, slots } from "./status.ts";

/** The Notify Chain view: every hop of one kick, in the context it ran in. */

const ZOOMS = [0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2];

interface Remembered {
  readonly zoom: number;
  readonly folded: boolean;
  readonly hop: number | undefined;
  /** The kick `hop` belongs to. */
  readonly kick: number;
}

const host = new Host<FromChain, ChainUpdate, Remembered>(
  { zoom: 1, folded: true, hop: undefined, kick: -1 },
  (message) => {
    if (message?.type !== "update") return;
    update = message;
    draw();
  },
);
const { strings } = host;
const rates = new Rates();
let update: ChainUpdate = { type: "update", machine: "none" };
/** What the picture shows, so that it is drawn only when that changes. */
let drawn = "";
/** The stop that has been brought into view. */
let revealed = "";

const status = h("div", { class: "status" });
const side = h("aside", { class: "details", "aria-label": strings.details, "aria-live": "off" });
const message = h("div", { class: "empty", role: "status" });
const chart = new Chart(strings, {
  selected(hop) {
    host.remember({ hop, kick: update.kick?.kick ?? -1 });
    const hops = update.kick?.hops ?? [];
    if (hops[hop] !== undefined)
      setChildren(side, ...details(strings, hops, hop, update.stations?.[hops[hop].station]?.about, open));
  },
  activated: (hop) => open(update.kick?.hops[hop]?.station),
  unfolded: () => setFolded(false),
});

function open(station: string | undefined): void {
  if (station !== undefined) host.post({ type: "openSource", station });
}

const button = (text: string, title: string, act: () => void, name = title): HTMLButtonElement =>
  h("button", { type: "button", class: "tool", title, "aria-label": name, onclick: act }, text);
/** One that stays pressed. */
const toggle = (text: string, title: string, act: () => void): HTMLButtonElement => button(text, title, act, text);
const record = toggle(strings.record, strings.recordAbout, () =>
  host.post({ type: "record", on: update.kick?.recording !== true }),
);
const fold = toggle(strings.allCallers, strings.allCallersAbout, () => setFolded(!host.remembered.folded));
const title = h("span", { class: "title" });
const tools = h(
  "div",
  { class: "tools", role: "toolbar", "aria-label": strings.tools },
  title,
  record,
  fold,
  button("−", strings.zoomOut, () => zoomBy(-1)),
  button("+", strings.zoomIn, () => zoomBy(1)),
);
const scroller = h("div", { class: "scroller" }, chart.element);
const main = h("main", {}, scroller, side);
document.body.append(status, tools, message, main, h("p", { id: "keys", class: "spoken" }, strings.keys));

function setFolded(folded: boolean): void {
  host.remember({ folded });
  draw();
  chart.focus();
}

function zoomBy(steps: number): void {
  const at = ZOOMS.findIndex((zoom) => zoom >= host.remembered.zoom);
  host.remember({ zoom: ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + steps))] });
  draw();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoomBy(1);
  else if (event.key === "-") zoomBy(-1);
  else if (event.key === "0") {
    host.remember({ zoom: 1 });
    draw();
  } else return;
  event.preventDefault();
});
// The picture uses the width there is.
new ResizeObserver(() => draw()).observe(scroller);

function draw(): void {
  const { machine, kick, overview } = update;
  const hasHops = (kick?.hops.length ?? 0) > 0;
  drawStatus();
  tools.hidden = kick === undefined;
  main.hidden = !hasHops;
  message.hidden = hasHops;
  if (kick !== undefined) {
    const which = format(kick.complete ? strings.kickTitle : strings.kickUnderWay, kick.kick, kick.queue, kick.slot);
    title.textContent = kick.kick === 0 ? "" : which;
    record.setAttribute("aria-pressed", String(kick.recording));
    fold.setAttribute("aria-pressed", String(!host.remembered.folded));
    fold.hidden = !hasHops;
  }
  if (!hasHops) drawEmpty(machine, kick?.recording === true, kick !== undefined);
  else if (kick !== undefined && overview !== undefined) drawChart();
}

function drawStatus(): void {
  const { machine, kick, overview } = update;
  status.hidden = overview === undefined;
  if (overview === undefined) return;
  const show = (): void => {
    if (kick !== undefined) host.post({ type: "showVirtqueue", slot: kick.slot, queue: kick.queue });
  };
  const about = kick === undefined ? undefined : ring(strings, overview, kick, show);
  setChildren(status, counters(strings, machine, overview, rates.kicks(overview)), ...slots(strings, overview), about);
}

function drawEmpty(machine: ChainUpdate["machine"], recording: boolean, known: boolean): void {
  drawn = "";
  if (machine === "none" || machine === "ended") {
    setChildren(message, ...bootOffer(strings, (stop) => host.post({ type: "boot", stop })));
  } else if (!known) {
    setChildren(message, h("p", {}, strings.isStarting));
  } else if (recording) {
    setChildren(message, h("p", {}, machine === "stopped" ? strings.recordsFromHere : strings.waitingForKick));
  } else {
    const start = h(
      "button",
      { type: "button", onclick: () => host.post({ type: "record", on: true }) },
      strings.record,
    );
    setChildren(message, h("p", {}, strings.notRecorded), start);
  }
}

function drawChart(): void {
  const { kick, stations = {} } = update;
  if (kick === undefined) return;
  const { zoom, folded, hop, kick: kickOfHop } = host.remembered;
  const width = scroller.clientWidth;
  const key = JSON.stringify([kick.kick, kick.hops.length, kick.stoppedAt, kick.complete, zoom, folded, width]);
  if (key === drawn) return;
  drawn = key;
  const stop = kick.stoppedAt === undefined ? "" : `${kick.kick}/${kick.stoppedAt}`;
  const isNew = stop !== "" && stop !== revealed;
  // A new stop is where one looks; else what was selected stays so while it is there.
  const select = isNew ? kick.stoppedAt : kickOfHop === kick.kick || stop === "" ? hop : kick.stoppedAt;
  chart.draw({ kick, stations, folded, zoom, width }, select ?? 0);
  if (isNew) chart.reveal();
  if (stop !== "") revealed = stop;
}

draw();
host.post({ type: "ready" });
