/**
 * Options that acrn-dm no longer has, which older launch scripts give: `long_options` and `optstr` of
 * devicemodel/core/main.c in the releases from 0.1 on.
 */

export interface FormerOption {
  readonly long: string;
  readonly short?: string;
  /** The last release that had it. */
  readonly until: string;
  /** What it did and what to do now, one or two sentences. */
  readonly advice: string;
}

const NONE = "Leave it out.";
const AFFINITY = "--cpu_affinity names the physical CPUs, and the VM gets a vCPU on each.";

const formerOptions: readonly FormerOption[] = [
  { long: "ncpus", short: "c", until: "1.3", advice: `It was the number of vCPUs. Leave it out: ${AFFINITY}` },
  { long: "pincpu", short: "p", until: "1.2", advice: `It tied vCPUs to CPUs. Leave it out: ${AFFINITY}` },
  {
    long: "virtio_msix",
    short: "W",
    until: "2.7",
    advice: "It kept virtio devices from using MSI-X. Give --virtio_msi instead.",
  },
  {
    long: "ptdev_no_reset",
    until: "1.5",
    advice: "Now passthru itself takes no_reset: -s slot,passthru,b/d/f,no_reset.",
  },
  { long: "vmcfg", until: "1.0", advice: "It chose a configuration compiled in. Give the options themselves." },
  { long: "dump", until: "1.0", advice: "It printed the configurations compiled in; there are none. Leave it out." },
  { long: "no_x2apic_mode", short: "a", until: "0.2", advice: NONE },
  {
    long: "bvmcons",
    short: "b",
    until: "0.2",
    advice: "It was bhyve's console. Put a console on the bus with -s.",
  },
  { long: "memflags_incore", short: "C", until: "0.2", advice: NONE },
  { long: "gdb_port", short: "g", until: "0.2", advice: NONE },
  { long: "memflags_wired", short: "S", until: "0.2", advice: NONE },
  { long: "ioapic", short: "I", until: "0.2", advice: NONE },
  { long: "vmexit_pause", short: "P", until: "0.2", advice: NONE },
  { long: "rtc_localtime", short: "u", until: "0.2", advice: NONE },
  { long: "strictmsr", short: "w", until: "0.2", advice: NONE },
  { long: "x2apic_mode", short: "x", until: "0.2", advice: NONE },
  {
    long: "uuid",
    short: "U",
    until: "2.6",
    advice: "It was the VM's UUID. Leave it out: the VM is known by its name.",
  },
];

const isFormer = ({ long, short }: FormerOption, name: string): boolean => name === long || name === short;

/** What to say of an option that is not known, by its letter or long name; undefined when acrn-dm never had it. */
export function formerAdvice(name: string): string | undefined {
  const former = formerOptions.find((option) => isFormer(option, name));
  const written = name.length === 1 ? `-${name}` : `--${name}`;
  return former && `acrn-dm had ${written} up to release ${former.until}. ${former.advice}`;
}
