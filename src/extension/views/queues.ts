import type { Overview, QueueChoice } from "../../webview/messages.ts";

/** Which virtqueues there are to look at. */

export interface QueueName {
  readonly slot: number;
  readonly queue: number;
}

/** The queues the guest has set up; of a device without any, the first ones. `translate`: a direction's text. */
export function queueChoices({ devices }: Overview, translate: (text: string) => string): QueueChoice[] {
  return devices.flatMap(({ name, slot, bus, virtio }) => {
    if (bus !== 0 || virtio === undefined) return [];
    const ready = virtio.queues.filter((queue) => queue.ready);
    return (ready.length > 0 ? ready : virtio.queues.slice(0, 2)).map(({ queue, purpose, direction }) => {
      const about = [purpose, direction === undefined ? undefined : translate(direction)].filter(Boolean).join(", ");
      return { slot, queue, label: `${slot}: ${name}, ${queue}${about === "" ? "" : ` (${about})`}` };
    });
  });
}

/** The queue shown when none was chosen: that of the last kick, else the first that carries bytes from the guest. */
export function firstChoice(
  overview: Overview,
  choices: readonly QueueChoice[],
  kicked: QueueName | undefined,
): QueueName | undefined {
  const has = (wanted: QueueName): boolean =>
    choices.some(({ slot, queue }) => slot === wanted.slot && queue === wanted.queue);
  if (kicked !== undefined && has(kicked)) return kicked;
  for (const { slot, virtio } of overview.devices) {
    const out = virtio?.queues.find(({ direction }) => direction === "guest to host");
    if (out !== undefined && has({ slot, queue: out.queue })) return { slot, queue: out.queue };
  }
  return choices[0];
}

/** A queue a command was called for, by a person, a menu or another extension. */
export function queueNameOf(raw: unknown): QueueName | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const { slot, queue } = raw as { readonly slot?: unknown; readonly queue?: unknown };
  return Number.isInteger(slot) && Number.isInteger(queue)
    ? { slot: slot as number, queue: queue as number }
    : undefined;
}
