/**
 * Every option of acrn-dm (devicemodel/core/main.c: `long_options`, `optstr`), and what this machine does with it.
 * The parser and the help text read this table.
 */

/**
 * modelled: has its effect. accepted: acrn-dm understands it, this machine has nothing it could act on.
 * obsolete: acrn-dm itself ignores it. refused: in acrn-dm's option string, but without a case, so it ends in usage.
 */
export type OptionState = "modelled" | "accepted" | "obsolete" | "refused";

export interface OptionSpec {
  readonly long?: string;
  readonly short?: string;
  /** Name of the argument in the help text; without one the option takes none. */
  readonly argument?: string;
  /** One line for the help text. */
  readonly about: string;
}

export interface DmOption extends OptionSpec {
  readonly state: OptionState;
}

export const dmOptions = [
  {
    long: "memsize",
    short: "m",
    argument: "size",
    state: "modelled",
    about: "guest memory: number and g, m or k, at least 128m; default 256m",
  },
  {
    long: "pci_slot",
    short: "s",
    argument: "[bus:]slot[:func],device[,config]",
    state: "modelled",
    about: "put a device on the guest's PCI bus; repeatable",
  },
  {
    long: "lpc",
    short: "l",
    argument: "com1..com5[,backend]",
    state: "modelled",
    about: "UART behind the lpc device; backend: stdio or the path of a tty",
  },
  { long: "kernel", short: "k", argument: "file", state: "modelled", about: "guest kernel: 32-bit bzImage or vmlinux" },
  { long: "ramdisk", short: "r", argument: "file", state: "modelled", about: "initial RAM disk" },
  {
    long: "bootargs",
    short: "B",
    argument: "text",
    state: "modelled",
    about: "kernel command line, at most 2047 characters",
  },
  {
    long: "virtio_msi",
    state: "modelled",
    about: "no MSI-X for virtio devices: one MSI vector, or INTx with Linux' driver",
  },
  {
    long: "virtio_poll",
    argument: "ns",
    state: "accepted",
    about: "poll the virtqueues every 1 to 10000000 ns instead of being kicked",
  },
  {
    long: "rtvm",
    state: "modelled",
    about: "real-time VM, here only the busy wait for completions; implies --lapic_pt",
  },
  {
    long: "lapic_pt",
    state: "modelled",
    about: "local APIC passthrough; only together with --rtvm, and it stays virtual here",
  },
  {
    long: "cpu_affinity",
    argument: "id[,id...]",
    state: "modelled",
    about: "local APIC ids of the physical CPUs the VM may use",
  },
  {
    long: "logger_setting",
    argument: "logger,level=n[;...]",
    state: "modelled",
    about: "console, disk or kmsg: 1 errors .. 5 debug; default console,level=4",
  },
  { long: "help", short: "h", state: "modelled", about: "show this text" },
  { long: "version", short: "v", state: "modelled", about: "show which acrn-dm is modelled" },

  {
    long: "elf_file",
    short: "E",
    argument: "file",
    state: "accepted",
    about: "ELF image to start; here -k takes a vmlinux",
  },
  {
    long: "ovmf",
    argument: "[w,]file",
    state: "accepted",
    about: "UEFI firmware; here the kernel is started directly",
  },
  { long: "iasl", argument: "file", state: "accepted", about: "ACPI compiler; here the guest has an MP table" },
  { long: "enable_trusty", state: "accepted", about: "Trusty secure world" },
  { long: "debugexit", state: "accepted", about: "debug exit port" },
  {
    long: "intr_monitor",
    argument: "threshold,period,delay,duration",
    state: "accepted",
    about: "interrupt storm monitor",
  },
  { long: "cmd_monitor", argument: "socket", state: "accepted", about: "command monitor" },
  { long: "acpidev_pt", argument: "HID", state: "accepted", about: "ACPI device passthrough" },
  { long: "mmiodev_pt", argument: "address,size", state: "accepted", about: "MMIO device passthrough" },
  { long: "vtpm2", argument: "sock_path=path", state: "accepted", about: "virtual TPM" },
  { long: "ssram", argument: "level,vcpu=..,size=..[;...]", state: "accepted", about: "software SRAM" },
  { long: "windows", state: "accepted", about: "device ids of another vendor's virtio drivers for Windows" },

  { long: "acpi", short: "A", state: "obsolete", about: "ACPI tables" },
  { long: "mptgen", short: "Y", state: "obsolete", about: "MP table" },
  { long: "gvtargs", short: "G", argument: "text", state: "obsolete", about: "GVT-g" },
  { long: "ioc_node", short: "i", argument: "text", state: "obsolete", about: "I/O controller" },
  { long: "mac_seed", argument: "text", state: "obsolete", about: "now an option of virtio-net" },
  { long: "vsbl", argument: "file", state: "obsolete", about: "slim bootloader" },
  { long: "part_info", argument: "file", state: "obsolete", about: "partition information" },
  { long: "pm_notify_channel", argument: "channel", state: "obsolete", about: "power events" },
  { long: "pm_by_vuart", argument: "text", state: "obsolete", about: "power events" },
  { short: "U", argument: "uuid", state: "refused", about: "UUID of the VM in older versions" },
] as const satisfies readonly DmOption[];
