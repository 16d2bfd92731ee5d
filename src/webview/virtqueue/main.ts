import { bootOffer } from "../boot-offer.ts";
import { format, h, setChildren } from "../dom.ts";
import { Host } from "../host.ts";
import type { FromVirtqueue, Virtqueue, VirtqueueUpdate } from "../messages.ts";
import { payload } from "./payload.ts";
import { ringPicture } from "./rings.ts";
import { revealCurrent, ringTables } from "./tables.ts";

/** The Virtqueue view: descriptor table, available and used ring of one queue, and what is in its buffers. */

interface Remembered {
  readonly as: "rings" | "tables";
}

const host = new Host<FromVirtqueue, VirtqueueUpdate, Remembered>({ as: "rings" }, (message) => {
  if (message?.type !== "update") return;
  update = message;
  draw();
});
const { strings } = host;
let update: VirtqueueUpdate = { type: "update", machine: "none", choices: [] };
let drawn = "";
let chosen = "";

const choice = h("select", { "aria-label": strings.chooseQueue, onchange: () => select(choice.value) });
const toggle = (as: Remembered["as"], text: string): HTMLButtonElement =>
  h("button", { type: "button", class: "tool", "data-as": as, onclick: () => show(as) }, text);
const toggles = [toggle("rings", strings.rings), toggle("tables", strings.tables)];
const bar = h(
  "div",
  { class: "bar", role: "toolbar", "aria-label": strings.view },
  choice,
  h("span", { class: "toggles", role: "group", "aria-label": strings.shownAs }, ...toggles),
);
const facts = h("div", { class: "facts" });
const message = h("div", { class: "empty", role: "status" });
const picture = h("div", { class: "queue" });
const contents = h("section", { class: "contents", "aria-label": strings.buffers });
document.body.append(bar, message, facts, h("main", {}, picture, contents));

function select(value: string): void {
  const [slot, queue] = value.split(":").map(Number);
  host.post({ type: "select", slot, queue });
}

function show(as: Remembered["as"]): void {
  host.remember({ as });
  draw();
}

function draw(): void {
  const { queue, choices, machine } = update;
  const key = JSON.stringify([update, host.remembered.as]);
  if (key === drawn) return;
  drawn = key;
  bar.hidden = choices.length === 0;
  const options = JSON.stringify(choices);
  if (options !== chosen) {
    chosen = options;
    choice.replaceChildren(
      ...choices.map(({ slot, queue: number, label }) => h("option", { value: `${slot}:${number}` }, label)),
    );
  }
  const shown = queue === undefined ? "" : `${queue.slot}:${queue.queue}`;
  // Setting it would move the mark in a list that is open.
  if (queue !== undefined && choice.value !== shown) choice.value = shown;
  for (const button of toggles) button.setAttribute("aria-pressed", String(button.dataset.as === host.remembered.as));
  const { rings } = queue ?? {};
  message.hidden = rings !== undefined;
  for (const part of [facts, picture, contents]) part.hidden = rings === undefined;
  if (queue === undefined || rings === undefined) {
    setChildren(message, ...nothingToShow(queue !== undefined, machine));
    return;
  }
  setChildren(facts, ...factsOf(queue, rings));
  redraw(queue, rings);
}

function nothingToShow(hasQueue: boolean, machine: VirtqueueUpdate["machine"]): HTMLElement[] {
  if (hasQueue) return [h("p", {}, strings.noRings)];
  if (machine === "none" || machine === "ended") {
    return bootOffer(strings, (stop) => host.post({ type: "boot", stop }));
  }
  return [h("p", {}, machine === "starting" ? strings.isStarting : strings.noQueues)];
}

function redraw(queue: Virtqueue, rings: NonNullable<Virtqueue["rings"]>): void {
  const asTables = host.remembered.as === "tables";
  const wereTables = picture.querySelector(".table") !== null;
  setChildren(picture, asTables ? ringTables(strings, queue, rings) : ringPicture(strings, queue, rings));
  if (asTables && !wereTables) revealCurrent(picture);
  const open = (memoryReference: string, count: number): void =>
    host.post({ type: "openMemory", memoryReference, count });
  setChildren(contents, ...payload(strings, queue, update.machine === "stopped", open));
}

function factsOf(queue: Virtqueue, rings: NonNullable<Virtqueue["rings"]>): (HTMLElement | string)[] {
  const fact = (name: string, value: string): HTMLElement =>
    h("span", {}, h("span", { class: "key" }, name), " ", value);
  const flag = (set: boolean, name: string): string => (set ? name : "0");
  return [
    ...(queue.direction === undefined ? [] : [fact(strings.direction, strings[queue.direction] ?? queue.direction)]),
    ...(queue.purpose === undefined ? [] : [fact(strings.purpose, queue.purpose)]),
    fact(strings.size, String(queue.size)),
    fact("avail.flags", flag((rings.availFlags & 1) !== 0, "NO_INTERRUPT")),
    fact("used.flags", flag((rings.usedFlags & 1) !== 0, "NO_NOTIFY")),
    ...(queue.eventIdx
      ? [fact("used_event", String(rings.usedEvent)), fact("avail_event", String(rings.availEvent))]
      : []),
    fact("MSI-X", queue.msixVector === 0xffff ? strings.none : format(strings.vector, queue.msixVector)),
    fact("ioeventfd", queue.ioeventfd ? strings.yes : strings.no),
    ...(queue.fault === undefined ? [] : [h("span", { class: "fault", role: "alert" }, queue.fault)]),
  ];
}

draw();
host.post({ type: "ready" });
