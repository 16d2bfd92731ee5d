/** A device class that is no part of the product, given to a machine: it is a device like all others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { virtioLegacyRegisters } from "../src/model/abi/virtio-legacy.ts";
import { stateTables } from "../src/model/board/layers.ts";
import { station } from "../src/model/chain/announce.ts";
import { defineStations } from "../src/model/chain/station.ts";
import { Session } from "../src/model/debug/testing/session.ts";
import { helpText } from "../src/model/device-model/command-line/help.ts";
import { parseCommandLine } from "../src/model/device-model/command-line/parse.ts";
import type { Vmctx } from "../src/model/device-model/core/vmctx.ts";
import type { DeviceClass } from "../src/model/device-model/hw/pci/device-class.ts";
import { builtInDeviceClasses } from "../src/model/device-model/hw/pci/devices.ts";
import type { PciVdev } from "../src/model/device-model/hw/pci/vdev.ts";
import { VirtioBase } from "../src/model/device-model/hw/pci/virtio/base.ts";
import { virtioInterruptInit, virtioLinkup, virtioResetDev } from "../src/model/device-model/hw/pci/virtio/device.ts";
import { virtioPciRead, virtioPciWrite } from "../src/model/device-model/hw/pci/virtio/pci.ts";
import { virtioSetIoBar } from "../src/model/device-model/hw/pci/virtio/transport/legacy/transport.ts";
import type { VirtioVqInfo } from "../src/model/device-model/hw/pci/virtio/virtqueue.ts";
import {
  newDescChain,
  vqEndchains,
  vqGetchain,
  vqHasDescs,
  vqRelchain,
} from "../src/model/device-model/hw/pci/virtio/vq.ts";
import { scriptedGuestState } from "../src/model/guest/scripted/guest.ts";
import { capture } from "../src/model/inspect/capture.ts";
import { valueNode } from "../src/model/inspect/node.ts";
import { restore } from "../src/model/inspect/restore.ts";
import { phrase } from "../src/model/inspect/section.ts";
import { declareState, derived, plain, wiring } from "../src/model/inspect/state.ts";

interface SinkOptions {
  readonly limit: number;
}

/** Swallows what it is given. */
class Sink {
  static readonly state = declareState<Sink>("example.Sink", {
    base: wiring,
    limit: wiring,
    work: derived,
    bytes: plain,
  });
  readonly base: VirtioBase;
  readonly limit: number;
  readonly work = newDescChain(1);
  bytes = 0;

  constructor(dev: PciVdev, { limit }: SinkOptions) {
    this.base = new VirtioBase(dev, ops, this);
    this.limit = limit;
  }
}

const stations = defineStations("device-model", "example/sink", {
  sink_notify: {
    file: "sink.c",
    contexts: ["dm.vcpu"],
    about: "swallows what is there",
    pointers: ["qnotify"],
    values: { queue: "dec", limit: "dec" },
  },
});

const sinkOf = (base: VirtioBase): Sink => base.device as Sink;

const sinkNotify = station(
  stations.sink_notify,
  (base: VirtioBase, vq: VirtioVqInfo): void => {
    const sink = sinkOf(base);
    while (vqHasDescs(vq) && vqGetchain(vq, sink.work) > 0) {
      sink.bytes += sink.work.iov[0].bytes.length;
      vqRelchain(vq, sink.work.idx, 0);
    }
    vqEndchains(vq, true);
  },
  (emit, base, vq) => emit(vq.num, sinkOf(base).limit),
);

const ops = { name: "sink", nvq: 1, cfgsize: 0, reset: virtioResetDev, qnotify: sinkNotify, cfgread: () => 0 };

const sinkClass: DeviceClass<SinkOptions> = {
  className: "virtio-sink",
  about: "swallows what it is given",
  queues: 1,
  stations: { stations: Object.values(stations) },
  state: { classes: [Sink] },
  options: {
    syntax: "limit=n: bytes it takes at most",
    parse(text) {
      const limit = /^limit=(\d+)$/.exec(text ?? "")?.[1];
      if (limit === undefined) return { refusal: { said: "sink: no limit", advice: "Expected limit=n." } };
      return { options: { limit: Number(limit) } };
    },
  },
  view: {
    nodes: (dev, path) => [
      valueNode("swallowed", () => sinkOf(dev.arg as VirtioBase).bytes, { path: `${path}.swallowed` }),
    ],
    enumerations: { SinkState: { HUNGRY: 77 } },
    queuePurpose: () => ({ purpose: "food", direction: "guest to host" }),
    sections: (dev) => [
      {
        ...{ id: "sink", label: phrase("port {0}", 0), value: `${sinkOf(dev.arg as VirtioBase).bytes} bytes` },
        rows: [{ id: "limit", label: phrase("open"), value: sinkOf(dev.arg as VirtioBase).limit }],
      },
    ],
  },
  init(ctx: Vmctx, dev: PciVdev, options: SinkOptions): number {
    const { base } = new Sink(dev, options);
    virtioLinkup(base);
    base.queues[0].qsize = 64;
    if (virtioInterruptInit(base, !ctx.config.virtioMsi) !== 0) return -1;
    virtioSetIoBar(base, 0);
    return 0;
  },
  barwrite: virtioPciWrite,
  barread: virtioPciRead,
};

