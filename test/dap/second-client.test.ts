import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "./client.ts";

const run = promisify(execFile);
const python = await run("python3", ["--version"]).then(
  () => true,
  () => false,
);

test("a client in Python completes a session", { skip: python ? false : "there is no python3" }, async () => {
  const script = join(ROOT, "test", "dap", "second_client.py");
  const { stdout } = await run("python3", [script, process.execPath, join(ROOT, "bin", "acrn-virtio.mjs")]);
  assert.match(stdout, /The session is complete\./);
});
