import type { StationRef } from "./types.ts";

/**
 * Calls through pointers, by the name of the field or variable, and the stations they reach. `*` stands for any part of a
 * name. A pointer reaches stations of its own layer only. The stations of devices name their pointers themselves.
 */
const TABLE: { readonly [name: string]: readonly string[] } = {
  // Guest
  notify: ["vp_notify"],
  probe: ["virtio_dev_probe", "virtio_pci_probe"],
  find_vqs: ["vp_find_vqs"],
  setup_vq: ["setup_vq"],
  write: ["vpci_pio_*_write"],
  // Hypervisor: dispatch tables of exits and hypercalls, registered port and memory ranges, vLAPIC operations
  handler: [
    "*_vmexit_handler",
    "hcall_*",
    "acrn_ioeventfd_handler",
    "vmexit_*",
    "pci_emul_*_handler",
    "vioapic_mmio_access_handler",
    "vpci_mmio_cfg_access",
  ],
  io_read: ["vpci_pio_*_read"],
  io_write: ["vpci_pio_*_write"],
  read_write: ["vioapic_mmio_access_handler", "vpci_mmio_cfg_access"],
  accept_intr: ["apicv_*_accept_intr"],
  inject_intr: ["apicv_*_inject_intr"],
  // Service VM
  acrn_intr_handler: ["ioreq_intr_handler"],
  func: ["ioreq_dispatcher", "hsm_irqfd_shutdown_work", "hsm_irqfd_wakeup"],
  current_func: ["ioreq_dispatcher", "hsm_irqfd_shutdown_work"],
  threadfn: ["ioreq_task"],
  unlocked_ioctl: ["acrn_dev_ioctl"],
  // Device model
  vdev_barread: ["virtio_pci_read"],
  vdev_barwrite: ["virtio_pci_write"],
  run: ["iothread_handler"],
  // Where the model's name is another
  barread: ["virtio_pci_read"],
  barwrite: ["virtio_pci_write"],
  read: ["vpci_pio_*_read"],
};

/** The model spells the same names in camelCase. */
const normalised = (name: string): string => name.replace(/_/g, "").toLowerCase();

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries(TABLE).map(([name, ids]) => [
    normalised(name),
    new RegExp(`^(?:${ids.map((id) => id.replaceAll("*", "\\w*")).join("|")})$`),
  ]),
);

/** Whether a call through a pointer of this name may reach a station. */
export function pointerReaches(name: string, station: StationRef): boolean {
  const pointer = normalised(name);
  if (station.pointers?.some((own) => normalised(own) === pointer)) return true;
  return PATTERNS.get(pointer)?.test(station.id) ?? false;
}