const classes = [...builtInDeviceClasses, sinkClass];
const run = (text: string) => parseCommandLine(text.split(" "), { deviceClasses: classes });
const { at } = virtioLegacyRegisters;
const SLOT = 4;
/** Behind the console's. */
const BAR0 = 0x3000;
const RING = 0x4_0000;
const BUFFER = 0x5_0000;

function session(): Session {
  const parsed = run(`-s ${SLOT},virtio-sink,limit=9`);
  assert.ok(parsed.kind === "run");
  return new Session("@stdio:p", () => {}, { slots: parsed.config.slots, classes: [sinkClass] });
}

/** Gives the sink five bytes, as a driver does. */
function feed(s: Session): void {
  const [cpu] = s.guest.cpus;
  const { view } = s.guest;
  if (cpu.inb(BAR0 + at.status) === 0) {
    cpu.outb(BAR0 + at.status, 3);
    cpu.outl(BAR0 + at.queue_pfn, RING / 4096);
    cpu.outb(BAR0 + at.status, 7);
  }
  view.setUint32(RING, BUFFER, true);
  view.setUint32(RING + 8, 5, true);
  view.setUint16(RING + 1026, view.getUint16(RING + 1026, true) + 1, true);
  cpu.outw(BAR0 + at.queue_notify, 0);
  s.scheduler.runUntilIdle();
}

test("the command line takes it with its options, refuses wrong ones in its words, and the help tells of it", () => {
  const parsed = run("-s 4,virtio-sink,limit=9");
  assert.ok(parsed.kind === "run");
  assert.deepEqual(parsed.config.slots, [{ bus: 0, slot: 4, func: 0, emul: "virtio-sink", options: { limit: 9 } }]);
  assert.throws(() => run("-s 4,virtio-sink"), /^DmOptionError: sink: no limit\n-s 4,virtio-sink: Expected limit=n\.$/);
  assert.throws(() => run("-s 4,virtio-snik"), /Did you mean "virtio-sink"/);
  assert.throws(() => parseCommandLine(["-s", "4,virtio-sink,limit=9"]), /unknown device "virtio-sink"/);
  const help = helpText("x", classes);
  assert.match(help, /^ {2}virtio-sink +swallows what it is given$/m);
  assert.match(help, /^virtio-sink config: limit=n/m);
});

test("its kicks are traced with its functions and their values", () => {
  const s = session();
  s.chain.recording = true;
  feed(s);
  const { slot, hops } = s.request("kickHops", {});
  const hop = hops.find(({ station: id }) => id === "sink_notify");
  assert.deepEqual([slot, hop?.context, hop?.values], [SLOT, "vcpu 0", { queue: 0, limit: 9 }]);
  assert.equal(hops[hop?.caller ?? 0].station, "virtio_pci_legacy_write");
});

test("its functions are stopped at by name, with what they have at hand", () => {
  const s = session();
  const breakpoint = { id: 1, stations: ["sink_notify"], condition: "limit == 9 && device.swallowed == 0" };
  assert.deepEqual(s.arm({ breakpoints: [breakpoint] }).breakpoints, []);
  const seen: string[] = [];
  const look = () => {
    seen.push(...["queue", "device.swallowed", "HUNGRY", "SinkState.HUNGRY"].map((name) => s.evaluate(name)));
    s.request("continue", undefined);
  };
  const stops = s.run(() => {
    feed(s);
    feed(s);
  }, look);
  assert.deepEqual(
    stops.map((stop) => s.where(stop)),
    ["vcpu 0 sink_notify"],
  );
  assert.deepEqual(seen, ["0", "0", "77", "77"]);
  const unknown = new Session().arm({ breakpoints: [{ id: 1, stations: ["sink_notify"] }] }).breakpoints;
  assert.match(unknown[0].message, /no station is called sink_notify/);
});

test("the tree of the machine and the overview show it", () => {
  const s = session();
  feed(s);
  assert.equal(s.evaluateAnywhere(`devices[${SLOT}].swallowed`), "5");
  const device = s.request("overview", undefined).devices.find(({ slot }) => slot === SLOT);
  assert.equal(device?.name, "virtio-sink-pci-4");
  assert.deepEqual(
    device?.sections.map(({ id, value, rows }) => [id, value, rows[0].value]),
    [["sink", "5 bytes", 9]],
  );
  const { purpose, direction, usedIdx } = device?.virtio?.queues[0] ?? {};
  assert.deepEqual([purpose, direction, usedIdx], ["food", "guest to host", 1]);
  assert.equal(s.request("virtqueue", { slot: SLOT, queue: 0 }).purpose, "food");
});

test("it is saved with its machine, and goes on in another one", () => {
  const tables = stateTables(classes, [scriptedGuestState]);
  const [original, copy] = [session(), session()];
  const machineOf = ({ machine: { board, guest } }: Session): object => ({ board, guest });
  feed(original);
  const { state } = capture(machineOf(original), tables);
  restore(machineOf(copy), structuredClone(state), tables);
  assert.deepEqual(capture(machineOf(copy), tables).state, state);
  assert.equal(copy.evaluateAnywhere(`devices[${SLOT}].swallowed`), "5");
  for (const s of [original, copy]) feed(s);
  assert.deepEqual(capture(machineOf(copy), tables).state, capture(machineOf(original), tables).state);
  assert.equal(copy.evaluateAnywhere(`devices[${SLOT}].swallowed`), "10");
});
