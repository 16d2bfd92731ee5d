import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../inspect/capture.ts";
import { restore } from "../inspect/restore.ts";
import { StateTables } from "../inspect/saved-state.ts";
import { READY_PORT, SYMBOLS_PORT, threadState, WorkbenchPorts } from "./workbench-ports.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function opened() {
  const messages: string[] = [];
  const ports = new WorkbenchPorts((port, text) => messages.push(`${port}: ${text()}`));
  return { messages, ports, ready: ports.open(READY_PORT), symbols: ports.open(SYMBOLS_PORT) };
}

test("a message is told once, when its end has come in however many pieces", () => {
  const { messages, symbols } = opened();
  for (const part of ["c0001000 T one\n", ".", "\n", "more\n.\n"]) symbols.write(bytes(part));
  assert.deepEqual(messages, [`${SYMBOLS_PORT}: c0001000 T one\n.\n`]);
});

test("the guest can be asked to switch itself off once it is ready, also after its machine was saved", () => {
  const { ports, ready, symbols } = opened();
  assert.equal(ports.askForPowerOff(), false);
  ready.write(bytes("ready\n"));
  symbols.write(bytes("c0001000 T o"));
  const tables = new StateTables([threadState]);
  const { state } = capture({ ports }, tables);
  const copy = opened();
  restore({ ports: copy.ports }, structuredClone(state), tables);
  copy.symbols.write(bytes("ne\n.\n"));
  assert.deepEqual(copy.messages, [`${SYMBOLS_PORT}: c0001000 T one\n.\n`]);
  assert.equal(copy.ports.askForPowerOff(), true);
  const into = new Uint8Array(20);
  assert.equal(copy.ready.read(into), 9);
});
