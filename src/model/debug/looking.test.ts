import assert from "node:assert/strict";
import { test } from "node:test";
import { consolesOf } from "../device-model/testing/slots.ts";
import type { FrameRecord } from "../protocol/debug.ts";
import { DebugError } from "./target.ts";
import { BUFFER, RING, Session } from "./testing/session.ts";

const functions = (frames: readonly FrameRecord[]) => frames.filter((frame) => frame.kind === "function");

/** Runs `look` where the console's output has come to its backend. */
function atBackend(look: (s: Session) => void, options = "iothread,@stdio:p", text = "hello\n"): Session {
  const s = new Session(options).probe();
  s.arm({ breakpoints: [{ id: 1, stations: ["virtio_console_backend_write"], oneShot: true }] });
  let looked = false;
  s.run(
    () => s.send(text),
    () => {
      look(s);
      looked = true;
    },
  );
  assert.ok(looked);
  return s;
}

test("one stack from the backend's write to the VM exit, with what happened at each hand-over", () => {
  atBackend((s) => {
    const frames = s.stack(s.stops[0].context);
    const handOvers = frames.flatMap((frame) =>
      frame.kind === "handOver" ? [[frame.how, frame.by, frame.contextName, frame.eventfd ?? frame.what]] : [],
    );
    assert.deepEqual(handOvers, [
      ["eventfd", "eventfd_signal", "VM1-ioeventfd-1", 5],
      ["wakeUpInterruptible", "acrn_ioreq_dispatch", "kworker/ioreq_wq", "I/O request"],
      ["queueWork", "ioreq_intr_handler", "HYP", undefined],
      ["interrupt", "apicv_advanced_accept_intr", "vm1:vcpu0", undefined],
      ["vmExit", undefined, "boot", undefined],
    ]);
    const [first, insert] = ["virtio_console_backend_write", "acrn_insert_request"].map((name) =>
      functions(frames).find((frame) => frame.name === name),
    );
    assert.deepEqual(
      [insert?.layer, insert?.contextName, insert?.callee, insert?.historic],
      ["hypervisor", "vm1:vcpu0", "arch_fire_hsm_interrupt", true],
    );
    assert.deepEqual([first?.callee, first?.historic], [undefined, false]);
    const page = s.request("stack", { context: s.stops[0].context, start: 2, count: 3 });
    assert.deepEqual([page.total, page.frames], [frames.length, frames.slice(2, 5)]);
    assert.deepEqual(s.request("scopes", frames[4].id), []);
  });
});

test("a blocked context shows its own stack", () => {
  atBackend((s) => {
    const names = functions(s.stack(s.contextId("vcpu 0"))).map(({ name }) => name);
    assert.deepEqual(names, [
      "acrn_ioreq_client_wait",
      "acrn_dev_ioctl",
      "vm_attach_ioreq_client",
      "vm_loop",
      "start_thread",
    ]);
  });
});

test("scopes: locals, slot, queue, device, context; every address can be read", () => {
  atBackend((s) => {
    const value = (kind: string, name: string) => s.scope(kind).find((variable) => variable.name === name);
    assert.equal(value("locals", "len")?.value, "6");
    assert.equal(value("locals", "iov")?.value, '"hello\\n"');
    assert.equal(value("slot", "processed")?.value, "COMPLETE (1)");
    assert.equal(value("slot", "address")?.value, "0x2010 (8208)");
    assert.equal(value("queue", "taken_chain")?.value, "{head 0, 1 buffers, 6 bytes}");
    assert.equal(value("queue", "avail")?.memoryReference, `guest:0x${(RING + 1024).toString(16)}`);
    assert.equal(value("device", "status")?.value, "ACKNOWLEDGE|DRIVER|DRIVER_OK (7)");
    assert.equal(value("context", "name")?.value, '"iothr-0-con3:0"');
    const memoryReference = value("locals", "iov")?.memoryReference ?? "";
    const { bytes } = s.request("readMemory", { memoryReference, count: 5 });
    assert.equal(new TextDecoder().decode(bytes), "hello");
    const desc = value("queue", "desc")?.reference ?? 0;
    const page = s.request("variables", { reference: desc, start: 1, count: 2, hex: true });
    assert.deepEqual(
      page.map(({ name }) => name),
      ["[1]", "[2]"],
    );
  });
});

test("reading changes nothing, the ISR included", () => {
  atBackend((s) => {
    const base = consolesOf(s.deviceModel.devices)[0].base;
    base.isr = 1;
    const before = [s.guest.bytes.slice(), s.hypervisor.serviceVmMemory.bytes.slice()];
    for (const { id } of s.stack(s.stops[0].context)) {
      for (const scope of s.request("scopes", id)) {
        for (const { reference } of s.variables(scope.reference)) if (reference > 0) s.variables(reference);
      }
    }
    assert.equal(s.evaluate("device.isr"), "QUEUES (1)");
    assert.equal(base.isr, 1);
    assert.deepEqual([s.guest.bytes, s.hypervisor.serviceVmMemory.bytes], before);
    base.isr = 0;
  });
});

