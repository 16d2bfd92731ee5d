import type { DmConfig } from "../config.ts";

/** What acrn-dm is made of in tests: nothing but memory, and what `more` says. */
export function testConfig(memSize: number, more: Partial<DmConfig> = {}): DmConfig {
  return {
    name: "test",
    memSize,
    slots: [],
    lpc: [],
    virtioMsi: false,
    virtioPollNs: 0,
    rtvm: false,
    cpuAffinity: 0,
    kernel: undefined,
    ramdisk: undefined,
    bootargs: undefined,
    ...more,
  };
}
