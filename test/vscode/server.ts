import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./project.ts";

/** The oldest VS Code that is supported, and the newest that was there when the test was written. */
export type Which = "oldest" | "newest";

export interface Server {
  readonly version: string;
  readonly url: string;
  readonly userData: string;
  readonly extensions: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** DOM rows can be read by a test; a canvas cannot. Animations would only be in the way. */
const SETTINGS = {
  "terminal.integrated.gpuAcceleration": "off",
  "workbench.reduceMotion": "on",
  "window.commandCenter": false,
  "git.enabled": false,
  "security.workspace.trust.enabled": false,
};

/** Starts a real VS Code with the extension installed, from the packaged file `vsix`. */
export async function startServer(which: Which, vsix: string, settings: object = {}): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), "acrn-vscode-"));
  const job = JSON.stringify({ home, vsix, settings: { ...SETTINGS, ...settings } });
  const child = spawn(process.execPath, [join(root, "scripts", "vscode-server.mjs"), which, job], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.on("close", (code) => reject(new Error(`VS Code's server ended with exit code ${code}:\n${errors}`)));
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await closed;
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { ...(JSON.parse(line) as Omit<Server, "stop">), stop };
}
