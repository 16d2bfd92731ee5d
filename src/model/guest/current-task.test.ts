import assert from "node:assert/strict";
import { test } from "node:test";
import { CurrentTask, findLayout } from "./current-task.ts";
import { SymbolTable } from "./stack/kallsyms.ts";

const CURRENT = 0x900;
const COMM = 0x584;
const PID = 0x454;
const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

/** What gcc makes of a call of task_tgid_vnr(current) … */
const getpid = [0x55, 0x31, 0xc9, 0x64, 0xa1, ...u32(CURRENT), 0xc3];
/** … of printk("%d %s", current->pid, current->comm) … */
const dump = [0x64, 0x8b, 0x15, ...u32(CURRENT), 0x8d, 0x82, ...u32(COMM), 0x50, 0xff, 0xb2, ...u32(PID), 0xc3];
/** … and of &tsk->comm. */
const getComm = [0x8d, 0x91, ...u32(COMM), 0xc3];

const code: { [name: string]: number[] } = {
  __ia32_sys_getpid: getpid,
  dump_stack_print_info: dump,
  __get_task_comm: getComm,
};

test("offsets are read from code, in two places that agree", () => {
  assert.deepEqual(
    findLayout((name) => code[name] ?? []),
    { current: CURRENT, comm: COMM, pid: PID },
  );
});

test("without agreement nothing is said", () => {
  const without = (name: string, other: number[] = []) =>
    findLayout((wanted) => (wanted === name ? other : (code[wanted] ?? [])));
  for (const name of Object.keys(code)) assert.equal(without(name), undefined, name);
  assert.equal(without("__get_task_comm", [0x8d, 0x91, ...u32(COMM + 4)]), undefined);
  assert.equal(without("__ia32_sys_getpid", [0x64, 0xa1, ...u32(CURRENT + 4), 0xc3]), undefined);
});

/** A kernel in physical memory whose per-CPU area is at `base` and whose current task at 0x4000. */
function kernel(name: string, pid: number) {
  const base = 0x3000;
  const bytes = new Uint8Array(0x10000);
  const view = new DataView(bytes.buffer);
  bytes.set(getpid, 0x100);
  bytes.set(dump, 0x200);
  bytes.set(getComm, 0x300);
  view.setUint32(base + CURRENT, 0x4000, true);
  bytes.set(Buffer.from(name), 0x4000 + COMM);
  view.setUint32(0x4000 + PID, pid, true);
  const table = SymbolTable.parse(
    "00000100 T __ia32_sys_getpid\n00000200 T dump_stack_print_info\n00000300 T __get_task_comm",
  );
  const task = new CurrentTask({ size: bytes.length, bytes, view }, { table });
  const cpu = { cr0: 0, cr3: 0, cr4: 0, eip: 0, esp: 0, ebp: 0, cpl: 0 };
  return (cpl = 0) => task.read({ ...cpu, cpl }, base);
}

test("name and pid of the current task", () => {
  assert.deepEqual(kernel("kworker/u2:1", 23)(), { name: "kworker/u2:1", pid: 23 });
  assert.equal(kernel("sh", 23)(3), undefined, "user mode: FS is not the kernel's");
});

test("what cannot be a task is none", () => {
  assert.equal(kernel("", 1)(), undefined);
  assert.equal(kernel("a\x01b", 1)(), undefined);
  assert.equal(kernel("sixteen or more characters", 1)(), undefined);
  assert.equal(kernel("sh", 0xdeadbeef)(), undefined);
});
