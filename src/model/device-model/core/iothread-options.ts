import { leadingNumber } from "../command-line/numbers.ts";

/** What follows `iothread` in a device's options. */
export interface IothreadsChoice {
  readonly num: number;
  /** CPUs of the Service VM by iothread; none: any. Those beyond the last have none. */
  readonly cpusets: readonly (readonly number[])[];
}

/**
 * `n[@cpu[:cpu...][/cpu...]]`, `*` for an iothread without CPUs (devicemodel/core/iothread.c: iothread_parse_options);
 * one iothread when nothing follows. An error is acrn-dm's message.
 */
export function iothreadParseOptions(text: string | undefined): IothreadsChoice | { readonly error: string } {
  if (text === undefined) return { num: 1, cpusets: [] };
  const at = text.indexOf("@");
  const number = at < 0 ? text : text.slice(0, at);
  const num = leadingNumber(number, 10)?.value ?? 0;
  if (num <= 0) return { error: `iothread_parse_options: invalid iothread number ${number}` };
  const cpusets: number[][] = [];
  for (const written of at < 0 || at === text.length - 1 ? [] : text.slice(at + 1).split("/", num)) {
    const cpus: number[] = [];
    for (const cpu of written === "" ? [] : written.split(":")) {
      if (cpu.startsWith("*")) break;
      const id = leadingNumber(cpu, 10)?.value ?? -1;
      if (id < 0) return { error: `iothread_parse_options: invalid CPU affinity setting ${cpu}` };
      cpus.push(id);
    }
    cpusets.push(cpus);
  }
  return { num, cpusets };
}
