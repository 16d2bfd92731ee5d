import type { StationRef } from "./types.ts";

/**
 * Calls through pointers, by the name of the field or variable, and the stations they reach. `*` stands for any part of a
 * name. A pointer reaches stations of its own layer only.
 */
const TABLE: { readonly [name: string]: readonly string[] } = {
  // Guest
  notify: ["vp_notify", "virtio_console_notify_*"],
  put_chars: ["put_chars"],
  get_chars: ["get_chars"],
  callback: ["in_intr", "out_intr", "control_intr"],
  probe: ["virtio_dev_probe", "virtio_pci_probe", "virtcons_probe"],
  find_vqs: ["vp_find_vqs"],
  setup_vq: ["setup_vq"],
  write: ["hvc_write", "port_fops_write", "vpci_pio_*_write"],
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
  func: ["ioreq_dispatcher", "control_work_handler", "hsm_irqfd_shutdown_work", "hsm_irqfd_wakeup"],
  current_func: ["ioreq_dispatcher", "control_work_handler", "hsm_irqfd_shutdown_work"],
  threadfn: ["ioreq_task"],
  unlocked_ioctl: ["acrn_dev_ioctl"],
  // Device model
  vdev_init: ["virtio_console_init"],
  vdev_deinit: ["virtio_console_close_all"],
  vdev_barread: ["virtio_pci_read"],
  vdev_barwrite: ["virtio_pci_write"],
  run: ["iothread_handler", "virtio_console_backend_read", "virtio_console_accept_new_connection"],
  iothread_run: ["virtio_console_notify_*"],
  qnotify: ["virtio_console_notify_*"],
  cb: ["virtio_console_backend_write", "virtio_console_control_tx"],
  reset: ["virtio_console_reset"],
  apply_features: ["virtio_console_neg_features"],
  cfgread: ["virtio_console_cfgread"],
  teardown: ["virtio_console_close_backend"],
  // Where the model's name is another
  barread: ["virtio_pci_read"],
  barwrite: ["virtio_pci_write"],
  init: ["virtio_console_init"],
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
  return PATTERNS.get(normalised(name))?.test(station.id) ?? false;
}
