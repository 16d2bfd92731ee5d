import type { GuestMemory } from "../doors/guest.ts";
import type { CpuState, GuestTask } from "../doors/guest-debug.ts";
import type { SymbolTable } from "./stack/kallsyms.ts";
import { readByte, readWord } from "./stack/walk.ts";

/** Where the kernel keeps what is wanted. */
interface Layout {
  /** Offset of the per-CPU variable `current_task`, whose base is that of FS. */
  readonly current: number;
  /** Offsets in `struct task_struct`. */
  readonly comm: number;
  readonly pid: number;
}

const TASK_COMM_LEN = 16;
/** PID_MAX_LIMIT of a 32-bit kernel is smaller, a 64-bit one's is this. */
const PID_MAX = 4 * 1024 * 1024;
const MAX_TASK_STRUCT = 64 * 1024;
/** How much of each function is looked at. */
const CODE = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * Reads the current task. Kernels keep its fields at different offsets and their symbols do not tell; the code of small
 * functions does. Everything is found in two places that must agree, else nothing is said.
 */
export class CurrentTask {
  readonly #memory: GuestMemory;
  readonly #symbols: { readonly table: SymbolTable | undefined };
  #table: SymbolTable | undefined;
  #layout: Layout | undefined;

  constructor(memory: GuestMemory, symbols: { readonly table: SymbolTable | undefined }) {
    this.#memory = memory;
    this.#symbols = symbols;
  }

  /** `fsBase`: linear base of FS. Undefined in user mode, and where it cannot be told. */
  read(cpu: CpuState, fsBase: number): GuestTask | undefined {
    if (cpu.cpl !== 0) return undefined;
    const layout = this.#layoutOf(cpu);
    if (layout === undefined) return undefined;
    const task = readWord(this.#memory, cpu, (fsBase + layout.current) >>> 0);
    const pid = task === undefined ? undefined : readWord(this.#memory, cpu, task + layout.pid);
    if (task === undefined || pid === undefined || pid > PID_MAX) return undefined;
    const bytes = this.#bytes(cpu, task + layout.comm, TASK_COMM_LEN);
    const end = bytes.indexOf(0);
    const name = end < 0 ? "" : String.fromCharCode(...bytes.slice(0, end));
    return PRINTABLE.test(name) ? { name, pid } : undefined;
  }

  /** Looked for again until the code can be read: it is not mapped at the very start. */
  #layoutOf(cpu: CpuState): Layout | undefined {
    const { table } = this.#symbols;
    if (table !== this.#table) {
      this.#table = table;
      this.#layout = undefined;
    }
    if (table === undefined) return undefined;
    this.#layout ??= findLayout((name) => {
      const address = table.byName(name)?.address;
      return address === undefined ? [] : this.#bytes(cpu, address, CODE);
    });
    return this.#layout;
  }

  #bytes(cpu: CpuState, address: number, count: number): number[] {
    const bytes: number[] = [];
    for (let i = 0; i < count; i++) {
      const byte = readByte(this.#memory, cpu, (address + i) >>> 0);
      if (byte === undefined) break;
      bytes.push(byte);
    }
    return bytes;
  }
}

/** `codeOf`: the first bytes of a function; none when there is no such function. */
export function findLayout(codeOf: (name: string) => readonly number[]): Layout | undefined {
  // kernel/sys.c: task_tgid_vnr(current); lib/dump_stack.c: current->pid and current->comm, among others.
  const dump = codeOf("dump_stack_print_info");
  const [current] = currentLoads(codeOf("__ia32_sys_getpid"));
  if (current === undefined || !currentLoads(dump).includes(current)) return undefined;
  const fields = commAndPid(dump);
  if (fields === undefined) return undefined;
  // fs/exec.c: strscpy_pad(buf, tsk->comm, buf_size)
  const confirmed = ["__get_task_comm", "__set_task_comm"].some((name) => loads(codeOf(name)).includes(fields.comm));
  return confirmed ? { current, ...fields } : undefined;
}

/** Offsets of `mov %fs:offset, %reg`, in the order of the code. */
function currentLoads(code: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i + 7 <= code.length; i++) {
    if (code[i] !== 0x64) continue;
    if (code[i + 1] === 0xa1) found.push(word(code, i + 2));
    else if (code[i + 1] === 0x8b && (code[i + 2] & 0xc7) === 0x05) found.push(word(code, i + 3));
  }
  return found;
}

/** Displacements of `lea disp32(%reg), %reg`. */
function loads(code: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i + 6 <= code.length; i++) {
    if (code[i] === 0x8d && (code[i + 1] & 0xc0) === 0x80 && (code[i + 1] & 7) !== 4) found.push(word(code, i + 2));
  }
  return found;
}

/** `lea comm(%task), %reg; push %reg; push pid(%task)`: two arguments of printk that follow each other. */
function commAndPid(code: readonly number[]): Pick<Layout, "comm" | "pid"> | undefined {
  for (let i = 0; i + 13 <= code.length; i++) {
    const modrm = code[i + 1];
    const task = modrm & 7;
    if (code[i] !== 0x8d || (modrm & 0xc0) !== 0x80 || task === 4) continue;
    if (code[i + 6] !== 0x50 + ((modrm >> 3) & 7) || code[i + 7] !== 0xff || code[i + 8] !== (0xb0 | task)) continue;
    const comm = word(code, i + 2);
    const pid = word(code, i + 9);
    if (comm < MAX_TASK_STRUCT && pid < MAX_TASK_STRUCT) return { comm, pid };
  }
  return undefined;
}

const word = (code: readonly number[], at: number): number =>
  (code[at] | (code[at + 1] << 8) | (code[at + 2] << 16) | (code[at + 3] << 24)) >>> 0;
