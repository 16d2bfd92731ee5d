/**
 * The device names acrn-dm knows besides those of the device classes: `class_name` of every DEFINE_PCI_DEVTYPE in
 * devicemodel/hw/pci. obsolete: pci_parse_slot stops at these with a warning, and acrn-dm exits.
 */
export const otherDevices: { readonly [name: string]: "accepted" | "obsolete" } = {
  "virtio-blk": "accepted",
  "virtio-net": "accepted",
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
