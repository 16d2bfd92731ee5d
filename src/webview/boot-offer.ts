import { h } from "./dom.ts";
import type { Strings } from "./messages.ts";

/** What a view shows while there is no machine, as the Machine tree does. `boot`: `stop` at the first kick. */
export function bootOffer(strings: Strings, boot: (stop: boolean) => void): HTMLElement[] {
  const button = (text: string, stop: boolean): HTMLElement =>
    h("button", { type: "button", onclick: () => boot(stop) }, text);
  return [h("p", {}, strings.noMachine), button(strings.bootGuest, false), button(strings.bootGuestAndStop, true)];
}
