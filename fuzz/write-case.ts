import { DescFlag } from "../src/model/abi/virtio.ts";
import { virtioLegacyRegisters } from "../src/model/abi/virtio-legacy.ts";
import {
  type Case,
  type Descriptor,
  hostEvents,
  type MachineChoice,
  type Operation,
  type Place,
  type Size,
} from "./case.ts";
import { bufferOf, HOST_FILES, QUEUE_SIZE, ringOf, SLOTS } from "./layout.ts";
import { Random } from "./random.ts";

/** Makes cases: mostly what a driver could do, often at a limit, at times anything. */

const { at, fields } = virtioLegacyRegisters;
const REGISTERS = Object.keys(at) as (keyof typeof at)[];

const CONSOLES = [
  "@stdio:a",
  "@stdio:a,pty:b",
  "@stdio:a,socket:c=/listen:server,file:d=/out,tty:e=/dev/ttyS9,socket:f=/peer:client",
  `@stdio:a,${Array.from({ length: 15 }, (_, port) => `workbench:w${port}`).join(",")}`,
];
const MODES = ["", "iothread,", "iothread=3,"];

/** Ports and addresses that somebody of the machine answers, and their neighbours. */
const PORTS = [
  0x20, 0x40, 0x60, 0x64, 0x70, 0x80, 0x3f8, 0x3ff, 0xcf8, 0xcfb, 0xcfc, 0xcff, 0x510, 0xfffc, 0xffff, 0x1_0000,
];
const ADDRESSES = [
  ...[0x8000_0000, 0x8000_1ffc, 0x8000_2000, 0xdfff_fffc, 0xe000_0000, 0xe001_8000, 0xefff_fffc],
  ...[
    0xfec0_0000, 0xfec0_0010, 0xfec0_0ffc, 0xfec0_1000, 0xfee0_0000, 0xfee0_0ffc, 0xffff_fff8, 0xffff_fffc, 0x10_0000,
  ],
];

const sizes: readonly Size[] = [1, 2, 4, 8];

function machine(random: Random): MachineChoice {
  return {
    vcpus: random.pick([1, 1, 2, 4]),
    console: random.pick(MODES) + random.pick(CONSOLES),
    second: random.chance(40),
    uart: random.chance(40),
    rnd: random.chance(30),
    virtioMsi: random.chance(15),
    rtvm: random.chance(15),
    asyncio: random.chance(25),
    schedule: random.pick(["host first", "guest first", "random"]),
  };
}

const queue = (random: Random): number =>
  random.chance(80) ? random.below(8) : random.chance(80) ? random.below(34) : random.edge();

function place(random: Random, known: readonly number[]): Place {
  if (random.chance(50)) {
    const offset = random.chance(80) ? random.below(0x44) : random.pick([-4, -1, 0xffc, 0x1ff8, 0x1fff, 0x2000]);
    return { dev: random.pick(SLOTS), bar: random.below(3), offset };
  }
  return { address: random.chance(70) ? random.pick(known) : random.edge() };
}

function registerWrite(random: Random): Operation {
  const name = random.pick(REGISTERS);
  const { type } = fields[name];
  const right = type === "u8" ? 1 : type === "u16" ? 2 : 4;
  const values = [ringOf(random.below(34)) >>> 12, random.below(40), random.edge(), 0, 7];
  return {
    ...{ do: "write", space: "IO", at: { dev: random.pick(SLOTS), bar: 0, offset: at[name] } },
    size: random.chance(90) ? right : random.pick(sizes.slice(0, 3)),
    value: random.pick(values),
  };
}

function access(random: Random): Operation {
  const space = random.pick(["IO", "MEM"] as const);
  const where = space === "IO" ? place(random, PORTS) : place(random, ADDRESSES);
  const size = random.pick(space === "IO" ? sizes.slice(0, 3) : sizes);
  if (random.chance(40)) return { do: "read", space, at: where, size };
  return { do: "write", space, at: where, size, value: random.edge() };
}

