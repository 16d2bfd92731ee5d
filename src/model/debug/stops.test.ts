import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "./testing/session.ts";

const at = (id: number, ...stations: string[]) => ({ id, stations });

test("with nothing armed nobody looks at entries", () => {
  const s = new Session().probe();
  assert.equal(s.chain.armed, false);
  s.arm({ breakpoints: [at(1, "vq_getchain")] });
  assert.equal(s.chain.armed, true);
  s.arm({});
  assert.equal(s.chain.armed, false);
});

test("a breakpoint stops where its station is entered, and the guest gets what it wrote", () => {
  const s = new Session().probe();
  s.arm({ breakpoints: [at(1, "acrn_insert_request", "virtio_console_backend_write"), at(2, "vq_getchain")] });
  const stops = s.run(() => s.send("hello"));
  assert.deepEqual(
    stops.map((stop) => [s.where(stop), stop.reason, stop.hitBreakpoints]),
    [
      ["vm1:vcpu0 acrn_insert_request", "breakpoint", [1]],
      ["vcpu 0 vq_getchain", "breakpoint", [2]],
      ["vcpu 0 virtio_console_backend_write", "breakpoint", [1]],
    ],
  );
  assert.equal(s.host.console.text, "hello");
});

test("conditions, hit counts, one-shot and log points", () => {
  const s = new Session().probe();
  s.arm({
    breakpoints: [
      {
        ...at(1, "virtio_console_backend_write"),
        condition: "len == 5 && queue == 1 && slot[0].processed == PROCESSING",
      },
      { ...at(2, "vq_relchain"), hitCondition: ">= 3" },
      { ...at(3, "vq_endchains"), oneShot: true },
      { ...at(5, "acrn_insert_request"), logMessage: "{{{type}}} to {address}: {slot}, {slot[20]}" },
    ],
  });
  const stops = s.run(() => {
    for (const text of ["one", "three", "x"]) s.send(text);
  });
  assert.deepEqual(
    stops.map((stop) => [stop.station, stop.hitBreakpoints]),
    [
      ["vq_endchains", [3]],
      ["virtio_console_backend_write", [1]],
      ["vq_relchain", [2]],
    ],
  );
  assert.deepEqual(s.outputs, Array(3).fill("{PORTIO} to 0x2010: FREE, {slot[20]: there are 16 elements}"));
});

test("what cannot be armed is told, and the rest is armed", () => {
  const s = new Session().probe();
  const answer = s.arm({
    breakpoints: [
      at(1, "no_such_function"),
      at(2, "vp_notify"),
      at(3),
      { ...at(4, "vq_getchain"), condition: "qeue == 1" },
      { ...at(5, "vq_getchain"), condition: "queue ==" },
      { ...at(6, "vq_getchain"), hitCondition: "often" },
      { ...at(7, "vq_getchain"), logMessage: "open {queue" },
      { ...at(8, "vq_getchain"), context: 999 },
      { ...at(9, "vq_getchain"), condition: "queue = 1" },
      at(10, "vq_getchain"),
      { ...at(14, "vq_getchain"), caller: "no_such_function" },
    ],
    dataBreakpoints: [
      { id: 11, dataId: "devices[7].status" },
      { id: 12, dataId: "memory:guest:0xffffff:4" },
      { id: 13, dataId: "hsm" },
    ],
    exceptions: [{ filter: "bogus" as "stuck" }, { filter: "stuck", condition: "(" }, { filter: "lostKick" }],
  });
  const messages = new Map(answer.breakpoints.map(({ id, message }) => [id, message]));
  assert.deepEqual([...messages.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 11, 12, 13]);
  assert.match(messages.get(1) ?? "", /no station is called no_such_function/);
  assert.match(messages.get(2) ?? "", /this guest has no kernel/);
  assert.match(messages.get(4) ?? "", /qeue: not known there/);
  assert.deepEqual(
    answer.exceptions.map(({ filter }) => filter),
    ["bogus", "stuck"],
  );
  assert.equal(s.run(() => s.send("x")).length, 1);
});

test("hits are counted on when an equal breakpoint is armed again", () => {
  const s = new Session().probe();
  const request = { breakpoints: [{ ...at(1, "vq_getchain"), hitCondition: "3" }] };
  s.arm(request);
  s.send("a");
  s.send("b");
  s.arm(request);
  assert.equal(s.run(() => s.send("c")).length, 1);
});

