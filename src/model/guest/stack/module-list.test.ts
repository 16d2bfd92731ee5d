import assert from "node:assert/strict";
import { test } from "node:test";
import { SymbolTable } from "./kallsyms.ts";
import { Symbolizer } from "./symbolizer.ts";

/** The whole of the guest's memory is seen at the kernel's place. */
const BASE = 0xc0000000;
const HEAD = 0x4000;
const STRUCT = 0x400;
/** Where `struct module` keeps `kallsyms`, and the `struct mod_kallsyms` after its init. */
const KALLSYMS = 0x98;
const CORE = 0x9c;
const paging = { cr0: 0x80000000, cr3: 0x1000, cr4: 1 << 4 };
const FUNCTIONS = ["print_modules", "find_module_all", "do_init_module", "free_module"];

/** A kernel with an empty list of modules, and one that was recorded with a console's driver. */
class Kernel {
  readonly bytes = new Uint8Array(0x40000);
  readonly view = new DataView(this.bytes.buffer);
  readonly symbolizer: Symbolizer;
  #loaded: number[] = [];

  constructor() {
    this.#word(0x1000 + 0x300 * 4, 0x83);
    for (const [i] of FUNCTIONS.entries()) {
      // mov $0x12345678, %eax; mov $modules, %ebx
      this.bytes.set([0xb8, 0x78, 0x56, 0x34, 0x12, 0xbb], 0x2000 + 0x100 * i);
      this.#word(0x2000 + 0x100 * i + 6, BASE + HEAD);
    }
    this.#link();
    this.symbolizer = new Symbolizer({ size: this.bytes.length, bytes: this.bytes, view: this.view });
    const kernel = FUNCTIONS.map((name, i) => `${(BASE + 0x2000 + 0x100 * i).toString(16)} T ${name}`);
    this.symbolizer.use(SymbolTable.parse([...kernel, "d0800000 t mycons_probe\t[mycons]"].join("\n")), false);
  }

  #word(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  #text(at: number, text: string): void {
    this.bytes.set(new TextEncoder().encode(`${text}\0`), at);
  }

  #link(): void {
    const ring = [HEAD, ...this.#loaded.map((module) => module + 4)];
    for (const [i, entry] of ring.entries()) {
      this.#word(entry, BASE + ring[(i + 1) % ring.length]);
      this.#word(ring[(i + 1) % ring.length] + 4, BASE + entry);
    }
  }

  /** Loads a module, whose functions lie at these places. */
  load(module: number, name: string, functions: { readonly [name: string]: number }): void {
    const [symbols, names, types] = [module + STRUCT, module + STRUCT + 0x200, module + STRUCT + 0x300];
    this.bytes.fill(0, module, module + 0x800);
    this.#text(module + 12, name);
    this.#word(module + KALLSYMS, BASE + module + CORE);
    const list = Object.entries(functions);
    for (const [i, value] of [symbols, list.length + 1, names, types].entries()) {
      this.#word(module + CORE + 4 * i, i === 1 ? value : BASE + value);
    }
    let at = 1;
    for (const [i, [symbol, address]] of list.entries()) {
      for (const [j, value] of [at, address, 0x20].entries()) this.#word(symbols + 16 * (i + 1) + 4 * j, value);
      this.bytes[types + i + 1] = 0x74;
      this.#text(names + at, symbol);
      at += symbol.length + 1;
    }
    this.#loaded.unshift(module);
    this.#link();
  }

  unload(module: number): void {
    this.#loaded = this.#loaded.filter((other) => other !== module);
    this.#link();
  }

  addressOf(name: string): number[] {
    return this.symbolizer.table?.functionsNamed(name, 9).map(({ address }) => address) ?? [];
  }
}

test("a module is known where it is, from the moment it is in the kernel's list", () => {
  const kernel = new Kernel();
  const { symbolizer } = kernel;
  assert.equal(symbolizer.unloadedModuleOf("mycons_probe"), "mycons");
  assert.equal(symbolizer.refresh(paging), true);
  assert.deepEqual([symbolizer.refresh(paging), kernel.addressOf("mycons_probe")], [false, []]);
  kernel.load(0x8000, "mycons", {
    mycons_probe: BASE + 0x10000,
    init_module: BASE + 0x10020,
    mycons_init: BASE + 0x10020,
  });
  assert.equal(symbolizer.refresh(paging), true);
  assert.deepEqual(kernel.addressOf("mycons_probe"), [BASE + 0x10000]);
  assert.equal(symbolizer.unloadedModuleOf("mycons_probe"), undefined);
  const at = (offset: number) => symbolizer.locate(paging, BASE + offset)?.symbol;
  assert.deepEqual([at(0x1000a)?.name, at(0x1000a)?.module], ["mycons_probe", "mycons"]);
  // Of two names the one that says more; and nothing behind the function's end.
  assert.deepEqual([at(0x10021)?.name, at(0x10041)], ["mycons_init", undefined]);
  assert.equal(at(0x2002)?.name, "print_modules");
});

test("one that is freed is gone at once, and one that comes back is where it is now", () => {
  const kernel = new Kernel();
  const { symbolizer } = kernel;
  kernel.load(0x8000, "other", { other: BASE + 0x12000 });
  kernel.load(0x9000, "mycons", { mycons_probe: BASE + 0x10000 });
  symbolizer.refresh(paging);
  // free_module is entered: it is still in the list.
  assert.equal(symbolizer.refresh(paging, BASE + 0x9000), true);
  assert.deepEqual([kernel.addressOf("mycons_probe"), kernel.addressOf("other")], [[], [BASE + 0x12000]]);
  assert.equal(symbolizer.unloadedModuleOf("mycons_probe"), "mycons");
  assert.equal(symbolizer.refresh(paging), false);
  kernel.unload(0x9000);
  assert.equal(symbolizer.refresh(paging), false);
  kernel.load(0x9000, "mycons", { mycons_probe: BASE + 0x14000 });
  assert.equal(symbolizer.refresh(paging), true);
  assert.deepEqual(kernel.addressOf("mycons_probe"), [BASE + 0x14000]);
});

test("a list that does not come back to its head, and symbols that are none, are not believed", () => {
  const kernel = new Kernel();
  kernel.load(0x8000, "mycons", { mycons_probe: BASE + 0x10000 });
  kernel.view.setUint32(0x8004, 0x1000, true);
  assert.equal(kernel.symbolizer.refresh(paging), false);
  const other = new Kernel();
  other.load(0x8000, "mycons", { mycons_probe: BASE + 0x10000 });
  other.view.setUint32(0x8000 + CORE + 4, 0xffffffff, true);
  assert.equal(other.symbolizer.refresh(paging), true);
  assert.deepEqual(other.addressOf("mycons_probe"), []);
});
