import type { VirtioBase } from "../base.ts";
import { VirtioConsoleFeature, virtioConsoleConfig } from "./abi.ts";
import { consoleOf, type VirtioConsole } from "./console.ts";
import { VIRTIO_CONSOLE_MAXPORTS } from "./parse.ts";

/** Features and configuration space (devicemodel/hw/pci/virtio/virtio_console.c). */

/**
 * The features offered. acrn-dm joins bit numbers where masks are meant, so this is 3: F_SIZE and F_MULTIPORT.
 * F_EMERG_WRITE (4) is meant and not offered.
 */
export const VIRTIO_CONSOLE_S_HOSTCAPS =
  VirtioConsoleFeature.SIZE | VirtioConsoleFeature.MULTIPORT | VirtioConsoleFeature.EMERG_WRITE;

const { at } = virtioConsoleConfig;

export function fillConfig(console: VirtioConsole): void {
  console.config.setUint16(at.cols, 80, true);
  console.config.setUint16(at.rows, 25, true);
  console.config.setUint32(at.max_nr_ports, VIRTIO_CONSOLE_MAXPORTS, true);
}

/** Reads `size` bytes at `offset`; the caller has checked that they are inside. */
export function cfgread(base: VirtioBase, offset: number, size: number): number {
  const { config } = consoleOf(base);
  if (size === 1) return config.getUint8(offset);
  return size === 2 ? config.getUint16(offset, true) : config.getUint32(offset, true);
}
