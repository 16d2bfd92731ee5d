import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StationReference } from "../../debug-adapter/protocol-stations.ts";

/** The functions of the chain, read when they are first asked for. */
export class StationRegistry {
  readonly #path: string;
  #stations: Promise<readonly StationReference[]> | undefined;

  constructor(extensionPath: string) {
    this.#path = join(extensionPath, "dist", "stations.json");
  }

  /** Rejects when the file is missing or damaged. */
  get(): Promise<readonly StationReference[]> {
    this.#stations ??= readFile(this.#path, "utf8").then((text) => JSON.parse(text) as StationReference[]);
    return this.#stations;
  }
}
