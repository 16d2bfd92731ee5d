// Takes the place of @vscode/spdlog, which has to be compiled: VS Code's log files without rotation.

import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  #path;
  #level = 0;
  #formatted = true;

  constructor(path) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    for (const [level, name] of LEVELS.entries()) this[name] = (message) => this.#write(level, message);
  }

  #write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").slice(0, -1);
    appendFileSync(this.#path, this.#formatted ? `${time} [${LEVELS[level]}] ${message}\n` : message);
  }

  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.#formatted = false;
  }
  flush() {}
  drop() {}
}

export const version = 0;
export function setLevel() {}
export function setFlushOn() {}
export async function createAsyncRotatingLogger(_name, path) {
  return new Logger(path);
}
export const createRotatingLogger = createAsyncRotatingLogger;
