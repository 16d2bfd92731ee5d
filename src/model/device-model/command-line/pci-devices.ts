/**
 * The device names acrn-dm knows: `class_name` of every DEFINE_PCI_DEVTYPE in devicemodel/hw/pci.
 * obsolete: pci_parse_slot stops at these with a warning, and acrn-dm exits.
 */
export const pciDevices: { readonly [name: string]: "modelled" | "accepted" | "obsolete" } = {
  hostbridge: "modelled",
  amd_hostbridge: "modelled",
  lpc: "modelled",
  "virtio-console": "modelled",
  "virtio-blk": "accepted",
  "virtio-net": "accepted",
  "virtio-rnd": "accepted",
  "virtio-input": "accepted",
  "virtio-gpio": "accepted",
  "virtio-i2c": "accepted",
  "virtio-gpu": "accepted",
  "virtio-rpmb": "accepted",
  "virtio-heci": "accepted",
  "virtio-audio": "accepted",
  "virtio-ipu": "accepted",
  "virtio-hyper_dmabuf": "accepted",
  "vhost-vsock": "accepted",
  "igd-lpc": "accepted",
  ahci: "accepted",
  "ahci-hd": "accepted",
  "ahci-cd": "accepted",
  xhci: "accepted",
  uart: "accepted",
  "wdt-i6300esb": "accepted",
  ivshmem: "accepted",
  passthru: "accepted",
  dummy: "accepted",
  "pci-gvt": "obsolete",
  npk: "obsolete",
  "virtio-hdcp": "obsolete",
  "virtio-coreu": "obsolete",
};

/** Names of the devices this machine can put on the bus. */
export const modelledDevices: readonly string[] = Object.keys(pciDevices).filter(
  (name) => pciDevices[name] === "modelled",
);
