/** Breakpoints and steps in the guest's own kernel, which runs as compiled code. One boot. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Body, DapClient, launch } from "./client.ts";

const PROMPT = / # $/;

async function stackNames(client: DapClient, threadId: number): Promise<string[]> {
  const { stackFrames } = await client.request("stackTrace", { threadId });
  return stackFrames.map(({ name }: Body) => name);
}

test("functions of the guest's kernel", async () => {
  const client = DapClient.start();
  const set = async (breakpoints: readonly object[]): Promise<Body[]> =>
    (await client.request("setFunctionBreakpoints", { breakpoints })).breakpoints;
  await launch(client, { sources: { prefer: "model" } });

  // While it boots. Of modules it is not known yet where they will be.
  assert.equal((await set([{ name: "do_init_module" }]))[0].verified, true);
  await client.request("configurationDone");
  let stop = await client.event("stopped");
  assert.equal(stop.reason, "function breakpoint");
  assert.deepEqual((await stackNames(client, stop.threadId)).slice(0, 3), [
    "do_init_module",
    "load_module",
    "__ia32_sys_finit_module",
  ]);

  // One that is taken away while the machine stands at it.
  assert.deepEqual(await set([]), []);
  await client.request("continue", { threadId: stop.threadId });
  await client.until(() => PROMPT.test(client.consoleText), "the prompt");
  await client.event("acrn/symbols");

  // Functions that are no stations, and what cannot be.
  const [pid, none, pattern, entry, inlined] = await set([
    { name: "__ia32_sys_getppid" },
    { name: "no_such_function" },
    { name: "no_such_*" },
    { name: "asm_exc_page_fault" },
    { name: "virtio_device_ready" },
  ]);
  assert.equal(pid.verified, true);
  assert.match(
    none.message,
    /neither the notify chain nor the guest's kernel nor a module that is loaded has a function no_such_function/,
  );
  assert.match(pattern.message, /no function of the notify chain is called no_such_\*/);
  assert.match(entry.message, /begins with neither ftrace's no-operation nor a frame/);
  assert.match(inlined.message, /inlined/);

  // A log point with the arguments' registers, a condition that never holds, and a hit count.
  const outputs: string[] = [];
  client.onMessage = (message) => {
    if (!("event" in message) || message.event !== "output" || message.body.category !== "console") return;
    outputs.push(message.body.output);
  };
  await set([
    { name: "hvc_write", logMessage: "hvc_write of {ecx} bytes" },
    { name: "vp_notify", condition: "eip == 0" },
    { name: "put_chars", hitCondition: "3" },
  ]);
  // One after the other: what comes at once the shell may echo at once.
  for (const typed of ["e", "ec"]) {
    await client.type(typed.slice(-1));
    await client.until(() => client.consoleText.endsWith(` # ${typed}`), "the echo");
  }
  await client.type("h");
  stop = await client.event("stopped");
  assert.deepEqual((await stackNames(client, stop.threadId)).slice(0, 3), ["put_chars", "hvc_push", "hvc_write"]);
  // The third argument is the number of characters.
  const echoes = outputs.filter((text) => text !== "hvc_write of 0x0 bytes\n");
  assert.deepEqual(echoes.slice(0, 3), Array(3).fill("hvc_write of 0x1 bytes\n"));

  // The stop changed nothing: its code can be read as it is, and the output comes out.
  const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId, levels: 1 });
  const [first] = (
    await client.request("disassemble", {
      memoryReference: stackFrames[0].instructionPointerReference,
      instructionCount: 1,
    })
  ).instructions;
  assert.equal(first.instructionBytes, "3e 8d 74 26 00");

  // Over and out of a guest's function end in its caller.
  await client.request("next", { threadId: stop.threadId });
  stop = await client.event("stopped");
  assert.equal(stop.reason, "step");
  assert.deepEqual((await stackNames(client, stop.threadId)).slice(0, 2), ["hvc_push", "hvc_write"]);
  await client.request("stepOut", { threadId: stop.threadId });
  stop = await client.event("stopped");
  assert.equal((await stackNames(client, stop.threadId))[0], "hvc_write");

  await set([]);
  await client.request("continue", { threadId: stop.threadId });
  await client.type("o A\n");
  await client.until(() => /\nA\n.* # $/s.test(client.consoleText.replaceAll("\r", "")), "the guest's answer");
  await client.request("disconnect");
  await client.ended();
});
