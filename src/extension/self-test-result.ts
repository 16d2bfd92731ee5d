/** What `acrn-virtio check` says, as src/cli/check.ts writes it. */

export interface SelfTestLine {
  readonly outcome: "ok" | "note" | "failed";
  /** The line without the outcome. */
  readonly text: string;
}

export interface SelfTestResult {
  /** One text for each thing that is wrong, with what to do. */
  readonly failed: readonly string[];
}

export function parseFinding(line: string): SelfTestLine {
  const [, outcome, text] = /^(ok|note|failed) +(.*)$/.exec(line) ?? [];
  return outcome === undefined ? { outcome: "note", text: line } : ({ outcome, text } as SelfTestLine);
}

/** `code`: exit status, null after a signal; `errors`: what came on stderr. A program that fails silently is a failure too. */
export function summarise(lines: readonly string[], code: number | null, errors: string): SelfTestResult {
  const failed = lines.map(parseFinding).filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) return { failed: failed.map(({ text }) => `${text}.`) };
  if (code === 0 && lines.length > 0) return { failed: [] };
  const last = errors.trim().split("\n").at(-1);
  return { failed: [last || `acrn-virtio check: ${code ?? "signal"}`] };
}
