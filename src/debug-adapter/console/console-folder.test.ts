import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { newConsoleFolder, SOCKET_NAME } from "./console-folder.ts";

const parent = mkdtempSync(join(tmpdir(), "acrn-folders-"));
after(() => rmSync(parent, { recursive: true }));

test("what adapters that were killed have left goes; what is another's stays", async () => {
  const mine = await newConsoleFolder(parent);
  // A process that has been: its id is nobody's.
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const of = (name: string): string => {
    const folder = join(parent, name);
    mkdirSync(folder);
    return folder;
  };
  const prefix = basename(mine).slice(0, basename(mine).indexOf(String(process.pid)));
  const dead = of(`${prefix}${pid}-abc`);
  const served = of(`${prefix}${pid}-def`);
  const foreign = of(`acrn-virtio-${pid}`);
  const server = createServer().listen(join(served, SOCKET_NAME));
  await new Promise((resolve) => server.once("listening", resolve));
  await newConsoleFolder(parent);
  assert.deepEqual([dead, served, foreign, mine].map(existsSync), [false, true, true, true]);
  server.close();
});
