import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { builtInStations } from "../model/stations.ts";
import { type SourceFiles, SourceMap } from "./sources.ts";
import { makeSourceFiles } from "./testing/files.ts";
import { acrnMarkers, type Files, writeFiles } from "./testing/trees.ts";

/** Checkouts of older releases of acrn-hypervisor: their names and files, with the stations of the registry. */

const stations = builtInStations.all;
const station = (id: string) => stations.find((it) => it.id === id) ?? assert.fail(`no station ${id}`);

/** Definitions as in ACRN, one function every four lines; `calls` is the body. */
const file = (...functions: readonly (readonly [name: string, calls?: string])[]): string =>
  functions.map(([name, calls = ""]) => `int32_t ${name}(struct acrn_vm *vm)\n{\n\t${calls}\n}\n`).join("");

const release2: Files = {
  ...acrnMarkers,
  VERSION: "MAJOR_VERSION=2\nMINOR_VERSION=0\nEXTRA_VERSION=\n",
  "hypervisor/arch/x86/guest/vlapic.c": file(
    ["vlapic_calc_dest"],
    ["vlapic_receive_intr", "vlapic_calc_dest(vm);"],
    ["vlapic_intr_msi", "vlapic_receive_intr(vm);"],
  ),
  "hypervisor/arch/x86/guest/vmx_io.c": file(["arch_fire_vhm_interrupt"]),
  "hypervisor/arch/x86/guest/vmcall.c": file(
    ["dispatch_sos_hypercall", "dispatch->handler(vm);"],
    ["vmcall_vmexit_handler", "return dispatch_sos_hypercall(vm);"],
  ),
  "hypervisor/common/hypercall.c": file(["hcall_inject_msi", "return vlapic_intr_msi(vm);"]),
  "hypervisor/debug/hypercall.c": file(["hcall_setup_sbuf", "return sbuf_share_setup(vm) + sbuf_check(vm);"]),
  "hypervisor/release/hypercall.c": file(["hcall_setup_sbuf"]),
  "hypervisor/debug/sbuf.c": file(["sbuf_put"]),
  "hypervisor/dm/vpci/vpci.c": file(
    ["pci_cfgaddr_io_read"],
    ["pci_cfgaddr_io_write"],
    ["pci_cfgdata_io_read"],
    ["pci_cfgdata_io_write"],
  ),
};

let files: SourceFiles;
const open: SourceMap[] = [];
before(async () => {
  files = await makeSourceFiles();
});
after(() => Promise.all(open.map((map) => map.dispose())));

async function mapOf(tree: Files) {
  const root = writeFiles(tree);
  const map = await SourceMap.create({ workspaceFolders: [root], prefer: "checkout", files, stations });
  open.push(map);
  await map.ready;
  const where = (id: string): string => {
    const found = map.resolve(station(id));
    if (found.kind !== "found" || found.origin !== "checkout") return "not in the checkout";
    return `${found.name} ${found.path.slice(join(root, "/").length)}:${found.line}`;
  };
  return { map, root, where };
}

test("functions are found under the names of older releases, in the files they had there", async () => {
  const { where } = await mapOf(release2);
  const vpci = "hypervisor/dm/vpci/vpci.c";
  assert.equal(where("vpci_pio_cfgaddr_read"), `pci_cfgaddr_io_read ${vpci}:1`);
  assert.equal(where("vpci_pio_cfgaddr_write"), `pci_cfgaddr_io_write ${vpci}:5`);
  assert.equal(where("vpci_pio_cfgdata_read"), `pci_cfgdata_io_read ${vpci}:9`);
  assert.equal(where("vpci_pio_cfgdata_write"), `pci_cfgdata_io_write ${vpci}:13`);
  const vlapic = "hypervisor/arch/x86/guest/vlapic.c";
  assert.equal(where("vlapic_calc_dest_noshort"), `vlapic_calc_dest ${vlapic}:1`);
  assert.equal(where("vlapic_inject_msi"), `vlapic_intr_msi ${vlapic}:9`);
  assert.equal(where("inject_msi_for_non_lapic_pt"), `vlapic_intr_msi ${vlapic}:9`);
  assert.equal(where("arch_fire_hsm_interrupt"), "arch_fire_vhm_interrupt hypervisor/arch/x86/guest/vmx_io.c:1");
  assert.equal(where("dispatch_hypercall"), "dispatch_sos_hypercall hypervisor/arch/x86/guest/vmcall.c:1");
  assert.equal(where("sbuf_put"), "sbuf_put hypervisor/debug/sbuf.c:1");
  assert.equal(where("hcall_setup_sbuf"), "hcall_setup_sbuf hypervisor/debug/hypercall.c:1");
  assert.equal(where("get_asyncio_desc"), "not in the checkout");
});

test("callers stand on the calls by the older names", async () => {
  const { map } = await mapOf(release2);
  const line = (caller: string, callee: string) => {
    const site = map.callSite(station(caller), station(callee));
    return site.kind === "found" && site.origin === "checkout" ? site.line : undefined;
  };
  assert.equal(line("hcall_inject_msi", "vlapic_inject_msi"), 3);
  assert.equal(line("inject_msi_for_non_lapic_pt", "vlapic_receive_intr"), 11);
  assert.equal(line("vlapic_receive_intr", "vlapic_calc_dest_noshort"), 7);
  assert.equal(line("vmcall_vmexit_handler", "dispatch_hypercall"), 7);
});

test("a function that took over an older name is not taken for the renamed one", async () => {
  const vlapic = "hypervisor/arch/x86/guest/vlapic.c";
  const { where } = await mapOf({ ...release2, [vlapic]: file(["vlapic_calc_dest"], ["vlapic_calc_dest_noshort"]) });
  assert.equal(where("vlapic_calc_dest_noshort"), `vlapic_calc_dest_noshort ${vlapic}:5`);
});
