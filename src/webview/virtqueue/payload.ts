import { hexDump } from "../../shared/hex.ts";
import { format, h } from "../dom.ts";
import type { Chain, ChainBuffer, Strings, Virtqueue } from "../messages.ts";
import { currentChain, fromBase64, visibleText } from "./queue-state.ts";

/** The buffers of the chain one looks at, as text and in hexadecimal. */

export type OpenMemory = (memoryReference: string, count: number) => void;

export function payload(strings: Strings, queue: Virtqueue, stopped: boolean, open: OpenMemory): HTMLElement[] {
  const chain = currentChain(queue);
  if (chain === undefined) return [h("p", { class: "dim" }, strings.noChain)];
  const others =
    queue.chains.filter(({ state }) => state === "available").length +
    queue.moreChains -
    (chain.state === "available" ? 1 : 0);
  return [
    h("h2", {}, format(strings[`chain.${chain.state}`], chain.head, chain.position)),
    ...(chain.state === "used" ? [h("p", { class: "given dim" }, strings.givenBack)] : []),
    ...(chain.fault === undefined
      ? []
      : [h("p", { class: "fault", role: "alert" }, `${strings.malformed} ${chain.fault}`)]),
    ...chain.buffers.map((buffer) => bufferView(strings, chain, buffer, stopped, open)),
    ...(others > 0 ? [h("p", { class: "more dim" }, format(strings.moreChains, others))] : []),
  ];
}

function bufferView(
  strings: Strings,
  chain: Chain,
  buffer: ChainBuffer,
  stopped: boolean,
  open: OpenMemory,
): HTMLElement {
  const { descriptor, indirect, address, length, deviceWrites, memoryReference } = buffer;
  const bytes = fromBase64(buffer.preview);
  const place = indirect === undefined ? String(descriptor) : `${indirect}[${descriptor}]`;
  const canOpen = stopped && length > 0;
  const unwritten = deviceWrites && chain.state !== "used";
  const contents =
    bytes.length === 0
      ? []
      : [
          h("pre", { class: "text", "aria-label": strings.asText, tabindex: 0 }, visibleText(bytes)),
          h("pre", { class: "hex", "aria-label": strings.asHex, tabindex: 0 }, hexDump(BigInt(address), bytes)),
          ...(bytes.length < length ? [h("p", { class: "dim" }, format(strings.firstBytes, bytes.length))] : []),
        ];
  return h(
    "section",
    { class: "buffer" },
    h(
      "div",
      { class: "about" },
      h("span", {}, format(strings.descriptor, place)),
      h("code", {}, address),
      h("span", {}, format(strings.bytes, length)),
      h("span", { class: "dim" }, deviceWrites ? strings.deviceWrites : strings.deviceReads),
      memoryReference !== undefined &&
        h(
          "button",
          {
            // Not `disabled`: it must be possible to reach it, and so what it waits for.
            ...{ type: "button", class: "link", "aria-disabled": canOpen ? undefined : "true" },
            title: stopped ? strings.openMemoryAbout : strings.needsStop,
            onclick: () => canOpen && open(memoryReference, length),
          },
          strings.openMemory,
        ),
    ),
    memoryReference === undefined && h("p", { class: "fault" }, strings.outsideOfRam),
    bytes.length > 0 && unwritten && h("details", {}, h("summary", {}, strings.unwritten), ...contents),
    ...(unwritten ? [] : contents),
  );
}
