import type { GuestShell } from "../src/cli/guest-shell.ts";

/** What is written to the console, and what the guest itself measures of it. */

export interface Workload {
  readonly name: "bulk" | "small";
  readonly blockSize: number;
  readonly blocks: number;
}

/**
 * 2 MiB (four times 512 KiB, because the guest's clock counts hundredths) as the tty hands it over, up to a page a kick;
 * and many writes of 16 bytes, a kick each.
 */
export const BULK: Workload = { name: "bulk", blockSize: 4096, blocks: 512 };
export const SMALL: Workload = { name: "small", blockSize: 16, blocks: 8192 };

/** Seconds the guest's own clock counts while dd writes the workload to /dev/hvc0. */
export async function runWorkload(shell: GuestShell, { blockSize, blocks }: Workload): Promise<number> {
  const dd = `dd if=/dev/zero of=/dev/hvc0 bs=${blockSize} count=${blocks} 2>/dev/null`;
  const output = await shell.run(`read a _ </proc/uptime; ${dd}; read b _ </proc/uptime; echo "from $a to $b"`);
  const found = /from ([\d.]+) to ([\d.]+)/.exec(output.slice(-100));
  const seconds = Number(found?.[2]) - Number(found?.[1]);
  if (!(seconds > 0)) throw new Error(`the guest told no time: ${output.slice(-100)}`);
  return seconds;
}

/** What a program of this measurement prints on its last line. */
export interface ConsoleFigures {
  readonly bulk: number;
  readonly small: number;
  /** Only of the product's machine. */
  readonly kicksPerSecond?: number;
  readonly modelMicroseconds?: number;
  readonly recordedSmall?: number;
  readonly recordedMicroseconds?: number;
}
