import * as vscode from "vscode";
import type { StationLink, StationReference } from "../../debug-adapter/protocol-stations.ts";

/** The command that stops whenever a function of the chain is entered; its one argument is the function's name. */
export const BREAK_COMMAND = "acrn.breakOnStation";

/** Names as this machine has them: one guest, with one vCPU. */
const contextName = (name: string): string => name.replaceAll("<id>", "1").replaceAll("<n>", "0");

export const contextsOf = ({ contexts }: StationReference): string => contexts.map(contextName).join(", ");

/** What is known of a station, for a hover. */
export function stationMarkdown(station: StationReference, entered: string | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  // The link below is the one command.
  text.isTrusted = { enabledCommands: [BREAK_COMMAND] };
  text.appendMarkdown("**");
  text.appendText(station.id);
  text.appendMarkdown(`** — ${escaped(station.about)}\n\n`);
  const rows: (readonly [string, string])[] = [
    [vscode.l10n.t("Layer"), station.layer],
    [vscode.l10n.t("Runs in"), contextsOf(station)],
    [vscode.l10n.t("Source"), `${station.repository}: ${station.file}`],
    ...links(vscode.l10n.t("Hands over to"), station.handsOverTo),
    ...links(vscode.l10n.t("Goes on because of"), station.wokenBy),
  ];
  if (station.aliases !== undefined) rows.push([vscode.l10n.t("Other names"), station.aliases.join(", ")]);
  if (entered !== undefined) rows.push([vscode.l10n.t("Recorded"), entered]);
  for (const [label, value] of rows) text.appendMarkdown(`- ${escaped(label)}: ${escaped(value)}\n`);
  const argument = encodeURIComponent(JSON.stringify([station.id]));
  text.appendMarkdown(
    `\n[${escaped(vscode.l10n.t("Set a function breakpoint"))}](command:${BREAK_COMMAND}?${argument})`,
  );
  return text;
}

const links = (label: string, found: readonly StationLink[] = []): [string, string][] =>
  found.map(({ station, how }) => [label, `${station} (${how})`]);

/** `<id>` is no element, `vp_notify` no emphasis. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+!|<>~-]/g, "\\$&");