test("a data breakpoint stops at the station after the change and names the one before", () => {
  const s = new Session().probe();
  const dataIds = ["slot[0].processed", "devices[3].queues[1].used.idx", "memory:guest:0x10402:2"];
  s.arm({ dataBreakpoints: dataIds.map((dataId, id) => ({ id, dataId })) });
  const stops = s.run(() => s.send("hi"));
  assert.deepEqual(
    stops.map(({ text, hitBreakpoints }) => [hitBreakpoints, text.split(", after ")]),
    [
      [[2], ["2 bytes at guest:0x10402: byte 0: 0x0 -> 0x1"]],
      [[0], ["slot[0].processed: FREE (3) -> PENDING (0)", "acrn_insert_request in vm1:vcpu0"]],
      [[0], ["slot[0].processed: PENDING (0) -> PROCESSING (2)", "find_ioreq_client in kworker/ioreq_wq"]],
      [[1], ["devices[3].queues[1].used.idx: 0 -> 1", "vq_relchain in vcpu 0"]],
      [[0], ["slot[0].processed: PROCESSING (2) -> COMPLETE (1)", "ioreq_complete_request in vcpu 0"]],
      [[0], ["slot[0].processed: COMPLETE (1) -> FREE (3)", "complete_ioreq in vm1:vcpu0"]],
    ],
  );
});

test("a kick stops at the first station of its exit, once or always", () => {
  const s = new Session().probe();
  s.arm({ stopOnKick: 1 });
  const stops = s.run(() => {
    s.kick(0);
    s.send("x");
  });
  assert.deepEqual(
    stops.map((stop) => [s.where(stop), stop.reason, stop.text]),
    [["vm1:vcpu0 vmexit_handler", "kick", "kick of queue 1 of the device in slot 3"]],
  );
  s.arm({ breakpoints: [{ ...at(1, "vq_getchain"), oneShot: true }] });
  const again = s.run(
    () => {
      s.send("y");
      s.send("z");
      s.send("w");
    },
    () => s.request("runToKick", { queue: 1 }),
  );
  assert.deepEqual(
    again.map(({ reason }) => reason),
    ["breakpoint", "kick"],
  );
});

test("the first kick stops, and no later one, whatever is armed meanwhile", () => {
  const s = new Session().probe();
  s.arm({ stopOnKick: "first" });
  const stops = s.run(
    () => {
      s.send("x");
      s.send("y");
    },
    () => {
      s.arm({ stopOnKick: "first", breakpoints: [at(1, "vm_loop")] });
      return s.request("continue", undefined);
    },
  );
  assert.deepEqual(
    stops.map(({ reason }) => reason),
    ["kick"],
  );
  s.arm({});
  s.arm({ stopOnKick: "first" });
  assert.equal(s.run(() => s.send("z")).length, 1);
});

test("a machine that runs is asked to stop at the next kick of a queue", () => {
  const s = new Session().probe();
  s.request("runToKick", { queue: 1 });
  const stops = s.run(() => {
    s.kick(0);
    s.send("x");
    s.send("y");
  });
  assert.deepEqual(
    stops.map(({ text }) => text),
    ["kick of queue 1 of the device in slot 3"],
  );
});

test("what a client has waited for stops nobody when it has left", () => {
  const s = new Session().probe();
  s.request("runToKick", { running: true });
  s.arm({ leaves: true });
  assert.deepEqual(
    s.run(() => s.send("x")),
    [],
  );
});

test("who asks for the next kick of a machine that has just stopped does not lose that stop", () => {
  const s = new Session().probe();
  s.arm({ breakpoints: [at(1, "vq_getchain")] });
  const stops = s.run(
    () => s.send("x"),
    () => {
      s.request("runToKick", { running: true });
      assert.ok(s.gate.stopped);
      return s.request("continue", undefined);
    },
  );
  assert.deepEqual(
    stops.map(({ reason }) => reason),
    ["breakpoint"],
  );
});

test("exceptions: unhandled port, malformed chain, lost kick, lost backend", () => {
  const s = new Session("iothread,@stdio:p").probe();
  s.arm({
    exceptions: (["unhandledIo", "lostKick", "malformedChain", "backendLost"] as const).map((filter) => ({ filter })),
  });
  const [cpu] = s.guest.cpus;
  const unhandled = s.run(() => cpu.inb(0x333));
  assert.equal(unhandled[0].exception?.description, "no device claims port 0x333");
  assert.equal(s.where(unhandled[0]), "vcpu 0 emulate_inout");
  const lost = s.run(() => s.kick(99));
  assert.equal(lost[0].exception?.id, "lostKick");
  assert.equal(s.where(lost[0]), "VM1-ioeventfd-1 acrn_ioeventfd_handler");
  s.offer("x");
  s.guest.view.setUint16(0x1_0000 + 1028, 300, true);
  const malformed = s.run(() => s.kick());
  assert.equal(malformed[0].exception?.id, "malformedChain");
  assert.match(malformed[0].exception?.rule ?? "", /^virtio 1\.3, 2\.7\.5:/);
  assert.deepEqual(malformed[0].exception?.details, [
    "queue 1 of virtio-console-pci-3 (slot 3)",
    "the chain's head is 300, in a queue of 64",
    "the chain is consumed, but never reaches the used ring",
  ]);
  assert.equal(s.where(malformed[0]), "iothr-0-con3:0 vq_getchain");
  const backend = s.run(() => {
    s.host.console.push(0);
    s.scheduler.runUntilIdle();
  });
  assert.equal(backend[0].exception?.description, "the stdio backend of port 0 (p) is lost");
});

