import assert from "node:assert/strict";
import { test } from "node:test";
import type { StationReference } from "../../debug-adapter/protocol-stations.ts";
import { findFunctions, stationNamed, stationsOf } from "./find-functions.ts";

const station = (id: string, layer: StationReference["layer"], file: string, aliases?: string[]): StationReference => ({
  ...{ id, layer, file, repository: "r", about: "", contexts: [] },
  ...(aliases === undefined ? {} : { aliases }),
});
const STATIONS = [
  station("emulate_io", "hypervisor", "hypervisor/dm/io_req.c"),
  station("arch_fire_hsm_interrupt", "hypervisor", "hypervisor/arch/x86/guest/vmx_io.c", ["fire_vhm_interrupt"]),
  station("vm_loop", "device-model", "devicemodel/core/main.c"),
  station("sysvec_acrn_hv_callback", "service-vm", "arch/x86/kernel/cpu/acrn.c", ["acrn_hv_vector_handler"]),
  station("acrn_ioreq_dispatch", "service-vm", "drivers/virt/acrn/ioreq.c"),
  station("virtqueue_add_split", "guest", "drivers/virtio/virtio_ring.c", ["virtqueue_add"]),
];

function find(path: string, text: string): string[] {
  const functions = findFunctions(text, path, stationsOf(path, STATIONS));
  return functions.map(({ station: { id }, name, line, start, end }) => {
    assert.equal(text.split("\n")[line].slice(start, end), name);
    return id === name ? `${line + 1} ${id}` : `${line + 1} ${id} as ${name}`;
  });
}

test("a station is found under its own name and under an older one", () => {
  const sysvec = "DEFINE_IDTENTRY_SYSVEC(sysvec_acrn_hv_callback)\n{\n}\n";
  assert.deepEqual(find("/linux/arch/x86/kernel/cpu/acrn.c", sysvec), ["1 sysvec_acrn_hv_callback"]);
  const old = "__visible void __irq_entry acrn_hv_vector_handler(struct pt_regs *regs)\n{\n}\n";
  assert.deepEqual(find("/linux/arch/x86/kernel/cpu/acrn.c", old), [
    "1 sysvec_acrn_hv_callback as acrn_hv_vector_handler",
  ]);
});

test("a file counts as what its path ends with; in ACRN functions move between files of a layer", () => {
  const text = "int emulate_io(void)\n{\n}\nint vm_loop(void)\n{\n}\nvoid fire_vhm_interrupt(void)\n{\n}\n";
  assert.deepEqual(find("/acrn/hypervisor/arch/x86/io.c", text), ["1 emulate_io"]);
  assert.deepEqual(find("/acrn/hypervisor/arch/x86/guest/vmx_io.c", text), [
    "1 emulate_io",
    "7 arch_fire_hsm_interrupt as fire_vhm_interrupt",
  ]);
  assert.deepEqual(find("/acrn/devicemodel/core/main.c", text), ["4 vm_loop"]);
  assert.deepEqual(find("/linux/drivers/virt/acrn/ioreq.c", "void acrn_ioreq_dispatch(void)\n{\n}"), [
    "1 acrn_ioreq_dispatch",
  ]);
  assert.deepEqual(find("/linux/drivers/virt/acrn/other.c", "void acrn_ioreq_dispatch(void)\n{\n}"), []);
  assert.deepEqual(find("/elsewhere/io_req.c", text), []);
});

test("an alias is another function where the station is under its own name", () => {
  const path = "/linux/drivers/virtio/virtio_ring.c";
  const old = "static int virtqueue_add(void)\n{\n}\n";
  assert.deepEqual(find(path, old), ["1 virtqueue_add_split as virtqueue_add"]);
  const both = `${old}static int virtqueue_add_split(void)\n{\n}\n`;
  assert.deepEqual(find(path, both), ["4 virtqueue_add_split"]);
  const named = (name: string, text: string) => stationNamed(name, text, stationsOf(path, STATIONS))?.id;
  assert.equal(named("virtqueue_add", old), "virtqueue_add_split");
  assert.equal(named("virtqueue_add", both), undefined);
  assert.equal(named("virtqueue_add_split", both), "virtqueue_add_split");
});

test("a file that is too long is left alone", () => {
  const path = "/acrn/hypervisor/dm/io_req.c";
  const definition = "int emulate_io(void)\n{\n}\n";
  assert.deepEqual(find(path, definition), ["1 emulate_io"]);
  assert.deepEqual(find(path, definition.padEnd(3_000_000)), []);
});
