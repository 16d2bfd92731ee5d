import type { DeviceOptions } from "../../device-options.ts";

/** What follows `virtio-rnd` in `-s`, typed. acrn-dm takes anything. */
export interface RndOptions {
  /** Elements of the form `name=value`; each is announced as VBS-K, whatever it is. */
  readonly assignments: number;
  /** One of them, such as `kernel=on`, asks for the kernel's service. */
  readonly vbsK: boolean;
}

export const rndOptions: DeviceOptions<RndOptions> = {
  syntax: "[kernel=on]: VBS-K, which no kernel of today has, so that acrn-dm serves it all the same",
  parse(text = "") {
    // strsep twice: the name is not looked at, and the value begins behind the first `=`.
    const values = text
      .split(",")
      .flatMap((element) => (element.includes("=") ? [element.replace(/^[^=]*=/, "")] : []));
    return { options: { assignments: values.length, vbsK: values.some((value) => value.startsWith("on")) } };
  },
  kick: (_options, queue) =>
    queue === 0
      ? { provoke: "dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null" }
      : { refusal: "does not exist; it has queue 0 only" },
};