function config(random: Random): Operation {
  const isBar = random.chance(50);
  const reg = isBar
    ? 0x10 + 4 * random.below(6)
    : random.chance(50)
      ? random.pick([4, 6, 0x40, 0x42, 0x44])
      : random.below(256);
  const slot = random.chance(80) ? random.pick(SLOTS) : random.below(32);
  const size = isBar || random.chance(40) ? 4 : random.pick(sizes.slice(0, 3));
  if (random.chance(25)) return { do: "config", slot, reg, size };
  const bars = [0xffff_ffff, 0x2000, 0x3000, 0x3f8, 0x3c0, 0x8000_0000, 0x8000_2000, random.edge()];
  return {
    do: "config",
    slot,
    reg,
    size,
    value: isBar ? random.pick(bars) : random.pick([0, 1, 2, 3, 7, 0x8000, random.edge()]),
  };
}

function descriptor(random: Random): Descriptor {
  const usual = random.chance(80);
  return {
    addr: usual ? bufferOf(random.below(QUEUE_SIZE)) : random.edge(),
    addrHigh: usual ? 0 : random.pick([0, 1, 0xffff_ffff]),
    len: random.chance(80) ? random.below(4096) : random.edge(),
    flags: random.chance(80) ? random.pick([0, DescFlag.NEXT, DescFlag.WRITE]) : random.below(8),
    next: random.chance(80) ? random.below(QUEUE_SIZE) : random.edge() & 0xffff,
  };
}

function offer(random: Random): Operation {
  return {
    ...{
      do: "offer",
      queue: queue(random),
      first: random.chance(90) ? random.below(QUEUE_SIZE) : random.edge() & 0xffff,
    },
    descriptors: Array.from({ length: 1 + random.below(3) }, () => descriptor(random)),
    ahead: random.chance(90) ? 1 : random.edge() & 0xffff,
  };
}

const makers: readonly (readonly [number, (random: Random) => Operation])[] = [
  [18, registerWrite],
  [18, access],
  [10, config],
  [18, offer],
  [18, (random) => ({ do: "kick", dev: random.pick([3, 3, 3, 4, 31]), queue: queue(random) })],
  [
    4,
    (random) => ({ do: "memory", address: ringOf(random.below(34)) + 4 * random.below(0x800), words: [random.edge()] }),
  ],
  [
    5,
    (random) => ({
      ...{ do: "control", id: random.chance(80) ? random.below(17) : random.edge() },
      ...{ event: random.below(10), value: random.below(3), length: random.chance(90) ? 8 : random.below(64) },
    }),
  ],
  [2, (random) => ({ do: "set up", dev: random.pick([3, 3, 4, 31]), msix: random.chance(70) })],
  [
    5,
    (random) => ({
      ...{ do: "host", file: random.pick(HOST_FILES), event: random.pick(hostEvents) },
      bytes: random.pick([1, 7, 100, 5000]),
    }),
  ],
  [1, (random) => ({ do: "eoi", vector: random.below(256) })],
  [3, () => ({ do: "pause" })],
];
const TOTAL = makers.reduce((sum, [weight]) => sum + weight, 0);

function operation(random: Random): Operation {
  let rest = random.below(TOTAL);
  for (const [weight, make] of makers) {
    if (rest < weight) return make(random);
    rest -= weight;
  }
  return { do: "pause" };
}

/** The case of a seed. It begins as a driver does, so that what follows finds a device that works. */
export function writeCase(seed: number): Case {
  const random = new Random(seed);
  const chosen = machine(random);
  const count = 100 + random.below(800);
  const steps = Array.from({ length: count }, () => ({
    vcpu: random.below(chosen.vcpus),
    operation: operation(random),
  }));
  const begin: Operation = { do: "set up", dev: 3, msix: random.chance(70) };
  return { seed, machine: chosen, steps: random.chance(90) ? [{ vcpu: 0, operation: begin }, ...steps] : steps };
}
