import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  readonly pid: number;
  readonly commandLine: string;
}

/** The running processes whose command line holds `text`. */
export function processesWith(text: string): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const all = pids.map((pid) => ({ pid: Number(pid), commandLine: commandLine(pid) }));
  return all.filter(({ commandLine }) => commandLine.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // it has ended meanwhile
  }
}
