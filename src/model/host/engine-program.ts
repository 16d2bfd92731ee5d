import { readFile } from "node:fs/promises";
import { type EngineProgram, unusableProgram } from "../guest/v86/v86-internals.ts";

/** Reads v86's WebAssembly. Rejects with an error that names the file. */
export async function readEngineProgram(path: string): Promise<EngineProgram> {
  try {
    return { name: path, bytes: await readFile(path) };
  } catch (error) {
    throw unusableProgram(path, error as Error);
  }
}