test("an index too far ahead takes no chain, and the stop says so", () => {
  const s = new Session().probe();
  s.arm({ exceptions: [{ filter: "malformedChain" }] });
  s.guest.view.setUint16(0x1_0000 + 1026, 301, true);
  const [stop] = s.run(() => s.kick());
  assert.equal(stop.exception?.description, "vtcon: no valid descriptor");
  assert.deepEqual(stop.exception?.details, [
    "queue 1 of virtio-console-pci-3 (slot 3)",
    "avail.idx is 301 ahead of last_avail, in a queue of 64",
    "no chain is taken: last_avail stays 0",
  ]);
});

test("a buffer that cannot be mapped is told with its descriptor, address and length", () => {
  const s = new Session().probe();
  s.arm({ exceptions: [{ filter: "malformedChain" }] });
  s.offer("x");
  s.guest.view.setUint32(0x1_0000, 0xff_fff0, true);
  const [stop] = s.run(() => s.kick());
  assert.equal(stop.exception?.description, "vtcon: mapping to host failed");
  assert.deepEqual(stop.exception?.details.slice(1, 3), [
    "descriptor 0: addr 0xfffff0, len 1: the buffer begins outside of RAM",
    "RAM ends at 0x100000",
  ]);
});

test("what acrn-dm closes at its end is not lost", () => {
  const s = new Session("socket:p=/socket").probe();
  s.host.listener.connect();
  s.scheduler.runUntilIdle();
  s.arm({ exceptions: [{ filter: "backendLost" }], breakpoints: [at(1, "virtio_console_socket_clear")] });
  const stops = s.run(() => {
    s.deviceModel.powerOff();
    s.scheduler.runUntilIdle();
  });
  assert.deepEqual(
    stops.map(({ reason }) => reason),
    ["breakpoint"],
  );
});

test("a breakpoint with a caller stops only on its behalf", () => {
  const s = new Session().probe();
  const stops = (caller?: string): string[] => {
    s.arm({ breakpoints: [{ ...at(1, "signal_event"), ...(caller === undefined ? {} : { caller }) }] });
    return s.run(() => s.send("x")).map((stop) => s.where(stop));
  };
  const both = ["vm1:vcpu0 signal_event", "vm0:vcpu0 signal_event"];
  assert.deepEqual(stops(), both);
  assert.deepEqual(stops("vlapic_accept_intr"), [both[0]]);
  assert.deepEqual(stops("hcall_notify_ioreq_finish"), [both[1]]);
  assert.deepEqual(stops("vmcall_vmexit_handler"), []);
});

test("a stuck vCPU stops, and goes on when somebody completes its request by hand", () => {
  const s = new Session().probe();
  s.arm({ exceptions: [{ filter: "stuck" }], breakpoints: [at(1, "acrn_ioreq_dispatch")] });
  const set = (expression: string, name: string, value: string) => {
    const { reference } = s.request("evaluate", { expression });
    s.request("setVariable", { reference, name, value });
    s.request("continue", undefined);
  };
  const stops = s.run(
    () => s.kick(1),
    () => set("slot[0]", "processed", "FREE"),
    () => {
      s.request("setVariable", {
        reference: s.request("evaluate", { expression: "slot[0]" }).reference,
        name: "processed",
        value: "COMPLETE",
      });
      set("vcpus[0].events.VCPU_EVENT_IOREQ", "set", "1");
    },
  );
  assert.deepEqual(
    stops.map(({ reason, exception }) => [reason, exception?.id]),
    [
      ["breakpoint", undefined],
      ["exception", "stuck"],
    ],
  );
  assert.equal(s.evaluateAnywhere("slot[0].processed"), "FREE (3)");
});

test("requests that need a stopped machine are refused while it runs", () => {
  const s = new Session().probe();
  assert.throws(() => s.request("stack", { context: 0 }), /stack: the machine is running/);
  assert.throws(() => s.request("continue", undefined), /the machine is running/);
  assert.equal(s.request("overview", undefined).devices.at(-1)?.slot, 3);
});

test("pause stops at once, and a second one does nothing", () => {
  const s = new Session().probe();
  const stops = s.run(
    () => s.request("pause", undefined),
    () => s.request("pause", undefined),
  );
  assert.deepEqual(
    stops.map(({ reason }) => reason),
    ["pause"],
  );
});
