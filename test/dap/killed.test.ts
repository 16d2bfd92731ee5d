/** An adapter that is ended from outside, while a terminal shows the guest's console. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Body, DapClient, launch } from "./client.ts";

const folder = mkdtempSync(join(tmpdir(), "acrn-killed-"));
// Of the adapters, which are started from here.
process.env.TMPDIR = folder;
after(() => rmSync(folder, { recursive: true }));

interface Terminal {
  readonly client: DapClient;
  readonly adapter: ChildProcess;
  /** The console's exit status, and what it said beside the guest's output. */
  readonly ended: Promise<readonly [number, string]>;
}

/** An adapter whose client has opened the terminal, and that has noticed it. */
async function inTerminal(): Promise<Terminal> {
  const client = DapClient.start();
  let terminal: ChildProcess | undefined;
  client.onRequest = (_command, { args }: Body) => {
    terminal = spawn(args[0], args.slice(1), { stdio: ["pipe", "pipe", "pipe"] });
    return {};
  };
  await launch(client, {}, { supportsAcrnConsole: false, supportsRunInTerminalRequest: true });
  await client.request("configurationDone");
  await client.until(() => terminal !== undefined, "the terminal");
  const adapter = client.process;
  assert.ok(terminal?.stdout && terminal.stderr && adapter);
  // The guest writes only where its console is shown.
  await once(terminal.stdout, "data");
  terminal.stdout.resume();
  let said = "";
  terminal.stderr.on("data", (text) => {
    said += text;
  });
  const ended = once(terminal, "close").then(([status]) => [status, said] as const);
  return { client, adapter, ended };
}

test("what ends an adapter orderly leaves nothing", async () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    const { adapter, ended } = await inTerminal();
    assert.equal(readdirSync(folder).length, 1);
    const gone = once(adapter, "exit");
    adapter.kill(signal);
    assert.deepEqual(await gone, [0, null], signal);
    assert.deepEqual(readdirSync(folder), [], signal);
    assert.deepEqual(await ended, [0, ""], signal);
  }
});

test("a terminal whose adapter was killed says so, and the next adapter clears up", async () => {
  const { adapter, ended } = await inTerminal();
  adapter.kill("SIGKILL");
  const [status, said] = await ended;
  assert.equal(status, 3);
  assert.match(
    said,
    /^acrn-virtio: The console at .* was let go: its port was closed, or whoever served it was killed\n$/,
  );
  const [left] = readdirSync(folder);
  const next = await inTerminal();
  assert.equal(readdirSync(folder).length, 1);
  assert.ok(!readdirSync(folder).includes(left));
  await next.client.request("disconnect");
  await next.client.ended();
  assert.deepEqual([await next.ended, readdirSync(folder)], [[0, ""], []]);
});
