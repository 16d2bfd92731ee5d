import { hex } from "../../shared/hex.ts";
import { format, h } from "../dom.ts";
import type { KickHops, MachineState, Overview, Strings } from "../messages.ts";

/** What stands above the picture: counters, the ioreq slot, the ring of the queue that was kicked. */

const SLOT_STATES = ["FREE", "PENDING", "PROCESSING", "COMPLETE"];

/** Events a second of the machine's own time, between two looks at its counters. */
export class Rates {
  #before: Overview | undefined;
  #kicks = 0;

  /** Undefined while there is nothing to compare with. The clock stands while the machine does. */
  kicks(now: Overview): number | undefined {
    const before = this.#before;
    if (before !== undefined && now.timeNs <= before.timeNs)
      return now.timeNs < before.timeNs ? this.#restart(now) : this.#kicks;
    this.#before = now;
    if (before === undefined) return undefined;
    this.#kicks = ((now.kicks - before.kicks) * 1e9) / (now.timeNs - before.timeNs);
    return this.#kicks;
  }

  #restart(now: Overview): undefined {
    this.#before = now;
    this.#kicks = 0;
    return undefined;
  }
}

export function counters(
  strings: Strings,
  machine: MachineState,
  overview: Overview,
  rate: number | undefined,
): HTMLElement {
  const entry = (name: string, value: string): HTMLElement =>
    h("span", { class: "counter" }, h("span", { class: "key" }, name), " ", h("span", { class: "value" }, value));
  const kicks =
    rate === undefined || machine !== "running"
      ? ""
      : ` (${format(strings.perSecond, rate.toFixed(rate < 10 ? 1 : 0))})`;
  return h(
    "div",
    { class: "counters", role: "group", "aria-label": strings.counters },
    entry(strings.machine, strings[machine] ?? machine),
    entry(strings.kicks, `${overview.kicks}${kicks}`),
    entry(strings.exits, String(overview.exits.port + overview.exits.mmio)),
    entry(strings.upcalls, String(overview.upcalls)),
  );
}

export function slots(strings: Strings, overview: Overview): HTMLElement[] {
  return overview.slots.map((slot) => {
    const what = `${slot.direction} ${hex(slot.address)}, ${slot.size} B, ${hex(slot.value)}`;
    return h(
      "div",
      { class: "slots", role: "group", "aria-label": format(strings.slotIs, slot.slot, slot.state) },
      h("span", { class: "key" }, format(strings.slot, slot.slot)),
      h(
        "span",
        { class: "steps slot-states", "aria-hidden": "true" },
        ...SLOT_STATES.flatMap((state, index) => [
          index > 0 && h("span", { class: "then" }, "›"),
          h("span", { class: state === slot.state ? "step now" : "step" }, state),
        ]),
      ),
      slot.state !== "FREE" && h("span", { class: "detail" }, `${slot.type} ${what}`),
    );
  });
}

export function ring(strings: Strings, overview: Overview, kick: KickHops, show: () => void): HTMLElement | undefined {
  const device = overview.devices.find(({ bus, slot }) => bus === 0 && slot === kick.slot);
  const queue = device?.virtio?.queues.find((candidate) => candidate.queue === kick.queue);
  if (kick.kick === 0 || queue === undefined) return undefined;
  const waiting = (queue.availIdx - queue.lastAvail) & 0xffff;
  const inWork = (queue.lastAvail - queue.usedIdx) & 0xffff;
  const step = (name: string, value: number, after: number, gap: string): (HTMLElement | false)[] => [
    h("span", { class: after > 0 ? "step now" : "step" }, `${name} ${value}`),
    gap !== "" && h("span", { class: "then" }, after > 0 ? `› ${after} ${gap} ›` : "›"),
  ];
  return h(
    "div",
    { class: "slots", role: "group", "aria-label": strings.ring },
    h("span", { class: "key" }, format(strings.queue, kick.queue, kick.slot)),
    h(
      "span",
      { class: "steps" },
      ...step("avail.idx", queue.availIdx, waiting, strings.waiting),
      ...step(strings.taken, queue.lastAvail, inWork, strings.inWork),
      ...step("used.idx", queue.usedIdx, 0, ""),
    ),
    h("span", { class: "detail" }, [queue.direction, queue.purpose].filter(Boolean).join(", ")),
    h("button", { class: "link", type: "button", onclick: show }, strings.showQueue),
  );
}
