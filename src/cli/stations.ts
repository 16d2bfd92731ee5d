import { contextKinds } from "../model/chain/context-kinds.ts";
import type { Station } from "../model/chain/station.ts";
import { builtInStations } from "../model/stations.ts";
import type { Format } from "./options.ts";

/** Columns of the terminal the list is made for. */
const WIDTH = 100;

/** `acrn-virtio stations`: every function of the chain the model knows, by file and by contexts. */
export function stationsCommand(format: Format): string {
  const records = builtInStations.all.map(record);
  if (format === "json") return JSON.stringify(records, undefined, 2);
  const indent = 4 + Math.max(...records.map(({ id }) => id.length)) + 2;
  const files = grouped(records, ({ layer, repository, file }) => `${layer}  ${repository}:${file}`);
  return [...files].map(([file, inFile]) => [file, ...listed(inFile, indent)].join("\n")).join("\n\n");
}

/** The functions of one file, below the contexts they run in. */
function listed(records: readonly StationRecord[], indent: number): string[] {
  const groups = grouped(records, ({ contexts }) => `  in ${contexts.join(", ")}`);
  return [...groups].flatMap(([contexts, stations]) => [
    contexts,
    ...stations.flatMap(({ id, about }) =>
      wrapped(about, WIDTH - indent).map((line, index) => `    ${index === 0 ? id : ""}`.padEnd(indent) + line),
    ),
  ]);
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

type StationRecord = ReturnType<typeof record>;

function record(station: Station) {
  return {
    id: station.id,
    layer: station.layer,
    repository: station.repository,
    file: station.file,
    contexts: [...new Set(station.contexts.map((kind) => contextKinds[kind].name))],
    about: station.about,
  };
}