test("expressions", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["queue", "1 {avail 1, taken to 1, used 0}"],
    ["queue == 1 && len > 4", "true"],
    ["queue.avail.idx - queue.used.idx", "1"],
    ["device.status & DRIVER_OK", "4"],
    ["(device.status & FAILED) != 0 ? 'bad' : 'good'", '"good"'],
    ["slot[0].direction == WRITE", "true"],
    ["WRITE == slot[0].direction", "true"],
    ["slot[0].processed != PROCESSING", "true"],
    ["IoreqState.FREE", "3"],
    [`u16(0x10402)`, "1"],
    [`u64(${BUFFER}) == 0x0a6f6c6c6568`, "true"],
    ["~0 & 0xffffffff", "4294967295"],
    ["1 << 40", "1099511627776"],
    ["7 / 2 + 7 % 2", "4"],
    ["port.backend.type == 'stdio'", "true"],
    ["devices[3].name", '"virtio-console-pci-3"'],
    ["vcpu.req.address", "0x2010 (8208)"],
    ["hsm.clients[1].is_default", "true"],
    ["queue->avail->idx", "1"],
    ["'a->b'", '"a->b"'],
  ];
  atBackend((s) => {
    for (const [expression, expected] of cases) assert.equal(s.evaluate(expression), expected, expression);
  });
});

test("expressions that cannot be: an error that says why", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    ["1 +", /1 \+/],
    ["nothing", /nothing is not known here$/],
    ["vq", /vq is not known here; .* `queue` is the virtqueue/],
    ["WRITE", /ambiguous: IoreqDirection\.WRITE or DescFlag\.WRITE/],
    ["slot[16].type", /there are 16 elements/],
    ["slot[-1]", /there are 16 elements/],
    ["slot[0].bogus", /has no field bogus; it has type/],
    ["slot + 1", /slot has no value of its own/],
    ["u32(0xfffff)", /outside of the guest's RAM/],
    ["u32(-4)", /outside of the guest's RAM/],
    ["u32(1, 2)", /takes one address/],
    ["eval('1')", /eval is no function/],
    ["constructor", /constructor is not known here/],
    ["slot.constructor", /has no field constructor/],
    ["__proto__", /not known here/],
    ["this", /"this" is not part/],
    ["[1, 2]", /an array is not part/],
    ["a = 1", /./],
    ["1; 2", /more than one expression/],
    ["1 / 0", /division by zero/],
    ["1 << 9999", /a shift by 9999/],
    ["'a' + 1", /needs whole numbers/],
    ["1.5 + 1", /needs whole numbers/],
    [`${"(".repeat(400)}1${")".repeat(400)}`, /./],
    [`${"-".repeat(900)}1`, /nested deeper|./],
    ["x".repeat(2000), /at most 1000/],
    [`${"9".repeat(300)} * 1`, /./],
  ];
  atBackend((s) => {
    const { frame } = s;
    for (const [expression, expected] of cases) {
      let message = "";
      try {
        message = `= ${s.evaluate(expression, frame)}`;
      } catch (error) {
        assert.ok(error instanceof DebugError, `${expression}: ${String(error)}`);
        message = error.message;
      }
      assert.match(message, expected, expression);
    }
  });
});

test("values can be set where it makes sense, and only to what fits", () => {
  atBackend((s) => {
    const slot = s.request("evaluate", { expression: "slot[0]" }).reference;
    const set = (name: string, value: string) => s.request("setVariable", { reference: slot, name, value }).value;
    assert.equal(set("processed", "PROCESSING"), "PROCESSING (2)");
    assert.equal(set("processed", "slot[0].processed - 1"), "COMPLETE (1)");
    assert.throws(() => set("processed", "-1"), /takes 0 to 4294967295/);
    assert.throws(() => set("processed", "0x100000000"), /takes 0 to 4294967295/);
    assert.throws(() => set("processed", "'x'"), /takes a whole number/);
    assert.throws(() => set("nothing", "1"), /has no child nothing/);
    const device = s.request("evaluate", { expression: "devices[3]" }).reference;
    const setDevice = (name: string, value: string) =>
      s.request("setVariable", { reference: device, name, value }).value;
    assert.equal(setDevice("isr", "CONFIG"), "CONFIG (2)");
    setDevice("isr", "0");
    assert.throws(() => setDevice("queue_num", "1"), /cannot be set/);
    assert.throws(
      () => s.request("setVariable", { reference: 12345, name: "x", value: "1" }),
      /no variables reference 12345/,
    );
  });
});

