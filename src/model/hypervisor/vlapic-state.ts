import { DFR_FLAT, LapicReg, SVR_ENABLE } from "../abi/apic.ts";
import type { Chain } from "../chain/chain.ts";
import { declareState, part, plain, shown, wiring } from "../inspect/state.ts";
import type { AcrnVcpu } from "./vcpu.ts";

const WORDS = 8;

/** Highest vector set in a 256-bit bitmap, or -1. */
export function highestVector(bitmap: Uint32Array): number {
  for (let word = WORDS - 1; word >= 0; word--) {
    if (bitmap[word] !== 0) return word * 32 + 31 - Math.clz32(bitmap[word]);
  }
  return -1;
}

export const testVector = (bitmap: Uint32Array, vector: number): boolean =>
  (bitmap[vector >>> 5] & (1 << (vector & 31))) !== 0;

export function setVector(bitmap: Uint32Array, vector: number): void {
  bitmap[vector >>> 5] |= 1 << (vector & 31);
}

export function clearVector(bitmap: Uint32Array, vector: number): void {
  bitmap[vector >>> 5] &= ~(1 << (vector & 31));
}

/** The vectors set in a 256-bit bitmap, for people: "0x22 0xf3", or "none". */
function vectors(bitmap: Uint32Array): string {
  const set: string[] = [];
  for (let vector = 0; vector < 256; vector++) if (testVector(bitmap, vector)) set.push(`0x${vector.toString(16)}`);
  return set.length === 0 ? "none" : set.join(" ");
}

/**
 * `struct acrn_vlapic` and the vCPU's posted-interrupt descriptor. With APICv the guest reads and writes its virtual
 * APIC page without exits; a User VM's page belongs to the engine, so only what the hypervisor itself keeps is here.
 */
export class Vlapic {
  static readonly state = declareState<Vlapic>(
    "hypervisor.Vlapic",
    {
      vcpu: wiring,
      chain: wiring,
      vapicId: wiring,
      pir: shown(part, "vectors accepted but not yet merged into the virtual IRR", { as: vectors }),
      on: shown(plain, "outstanding-notification bit of the posted-interrupt descriptor"),
      irr: shown(part, "interrupt request register, of the Service VM's vCPU only", { as: vectors }),
      tmr: shown(part, "trigger modes, set for level", { as: vectors }),
      awaitingEoi: shown(part, "level-triggered vectors whose EOI has not been seen", { as: vectors }),
      awaitingEoiCount: plain,
      esr: plain,
    },
    { type: "struct acrn_vlapic" },
  );
  readonly vcpu: AcrnVcpu;
  readonly chain: Chain;
  /** Local APIC id: the number of the vCPU, as the engine has it. */
  readonly vapicId: number;
  /** Posted-interrupt requests: vectors accepted but not yet merged into the IRR. */
  readonly pir = new Uint32Array(WORDS);
  /** Outstanding-notification bit of the posted-interrupt descriptor. */
  on = false;
  /** Interrupt request register; of the Service VM only, a User VM's is in the engine. */
  readonly irr = new Uint32Array(WORDS);
  /** Trigger modes: set for level. Each set bit is also an EOI-exit bit. */
  readonly tmr = new Uint32Array(WORDS);
  /** Level-triggered vectors handed to the engine whose EOI has not been seen. */
  readonly awaitingEoi = new Uint32Array(WORDS);
  awaitingEoiCount = 0;
  /** Error status register. */
  esr = 0;

  constructor(vcpu: AcrnVcpu) {
    this.vcpu = vcpu;
    this.chain = vcpu.chain;
    this.vapicId = vcpu.vcpuId;
  }

  reset(): void {
    for (const bitmap of [this.pir, this.irr, this.tmr, this.awaitingEoi]) bitmap.fill(0);
    this.awaitingEoiCount = 0;
    this.on = false;
    this.esr = 0;
  }

  /**
   * A register of the virtual APIC page. Where the engine does not show it, what Linux's flat driver programs is taken.
   */
  register(offset: number): number {
    const value = this.vcpu.cpu?.readApic?.(offset);
    if (value !== undefined) return value;
    switch (offset) {
      case LapicReg.SVR:
        return SVR_ENABLE | 0xff;
      case LapicReg.LDR:
        return this.vapicId < 8 ? (1 << (24 + this.vapicId)) >>> 0 : 0;
      case LapicReg.DFR:
        return ((DFR_FLAT << 28) | 0x0fffffff) >>> 0;
      default:
        return 0;
    }
  }
}
