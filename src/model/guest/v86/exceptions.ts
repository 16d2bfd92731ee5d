import type { GuestMemory } from "../../doors/guest.ts";
import { translate } from "../stack/page-tables.ts";
import { readWord } from "../stack/walk.ts";
import type { V86Cpu } from "./v86-internals.ts";

const CS = 1;
const ESP = 4;
const FLAG_IF = 0x200;
const GATE_PRESENT = 0x8000;
const INTERRUPT_GATE = 0xe;
const TRAP_GATE = 0xf;

/**
 * Delivers an exception with error code at the instruction that is being executed, as the CPU does for a fault in
 * ring 0: through the interrupt descriptor table, on the same stack. Returns false when that cannot be done (user
 * mode, no usable gate, stack not mapped): on real hardware a stack switch, a double or a triple fault.
 */
export function deliverKernelException(cpu: V86Cpu, memory: GuestMemory, vector: number, errorCode: number): boolean {
  if (cpu.cpl[0] !== 0) return false;
  const paging = { cr0: cpu.cr[0] >>> 0, cr3: cpu.cr[3] >>> 0, cr4: cpu.cr[4] >>> 0 };
  const descriptor = (cpu.idtr_offset[0] >>> 0) + vector * 8;
  const low = readWord(memory, paging, descriptor);
  const high = readWord(memory, paging, descriptor + 4);
  if (low === undefined || high === undefined || (high & GATE_PRESENT) === 0) return false;
  const gateType = (high >>> 8) & 0x1f;
  if (gateType !== INTERRUPT_GATE && gateType !== TRAP_GATE) return false;
  const frame = [errorCode, cpu.previous_ip[0], cpu.sreg[CS], cpu.get_eflags()];
  const top = ((cpu.reg32[ESP] >>> 0) - frame.length * 4) >>> 0;
  const places = frame.map((_, i) => translate(memory, paging, top + i * 4));
  if (places.some((place) => place === undefined || place + 4 > memory.size)) return false;
  places.forEach((place, i) => {
    memory.view.setInt32(place ?? 0, frame[i], true);
  });
  cpu.reg32[ESP] = top | 0;
  cpu.sreg[CS] = low >>> 16;
  if (gateType === INTERRUPT_GATE) cpu.flags[0] &= ~FLAG_IF;
  cpu.instruction_pointer[0] = (high & 0xffff0000) | (low & 0xffff);
  return true;
}