test("memory: bounds, spaces, writes as a whole", () => {
  atBackend((s) => {
    const read = (memoryReference: string, count: number, offset?: number) =>
      s.request("readMemory", { memoryReference, count, offset });
    assert.equal(read("0x20000", 2).bytes[0], 0x68);
    assert.deepEqual([read("guest:0xffffe", 16).bytes.length, read("guest:0xffffe", 16).unreadable], [2, 14]);
    assert.equal(read("guest:0x10", 16, -32).unreadable, 16);
    assert.equal(read("guest:0xfffffffffffff", 16).unreadable, 16);
    assert.throws(() => read("guest:0", 2 ** 30), /at a time/);
    assert.throws(() => read("nowhere:0", 1), /is no memory reference/);
    assert.throws(() => read("linear:0xc0000000", 1), /no CPU/);
    const write = (memoryReference: string, bytes: Uint8Array) => s.request("writeMemory", { memoryReference, bytes });
    assert.throws(() => write("guest:0xfffff", Uint8Array.of(1, 2)), /2 bytes do not fit, 1 are there/);
    assert.equal(write(`guest:${BUFFER}`, new TextEncoder().encode("J")), 1);
    assert.equal(read(`guest:${BUFFER}`, 1).bytes[0], 0x4a);
  });
});

test("frames and references hold as long as the machine stands still, whatever else is looked at", () => {
  atBackend((s) => {
    const [{ reference }] = s.request("scopes", s.frame);
    for (const { id } of s.chain.contexts) s.request("stack", { context: id });
    s.request("overview", undefined);
    assert.equal(s.request("scopes", s.frame)[0].name, "Locals");
    assert.ok(s.variables(reference).length > 0);
  });
});

test("frames and references are void when the machine goes on", () => {
  let frame = 0;
  let reference = 0;
  const s = atBackend((session) => {
    frame = session.frame;
    reference = session.request("scopes", frame)[0].reference;
    session.request("continue", undefined);
  });
  s.run(
    () => s.request("pause", undefined),
    () => {
      assert.throws(() => s.request("scopes", frame), /there is no frame/);
      assert.throws(() => s.variables(reference), /there is no variables reference/);
    },
  );
});

test("completions", () => {
  atBackend((s) => {
    const complete = (text: string) =>
      s.request("completions", { text, column: text.length, frame: s.frame }).map(({ label }) => label);
    assert.deepEqual(complete("queue.av"), ["avail"]);
    assert.deepEqual(complete("1 + slot[0].proc"), ["processed"]);
    assert.deepEqual(complete("IoreqState.F"), ["FREE"]);
    assert.ok(complete("le").includes("len"));
    const ranked = s.request("completions", { text: "", column: 0, frame: s.frame });
    const rank = (name: string) => ranked.find(({ label }) => label === name)?.rank ?? -1;
    assert.deepEqual(["len", "queue", "u32"].map(rank), [0, 1, 2]);
    assert.ok(ranked.filter(({ kind }) => kind === "enum").every((candidate) => candidate.rank === 3));
    assert.deepEqual(complete("bogus.x"), []);
    assert.deepEqual(s.request("completions", { text: "slot", column: -5 }).length > 0, true);
  });
});

test("the debug console says what it knows; a value is told as Variables shows it", () => {
  atBackend((s) => {
    const { value } = s.request("evaluate", { expression: " help ", frame: s.frame, context: "repl" });
    assert.match(value, /of the selected function: .*\blen\b/);
    assert.match(value, /what the stop is about: vcpu, queue, device/);
    assert.match(value, /of the machine: .*slot/);
  });
  const s = new Session().probe();
  s.arm({ breakpoints: [{ id: 1, stations: ["emulate_io"], oneShot: true }] });
  s.run(
    () => s.send("a"),
    () => assert.equal(s.evaluate("vcpu"), s.scope("locals").find(({ name }) => name === "vcpu")?.value),
  );
});

test("data that can be watched, and data that cannot", () => {
  atBackend((s) => {
    const info = (expression: string) => s.request("dataInfo", { expression, frame: s.frame });
    assert.equal(info("queue.avail.idx").dataId, "devices[3].queues[1].avail.idx");
    assert.equal(info("device.msix.table[0].addr").dataId, "devices[3].msix.table[0].addr");
    assert.equal(info("len").dataId, undefined);
    assert.match(info("queue.avail").description, /one of its fields/);
    const memory = (memoryReference: string, bytes: number) => s.request("dataInfo", { memoryReference, bytes });
    assert.equal(memory("guest:0x1000", 16).dataId, "memory:guest:0x1000:16");
    assert.equal(memory("guest:0x1000", 2 ** 20).dataId, undefined);
    assert.equal(memory("guest:0xfffff", 2).dataId, undefined);
  });
});
