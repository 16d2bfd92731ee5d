/** What each exception filter stops at, and what `exceptionInfo` says about it. One boot, in mode B. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connectTo } from "../e2e/links.ts";
import { type Body, DapClient, launch } from "./client.ts";

const PROMPT = / # $/;
const QUEUE_NOTIFY = 16;
/** Output of port 2, /dev/vport0p2. */
const QUEUE = 7;
/** Bytes of a descriptor, and where its flags and next are (virtio 1.3, 2.7.5). */
const DESCRIPTOR = { size: 16, flags: 12 };
/** A port no device has. */
const NOBODY = 0x333;

const folder = mkdtempSync(join(tmpdir(), "acrn-exceptions-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const socket = join(folder, "socket");
const consoles = `@stdio:stdio_port,socket:peer=${socket},file:file=${join(folder, "file")}`;

const client = DapClient.start();

/** Types a command; its end is the next prompt. */
async function type(command: string): Promise<void> {
  client.consoleText = "";
  await client.type(`${command}\n`);
}
const prompt = (): Promise<void> => client.until(() => PROMPT.test(client.consoleText), "the prompt");
const writePort = (port: number, byte: string): Promise<void> =>
  type(`printf '${byte}' | dd of=/dev/port bs=1 seek=${port} conv=notrunc 2>/dev/null`);

async function stopped(reason: string): Promise<{ threadId: number; thread: string; names: string[] }> {
  const stop = await client.event("stopped");
  assert.equal(stop.reason, reason, stop.text);
  const { threadId } = stop;
  const { threads } = await client.request("threads");
  const { stackFrames } = await client.request("stackTrace", { threadId });
  const thread = threads.find(({ id }: Body) => id === threadId).name.replace(/ \(.*/, "");
  return { threadId, thread, names: stackFrames.map(({ name }: Body) => name) };
}

/** The exception it stops at: its id, description, rule with details by line, and the guest's functions. */
async function exception() {
  const stop = await stopped("exception");
  const { exceptionId, description, details } = await client.request("exceptionInfo", { threadId: stop.threadId });
  const [rule, ...more]: string[] = details.message.split("\n");
  const guestCode: string[] = (details.stackTrace ?? "").split("\n").map((line: string) => line.replace(/\+.*/, ""));
  return { ...stop, id: exceptionId, description, rule, more, guestCode };
}

const goOn = (): Promise<Body> => client.request("continue", { threadId: 1 });
const stopAt = (name: string, condition?: string): Promise<Body> =>
  client.request("setFunctionBreakpoints", { breakpoints: [{ name, condition }] });
const stopNowhere = (): Promise<Body> => client.request("setFunctionBreakpoints", { breakpoints: [] });

async function set(expression: string, name: string, value: string): Promise<void> {
  const { variablesReference } = await client.request("evaluate", { expression, context: "watch" });
  await client.request("setVariable", { variablesReference, name, value });
}

test("each exception filter stops, and says what happened, which rule and which guest code", async () => {
  const slots = `-s 0,hostbridge -s 1,lpc -s 3,virtio-console,${consoles}`;
  await launch(client, { dmArgs: `--mode B ${slots}`, sources: { prefer: "model" } });
  await client.request("configurationDone");
  await prompt();
  const { breakpoints } = await client.request("setExceptionBreakpoints", {
    filters: ["stuck", "lostKick", "malformedChain", "guestPanic", "backendLost"],
    filterOptions: [{ filterId: "unhandledIo", condition: `port == ${NOBODY}` }],
  });
  assert.deepEqual(breakpoints, Array(6).fill({ verified: true }));

  // An access no device claims; the condition lets one of another port pass.
  await writePort(NOBODY + 1, "U");
  await prompt();
  await writePort(NOBODY, "U");
  let stop = await exception();
  assert.deepEqual([stop.id, stop.description], ["unhandledIo", "no device claims port 0x333"]);
  assert.match(stop.rule, /inout\.c, default_inout/);
  assert.deepEqual(stop.more, ["write of 1 bytes at port 0x333", "value 0x55"]);
  assert.deepEqual([stop.thread, stop.names[0]], ["vcpu 0", "emulate_inout"]);
  assert.deepEqual(stop.guestCode.slice(0, 2), ["write_port", "vfs_write"]);
  const { devices } = await client.request("acrn/overview");
  const notify: number = devices.find(({ slot }: Body) => slot === 3).bars[0].address + QUEUE_NOTIFY;
  await goOn();
  await prompt();

  // A notification of a queue that does not exist, one byte wide.
  await writePort(notify, "c");
  stop = await exception();
  const address = `0x${notify.toString(16)}`;
  assert.deepEqual(
    [stop.id, stop.description],
    ["lostKick", `write of 99 to ${address} matches no ioeventfd: nobody is told`],
  );
  assert.match(stop.rule, /ioeventfd\.c, acrn_ioeventfd_handler/);
  assert.equal(stop.more[0], `1 bytes at ${address}, value 99`);
  assert.match(stop.more[1], /^bound there: data 0 -> fd \d+; data 1 -> fd \d+/);
  assert.deepEqual([stop.thread, stop.names[0]], ["VM1-ioeventfd-1", "acrn_ioeventfd_handler"]);
  assert.equal(stop.guestCode[0], "write_port");
  await goOn();
  await prompt();

  // A chain that goes on at a descriptor that is not there, made of a good one before the device takes it.
  await stopAt("virtio_console_notify_tx", `queue == ${QUEUE}`);
  await type("echo lost >/dev/vport0p2");
  await stopped("function breakpoint");
  await stopNowhere();
  const { chains, rings } = await client.request("acrn/virtqueue", { slot: 3, queue: QUEUE });
  const [{ head }] = chains.filter(({ state }: Body) => state === "available");
  await client.request("writeMemory", {
    memoryReference: `guest:${rings.descAddress + DESCRIPTOR.size * head + DESCRIPTOR.flags}`,
    // NEXT; 300.
    data: Buffer.from(new Uint16Array([1, 300]).buffer).toString("base64"),
  });
  await goOn();
  stop = await exception();
  assert.deepEqual(
    [stop.id, stop.description],
    ["malformedChain", "vtcon: descriptor index 300 out of range, driver confused?"],
  );
  assert.equal(stop.rule, "virtio 1.3, 2.7.5: a chain's head and next are below the queue's size");
  assert.deepEqual([stop.thread, stop.names[0]], ["iothr-0-con3:0", "vq_getchain"]);
  // Without a port for the guest's symbols the names of modules' functions are those of another boot, or none.
  assert.ok(stop.guestCode.includes("iowrite16") && stop.guestCode.includes("vfs_write"), stop.guestCode.join());
  await goOn();
  await prompt();

  // A request that is taken away before anybody sees it, and is completed by hand afterwards.
  await stopAt("acrn_ioreq_dispatch", `slot[0].address == ${NOBODY} && slot[0].processed == PENDING`);
  await type(`dd if=/dev/port bs=1 skip=${NOBODY} count=1 2>/dev/null | hexdump -C`);
  await stopped("function breakpoint");
  await stopNowhere();
  await set("slot[0]", "processed", "FREE");
  await goOn();
  stop = await exception();
  assert.equal(stop.id, "stuck");
  assert.match(stop.description, /^vCPU 0 waits for .*, and nobody is left who could end that$/);
  assert.match(stop.rule, /io_req\.c, acrn_insert_request/);
  assert.deepEqual(stop.more, ["request at 0x333, read"]);
  assert.deepEqual([stop.thread, stop.guestCode[0]], ["vm1:vcpu0", "read_port"]);
  await set("slot[0]", "value", "0x42");
  await set("slot[0]", "processed", "COMPLETE");
  await set("vcpus[0].events.VCPU_EVENT_IOREQ", "set", "1");
  await goOn();
  await prompt();
  assert.match(client.consoleText, /^00000000 {2}42 .*\|B\|/m);

  // The other end of a socket goes. A program in the guest has the port open.
  await type("exec 3<>/dev/vport0p1");
  await prompt();
  await stopAt("virtio_console_accept_new_connection");
  const first = await connectTo(socket);
  await stopped("function breakpoint");
  await goOn();
  first.close();
  stop = await exception();
  assert.deepEqual([stop.id, stop.description], ["backendLost", "the socket backend of port 1 (peer) is lost"]);
  assert.match(stop.rule, /virtio_console\.c, virtio_console_socket_clear/);
  assert.deepEqual(stop.more, ["0 bytes written, 0 read", socket]);
  assert.equal(stop.thread, "mevent");
  // No guest is to blame.
  assert.deepEqual(stop.guestCode, [""]);
  await goOn();

  // A panic; the end of the machine is then no loss of its backends.
  const second = await connectTo(socket);
  await stopped("function breakpoint");
  await stopNowhere();
  await goOn();
  await type("echo c >/proc/sysrq-trigger");
  stop = await exception();
  assert.deepEqual([stop.id, stop.rule], ["guestPanic", "kernel/panic.c, panic"]);
  // The reason is in its last words, which a slow console may not have taken yet.
  assert.match(stop.description, /^the guest's kernel is in panic\(\)(: sysrq triggered crash)?$/);
  assert.ok(stop.guestCode.includes("panic") && stop.guestCode.includes("sysrq_handle_crash"), stop.guestCode.join());
  await goOn();
  assert.notEqual((await client.event("exited")).exitCode, 0);
  await client.event("terminated");
  second.close();
  await client.request("disconnect");
  await client.ended();
});
