import { contextKinds } from "../model/chain/context-kinds.ts";
import type { Station } from "../model/chain/station.ts";
import { allStations } from "../model/chain/stations/index.ts";
import type { Format } from "./options.ts";
import { formatTable } from "./table.ts";

/** `acrn-virtio stations`: every function of the chain the model knows. */
export function stationsCommand(format: Format): string {
  const records = allStations().map(record);
  if (format === "json") return JSON.stringify(records, undefined, 2);
  const rows = records.map((station) => [
    station.id,
    station.layer,
    station.contexts.join(", "),
    `${station.repository}:${station.file}`,
    station.about,
  ]);
  return formatTable(["station", "layer", "contexts", "source", "about"], rows);
}

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
