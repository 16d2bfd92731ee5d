/**
 * Every capability once, over the shipped bundle, while the guest's kernel boots: the machine stands at its first
 * instruction, then at its first I/O request. No guest gets to user space here.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type Body, DapClient, INITIALIZE, ROOT } from "./client.ts";
import { Transcript } from "./transcript.ts";

const names = ({ stackFrames }: Body) => stackFrames.map(({ name }: Body) => name);
const brief = ({ variables }: Body) =>
  variables.map(({ name, value, type }: Body) => `${name} = ${value} (${type ?? ""})`);
const model = (path: string): object => ({ path: join(ROOT, "src", "model", path) });

test("the capabilities, one after the other", async () => {
  const client = DapClient.start();
  const t = new Transcript(client);

  t.note("life cycle");
  await t.request("initialize", { ...INITIALIZE, supportsProgressReporting: true });
  await t.request("launch", {
    stopOnEntry: true,
    memory: 128,
    record: true,
    sources: { prefer: "model" },
    nonsense: 1,
  });
  await t.event("progressStart");
  await t.event("output");
  await t.event("initialized");

  t.note("breakpoints");
  const functions = [{ name: "emulate_io", condition: "address == 0xcf8" }, { name: "pci_*cfg*" }, { name: "vmloop" }];
  await t.request("setFunctionBreakpoints", { breakpoints: functions });
  await t.request("setFunctionBreakpoints", { breakpoints: [{ name: "emulate_io", condition: "nonsense(" }] });
  await t.request("setFunctionBreakpoints", { breakpoints: [{ name: "acrnInsertRequest", hitCondition: "3" }] });
  const source = model("service-vm/ioreq.ts");
  const locations = await client.request("breakpointLocations", { source, line: 1, endLine: 60 });
  assert.ok(locations.breakpoints.length > 3);
  const placed = await client.request("setBreakpoints", {
    source,
    breakpoints: [{ line: 1, logMessage: "seen {vmid}" }, { line: 9999 }],
  });
  t.show(placed.breakpoints.map(({ verified, message }: Body) => ({ verified, message })));
  await t.request("setBreakpoints", { source: { path: "/no/such/file.c" }, breakpoints: [{ line: 1 }] });
  await t.request("setExceptionBreakpoints", {
    filters: ["guestPanic"],
    filterOptions: [{ filterId: "unhandledIo", condition: "1 +" }],
  });
  await t.request("setExceptionBreakpoints", { filters: ["nonsense"] });
  await t.request("setBreakpoints", { source, breakpoints: [] });
  await t.request("configurationDone");
  await t.event("stopped");
  await t.request("configurationDone");

  t.note("threads and stacks");
  const { threads } = await t.request("threads");
  const thread = (name: string): number => threads.find((item: Body) => item.name.startsWith(name)).id;
  await t.request("stackTrace", { threadId: thread("vcpu 0") }, names);
  await t.request("continue", { threadId: 1 });
  const stop = await t.event("stopped");
  const { threadId } = stop;
  await t.request("stackTrace", { threadId }, names);
  await t.request("stackTrace", { threadId, startFrame: 1, levels: 2 }, names);
  await t.request("stackTrace", { threadId: 999 });
  await t.request("stackTrace", { threadId: "one" });
  await t.request("exceptionInfo", { threadId });

  t.note("looking");
  const frameId = (await client.request("stackTrace", { threadId, levels: 1 })).stackFrames[0].id;
  const { scopes } = await t.request("scopes", { frameId });
  const scope = (name: string) => ({
    variablesReference: scopes.find((item: Body) => item.name.startsWith(name)).variablesReference,
  });
  await t.request("variables", scope("Locals"), brief);
  await t.request("variables", { ...scope("Locals"), format: { hex: true } }, brief);
  await t.request("variables", scope("I/O request"), brief);
  await t.request("variables", { variablesReference: 4711 });
  for (const expression of [
    "slot[0].processed",
    "size * 2",
    "u8(0x9f000)",
    "vcpu",
    "no_such_name",
    "slot[0].processed = 1",
  ]) {
    await t.request("evaluate", { expression, frameId, context: "watch" });
  }
  await t.request("completions", { text: "slot[0].proc", column: 13, frameId });
  await t.request("setVariable", { ...scope("I/O request"), name: "value", value: "0x1234" });
  await t.event("invalidated");
  await t.request("setVariable", { ...scope("I/O request"), name: "value", value: "nonsense" });

  t.note("data breakpoints");
  const info = await t.request("dataBreakpointInfo", { ...scope("I/O request"), name: "processed" });
  await t.request("dataBreakpointInfo", { name: "no_such_name", frameId });
  await t.request("setFunctionBreakpoints", { breakpoints: [] });
  await t.request("setDataBreakpoints", {
    breakpoints: [{ dataId: info.dataId, accessType: "write" }, { dataId: "nonsense" }],
  });
  await t.request("continue", { threadId });
  const changed = await t.event("stopped");
  await t.request("stackTrace", { threadId: changed.threadId, levels: 1 }, names);
  await t.request("setDataBreakpoints", { breakpoints: [] });

  t.note("memory");
  await t.request("readMemory", { memoryReference: "guest:0x1000000", count: 16 });
  await t.request("readMemory", { memoryReference: "nonsense", count: 16 });
  await t.request("writeMemory", { memoryReference: "guest:0x9f000", data: "AQIDBA==" });
  await t.request("readMemory", { memoryReference: "guest:0x9f000", offset: 1, count: 2 });
  await t.request("writeMemory", { memoryReference: "guest:0x9f000", data: "AQ" });
  const registers = await client.request("disassemble", { memoryReference: "guest:0x1000000", instructionCount: 4 });
  t.show(registers.instructions);

  t.note("steps");
  for (const command of ["next", "stepOut", "stepIn"]) {
    const at = await step(client, command, changed.threadId);
    t.show(`${command}: ${at}`);
  }
  const top = (await client.request("stackTrace", { threadId: changed.threadId, levels: 1 })).stackFrames[0];
  assert.ok(Array.isArray((await client.request("stepInTargets", { frameId: top.id })).targets));

  t.note("modules and sources");
  await t.request("modules", {}, ({ modules }) =>
    modules.map(({ id, name, symbolStatus }: Body) => ({ id, name, symbolStatus })),
  );
  const { sources } = await client.request("loadedSources");
  assert.ok(sources.length > 20);
  await t.request("source", { sourceReference: 99 });

  t.note("views");
  const overview = await client.request("acrn/overview");
  t.show(overview.devices.map(({ name, slot }: Body) => ({ name, slot })));
  t.show(overview.clients);
  await t.request("acrn/virtqueue", { slot: 3, queue: 1 });
  await t.request("acrn/virtqueue", { slot: 3, queue: 99 });
  await t.request("acrn/virtqueue", { slot: "3", queue: 1 });
  await t.request("acrn/sourceOf", { stations: ["vq_getchain", "no_such_function"] }, ({ places }) =>
    places.map(({ source, line, ...place }: Body) => ({ ...place, source: source?.name, line: line && ".." })),
  );
  const recorded = await client.request("acrn/recorded");
  assert.ok(recorded.hops.length > 0 && recorded.next > 0);
  const counted = await client.request("acrn/stationCounts");
  assert.ok(counted.recording && counted.missed === 0 && counted.next === recorded.next);
  const exits = recorded.hops.filter(({ station, resumed }: Body) => station === "vmexit_handler" && !resumed);
  assert.equal(counted.counts.vmexit_handler, exits.length);
  assert.deepEqual((await client.request("acrn/stationCounts", { since: counted.next })).counts, {});
  await t.request("acrn/stationCounts", { since: -1 });
  await t.request("acrn/hops");

  t.note("running");
  await t.request("continue", { threadId: 1 });
  await t.request("continue", { threadId: 1 });
  await t.request("evaluate", { expression: "1" });
  const pending = client.send("acrn/trace", { queue: 33 });
  await client.request("cancel", { requestId: pending.seq });
  assert.equal((await pending.response).message, "cancelled");
  await t.request("pause", { threadId: 1 });
  await t.event("stopped", undefined, ({ reason, allThreadsStopped }) => ({ reason, allThreadsStopped }));

  t.note("restart and end");
  await t.request("restart", {});
  await t.event("stopped");
  await t.request("terminate");
  await t.event("exited");
  await t.event("terminated");
  await t.request("threads");
  await t.request("scopes", { frameId: 1 });
  await t.request("disconnect");
  await client.ended();
  t.check("capabilities");
});

async function step(client: DapClient, command: string, threadId: number): Promise<string> {
  await client.request(command, { threadId });
  const stop = await client.event("stopped");
  const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId, levels: 1 });
  return `${stop.reason} ${stackFrames[0].name}`;
}
