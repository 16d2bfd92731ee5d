/**
 * Steps one console write from the guest's kick through every layer to the backend's write and back to the guest, with
 * the thread, the source line and the values at each stop. One boot for each mode.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Body, DapClient, launch } from "./client.ts";
import { Transcript } from "./transcript.ts";

const PROMPT = / # $/;
const MOST_STEPS = 150;
/** Values that count what has happened since the boot, or depend on when a timer fires. */
const COUNTERS = /\b(count|last_avail|avail_idx|used_idx|save_used|idx|pending|on|conf_addr|counter)=\S+( \(\d+\))?/g;
const SUMMARY = /\{avail \d+, taken to \d+, used \d+\}/g;

for (const mode of ["A", "B"]) {
  test(`a kick, step by step, in mode ${mode}`, async () => {
    const client = DapClient.start();
    const transcript = new Transcript(client);
    const steps: string[] = [];
    let injects = false;
    await launch(client, { dmArgs: `--mode ${mode}`, sources: { prefer: "model" } });
    await client.request("configurationDone");
    await client.until(() => PROMPT.test(client.consoleText), "the prompt");
    await client.event("acrn/symbols");

    await client.request("pause");
    await client.event("stopped");
    transcript.note("one character is typed; the shell echoes it");
    await client.type("x");
    await transcript.request("acrn/continueToKick", { queue: 1 });
    let stop = await transcript.event("stopped");
    const { stackFrames } = await client.request("stackTrace", { threadId: stop.threadId });
    const names: string[] = stackFrames.map(({ name }: Body) => name);
    transcript.show(names.slice(0, names.indexOf("hvc_write") + 1).map((name) => name.replace(/pid \d+/, "pid ..")));

    transcript.note("stepIn until the guest takes the interrupt: context, function, file, line, values");
    const contexts = new Map<number, string>();
    const readContexts = async (): Promise<void> => {
      for (const { id, name } of (await client.request("threads")).threads) contexts.set(id, name.replace(/ \(.*/, ""));
    };
    await readContexts();
    while (steps.length < MOST_STEPS) {
      await client.request("stepIn", { threadId: stop.threadId });
      stop = await client.event("stopped");
      const step = await describe(client, stop.threadId);
      steps.push(step.name);
      // The guest's interrupt is a context of its own.
      if (!contexts.has(stop.threadId)) await readContexts();
      const context = contexts.get(stop.threadId);
      if (context === "vm1:vcpu0" && step.name === "acrn_inject_pending_intr") injects = true;
      // What is injected besides the MSI depends on the guest's timer.
      if (context?.startsWith("guest:") || !injects) {
        transcript.show(`${context} | ${step.text}`);
      }
      if (step.name === "vring_interrupt") break;
    }
    transcript.note("the guest's kernel, by its own stack and registers");
    const interrupt = (await client.request("stackTrace", { threadId: stop.threadId })).stackFrames;
    transcript.show(interrupt.slice(0, 4).map(({ name }: Body) => name));
    const [{ instructionPointerReference: at, id: frameId }] = interrupt;
    const { instructions } = await client.request("disassemble", { memoryReference: at, instructionCount: 3 });
    transcript.show(instructions.map(({ instruction }: Body) => instruction));
    const { result: eip } = await client.request("evaluate", { expression: "eip", frameId, format: { hex: true } });
    assert.equal(Number(/0x[0-9a-f]+/.exec(eip)), Number(instructions[0].address));
    transcript.note("and on to who raised it: the device's MSI, and the guest's write at the bottom");
    const causes = interrupt.map(({ name }: Body) => name);
    const posted = causes.findIndex((name: string) => name.includes("posted interrupt"));
    transcript.show(causes.slice(posted, posted + 3).map((name: string) => name.replace(/pid \d+/, "pid ..")));
    for (const name of ["hcall_inject_msi", "pci_generate_msix", "emulate_io", "hvc_write"]) {
      assert.ok(causes.indexOf(name) > posted, `${name}: ${causes.join(" ")}`);
    }
    transcript.note("the used buffer was taken by __send_to_port before: IRQ_NONE");
    await client.request("stepOut", { threadId: stop.threadId });
    stop = await client.event("stopped");
    const back = (await client.request("stackTrace", { threadId: stop.threadId })).stackFrames;
    assert.deepEqual(
      back.slice(0, 3).map(({ name }: Body) => name),
      interrupt.slice(1, 4).map(({ name }: Body) => name),
    );
    await transcript.request("evaluate", { expression: "eax", context: "watch" }, ({ result }) => result);

    const write = steps.indexOf("virtio_console_backend_write");
    const msi = steps.indexOf("hcall_inject_msi");
    assert.ok(write > 0 && msi > write && steps.at(-1) === "vring_interrupt", steps.join(" "));
    assert.equal(steps.includes("acrn_ioeventfd_handler"), mode === "B");

    const { chains, rings } = await client.request("acrn/virtqueue", { slot: 3, queue: 1 });
    assert.deepEqual([chains.length, chains[0].state, chains[0].fault], [1, "used", undefined]);
    assert.equal(Buffer.from(chains[0].buffers[0].preview, "base64").toString(), "x");
    assert.deepEqual(rings.used[(rings.usedIdx - 1) % 64], { id: chains[0].head, length: 0 });

    transcript.note("the used buffer and the MSI are there, the request is done");
    for (const expression of ["slot[0].processed", "devices[3].queues[1].avail.idx == devices[3].queues[1].used.idx"]) {
      await transcript.request("evaluate", { expression, context: "watch" }, ({ result }) => result);
    }
    await client.request("disconnect");
    await client.ended();
    transcript.check(`chain-mode-${mode.toLowerCase()}`);
  });
}

async function describe(client: DapClient, threadId: number): Promise<{ name: string; text: string }> {
  const [frame] = (await client.request("stackTrace", { threadId, levels: 1 })).stackFrames;
  const [locals] = (await client.request("scopes", { frameId: frame.id })).scopes;
  const reference = { variablesReference: locals.variablesReference };
  const { variables } = await client.request("variables", reference);
  const values = variables.map(({ name, value }: Body) => `${name}=${value}`).join(" ");
  if (frame.source.path === undefined) {
    // A page instead of a file, since there is no Linux checkout. Where a module lies is different in each kernel.
    return {
      name: frame.name,
      text: `${frame.name} | ${frame.source.name} | ${values.replace(/address=\S+ \(\d+\)/, "address=..").replace(/pid=.*/, "pid=..")}`,
    };
  }
  // Whether other files use a function is not what is tested.
  const line = readFileSync(frame.source.path, "utf8")
    .split("\n")
    [frame.line - 1].trim()
    .replace(/^export /, "");
  const stable = values.replace(COUNTERS, "$1=..").replace(SUMMARY, "{..}");
  return { name: frame.name, text: `${frame.name} | ${frame.source.name} | ${line} | ${stable}` };
}
