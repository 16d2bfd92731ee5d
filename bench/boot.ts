import { spawnSync } from "node:child_process";
import { type BootTimes, timeBoot } from "./boot-process.ts";
import { type Devices, FILES, MEMORY_MIB, spec } from "./guest.ts";
import { MACHINE_OPTIONS } from "./machine-options.ts";
import type { Measurement } from "./measurement.ts";
import { comparison, type Result, type Row, type Skipped, single } from "./report.ts";

const QEMU = "qemu-system-i386";
const AIM = "at most 1.25";

/** Cold start to the shell's prompt on hvc0, in a fresh process each: ours against QEMU's TCG. */
export class Boot implements Measurement {
  readonly #programs: string;
  readonly #hasQemu = spawnSync(QEMU, ["--version"], { stdio: "ignore" }).status === 0;
  readonly #times = {
    default: [] as BootTimes[],
    console: [] as BootTimes[],
    plain: [] as BootTimes[],
    qemu: [] as BootTimes[],
  };

  constructor(programs: string) {
    this.#programs = programs;
  }

  async round(number: number): Promise<void> {
    const sides: (() => Promise<void>)[] = [
      async () => void this.#times.default.push(await this.#ours("default")),
      async () => void this.#times.console.push(await this.#ours("console")),
      async () =>
        void this.#times.plain.push(
          await timeBoot(process.execPath, [...MACHINE_OPTIONS, `${this.#programs}/boot-plain.js`]),
        ),
    ];
    if (this.#hasQemu) sides.splice(1, 0, async () => void this.#times.qemu.push(await timeBoot(QEMU, qemuArgs())));
    if (number % 2 === 1) sides.reverse();
    for (const side of sides) await side();
  }

  #ours(devices: Devices): Promise<BootTimes> {
    return timeBoot(process.execPath, [...MACHINE_OPTIONS, `${this.#programs}/boot.js`, devices]);
  }

  result(): Result {
    const { qemu } = this.#times;
    const rows: Row[] = [];
    const skipped: Skipped[] = [];
    const prompts = (times: readonly BootTimes[]): number[] => times.map(({ prompt }) => prompt);
    for (const [what, times] of [
      ["boot to prompt, default devices", this.#times.default],
      ["boot to prompt, console alone", this.#times.console],
    ] as const) {
      if (this.#hasQemu) {
        rows.push(comparison(what, "s", prompts(times), { name: "QEMU TCG", samples: prompts(qemu) }, AIM));
      } else {
        rows.push(single(what, "s", prompts(times)));
        skipped.push({ what: `${what}, against QEMU`, why: `${QEMU} is not installed` });
      }
    }
    const { console: alone, plain } = this.#times;
    rows.push(
      comparison("boot to prompt, console alone", "s", prompts(alone), { name: "v86 alone", samples: prompts(plain) }),
    );
    const first = "first console output, default devices";
    const ours = this.#times.default.map(({ firstOutput }) => firstOutput);
    const theirs = qemu.map(({ firstOutput }) => firstOutput);
    rows.push(
      single(
        "start to entering the kernel",
        "s",
        this.#times.default.map(({ steps }) => steps.get("booting") ?? Number.NaN),
      ),
      this.#hasQemu ? comparison(first, "s", ours, { name: "QEMU TCG", samples: theirs }) : single(first, "s", ours),
    );
    return { rows, skipped };
  }
}

/** The same kernel, initrd, command line and memory. */
function qemuArgs(): string[] {
  const device = [
    "-device",
    "virtio-serial-pci",
    "-chardev",
    "stdio,id=c,signal=off",
    "-device",
    "virtconsole,chardev=c",
  ];
  return [
    ...["-accel", "tcg", "-M", "pc", "-m", String(MEMORY_MIB), "-display", "none", "-no-reboot", "-nodefaults"],
    ...device,
    ...["-kernel", FILES.bzImage, "-initrd", FILES.initrd, "-append", spec("default").commandLine],
  ];
}
