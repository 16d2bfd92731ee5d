import { IrqlineOp } from "../abi/acrn.ts";
import { Rte, VIOAPIC_PINS } from "../abi/apic.ts";
import { station } from "../chain/announce.ts";
import type { Chain } from "../chain/chain.ts";
import { hypervisorStations as S } from "../chain/stations/hypervisor.ts";
import { declareState, part, plain, shown, wiring } from "../inspect/state.ts";
import { vlapicReceiveIntr } from "./vlapic-dest.ts";
import type { AcrnVm } from "./vm.ts";

/** First vector the hypervisor gives out (VECTOR_DYNAMIC_START); below, an EOI is an error. */
const VECTOR_DYNAMIC_START = 0x20;
/** Both halves of a redirection entry have bit 16 set at reset (MASK_ALL_INTERRUPTS). */
const RESET_HALF = 0x10000;

/** `struct acrn_single_vioapic`: the one I/O APIC of a post-launched VM. */
export class Vioapic {
  static readonly state = declareState<Vioapic>(
    "hypervisor.Vioapic",
    {
      vm: wiring,
      chain: wiring,
      base: wiring,
      id: plain,
      ioregsel: shown(plain, "register the window shows", { hex: true }),
      rtbl: shown(part),
      pinState: shown(part, "electrical level of each pin"),
    },
    { type: "struct acrn_single_vioapic" },
  );
  readonly vm: AcrnVm;
  readonly chain: Chain;
  readonly base: number;
  id = 0;
  /** Register the window shows. */
  ioregsel = 0;
  /** Redirection table: low and high half of each pin's entry. */
  readonly rtbl = new Uint32Array(VIOAPIC_PINS * 2);
  /** Electrical level of each pin, 0 or 1. */
  readonly pinState = new Uint8Array(VIOAPIC_PINS);

  constructor(vm: AcrnVm, base: number) {
    this.vm = vm;
    this.chain = vm.chain;
    this.base = base;
    this.reset();
  }

  /** `reset_one_vioapic`: all pins masked; their levels stay, they belong to the devices. */
  reset(): void {
    this.rtbl.fill(RESET_HALF);
    this.id = 0;
    this.ioregsel = 0;
  }
}

/** hypervisor/dm/vioapic.c. `gsi` must be below the VM's pin count; `op` is one of IrqlineOp. */
export const vioapicSetIrqlineLock = station(
  S.vioapic_set_irqline_lock,
  (vm: AcrnVm, gsi: number, op: number): void => vioapicSetIrqlineNolock(vm, gsi, op),
  (emit, _vm, gsi, op) => emit(gsi, op),
);

/** Same file. */
const vioapicSetIrqlineNolock = station(
  S.vioapic_set_irqline_nolock,
  (vm: AcrnVm, gsi: number, op: number): void => {
    const { vioapic } = vm;
    if (op === IrqlineOp.SET_HIGH || op === IrqlineOp.RAISING_PULSE) vioapicSetPinstate(vioapic, gsi, 1);
    if (op === IrqlineOp.SET_LOW || op === IrqlineOp.FALLING_PULSE) vioapicSetPinstate(vioapic, gsi, 0);
    if (op === IrqlineOp.RAISING_PULSE) vioapicSetPinstate(vioapic, gsi, 0);
    if (op === IrqlineOp.FALLING_PULSE) vioapicSetPinstate(vioapic, gsi, 1);
  },
  (emit, _vm, gsi, op) => emit(gsi, op),
);

/** Same file. Only a change towards the entry's active level generates an interrupt. */
const vioapicSetPinstate = station(
  S.vioapic_set_pinstate,
  (vioapic: Vioapic, pin: number, level: number): void => {
    if (pin >= VIOAPIC_PINS) return;
    const old = vioapic.pinState[pin];
    vioapic.pinState[pin] = level;
    if (old !== level && level === activeLevel(vioapic, pin)) vioapicGenerateIntr(vioapic, pin);
  },
  (emit, _vioapic, pin, level) => emit(pin, level),
);

const activeLevel = (vioapic: Vioapic, pin: number): number => ((vioapic.rtbl[pin * 2] & Rte.ACTIVE_LOW) !== 0 ? 0 : 1);

/** `vioapic_need_intr`: the pin is at its active level. */
export const vioapicNeedIntr = (vioapic: Vioapic, pin: number): boolean =>
  vioapic.pinState[pin] === activeLevel(vioapic, pin);

/** Same file. Masked: nothing. Level-triggered: nothing while Remote-IRR is set, which it is from here to the EOI. */
export const vioapicGenerateIntr = station(
  S.vioapic_generate_intr,
  (vioapic: Vioapic, pin: number): void => {
    const lo = vioapic.rtbl[pin * 2];
    if ((lo & Rte.MASKED) !== 0) {
      vioapic.vm.hypervisor.log(5, "hypervisor", `ioapic pin${pin}: masked`);
      return;
    }
    const level = (lo & Rte.LEVEL) !== 0;
    if (level && (lo & Rte.REMOTE_IRR) !== 0) return;
    if (level) vioapic.rtbl[pin * 2] |= Rte.REMOTE_IRR;
    vlapicReceiveIntr(vioapic.vm, {
      level,
      dest: vioapic.rtbl[pin * 2 + 1] >>> 24,
      phys: (lo & Rte.LOGICAL) === 0,
      delmode: (lo & Rte.DELMODE) >>> 8,
      vector: lo & Rte.VECTOR,
      rh: false,
    });
  },
  (emit, vioapic, pin) => emit(pin, vioapic.rtbl[pin * 2]),
);

/** Same file. A VM of this kind has one I/O APIC. */
export const vioapicBroadcastEoi = station(
  S.vioapic_broadcast_eoi,
  (vm: AcrnVm, vector: number): void => vioapicProcessEoi(vm.vioapic, vector),
  (emit, _vm, vector) => emit(vector),
);

/** Same file. Looks at every pin with this vector whose Remote-IRR is set. */
const vioapicProcessEoi = station(
  S.vioapic_process_eoi,
  (vioapic: Vioapic, vector: number): void => {
    if (vector < VECTOR_DYNAMIC_START) {
      vioapic.vm.hypervisor.log(1, "hypervisor", `vioapic_process_eoi: invalid vector ${vector}`);
    }
    for (let pin = 0; pin < VIOAPIC_PINS; pin++) {
      const lo = vioapic.rtbl[pin * 2];
      if ((lo & Rte.VECTOR) !== vector || (lo & Rte.REMOTE_IRR) === 0) continue;
      vioapic.rtbl[pin * 2] = lo & ~Rte.REMOTE_IRR;
      if (vioapicNeedIntr(vioapic, pin)) vioapicGenerateIntr(vioapic, pin);
    }
  },
  (emit, _vioapic, vector) => emit(vector),
);
