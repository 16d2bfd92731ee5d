import assert from "node:assert/strict";
import { test } from "node:test";
import { IoreqType } from "../../src/model/abi/acrn.ts";
import { Rig, steps } from "./rig.ts";

/** Bus 0, device 3, function 1, register 0x10. */
const ADDRESS = 0x8000_1910;

test("0xCF8 is latched by hypervisor and HSM and completed without a client", () => {
  const rig = new Rig().start();
  const ids = steps(rig.record(() => rig.guest.cpus[0].outl(0xcf8, ADDRESS))).map((step) => step.split(" ").at(-1));
  assert.ok(ids.includes("vpci_pio_cfgaddr_write") && ids.includes("handle_cf8cfc"));
  assert.ok(!ids.includes("find_ioreq_client"));
  assert.equal(rig.hypervisor.userVm.vpci.addr, ADDRESS);
  assert.equal(rig.serviceVm.vmList[0].pciConfAddr, ADDRESS);
  assert.equal(rig.requests.length, 0);
});

test("reserved bits are masked by the hypervisor's latch; its read is answered there", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  cpu.outl(0xcf8, 0xff00_1913);
  assert.equal(rig.hypervisor.userVm.vpci.addr, 0x8000_1910);
  const ids = steps(rig.record(() => assert.equal(cpu.inl(0xcf8), 0x8000_1910)));
  assert.ok(!ids.some((step) => step.endsWith("acrn_insert_request")));
});

test("a data access becomes a PCICFG request for acrn-dm, in the slot's own bytes", () => {
  const rig = new Rig();
  const pci: number[] = [];
  rig.start(() => {
    for (const name of ["pci_bus", "pci_dev", "pci_func", "pci_reg"] as const) pci.push(rig.field(0, name));
    return 0xbeef;
  });
  const cpu = rig.guest.cpus[0];
  cpu.outl(0xcf8, ADDRESS | (2 << 16));
  assert.equal(cpu.inw(0xcfe), 0xbeef);
  assert.deepEqual(pci, [2, 3, 1, 0x12]);
  assert.equal(rig.requests[0].type, IoreqType.PCICFG);
  assert.equal(rig.requests[0].size, 2);
});

test("the hypervisor's latch is cleared by the data access: a second one never leaves it", () => {
  const rig = new Rig().start(() => 0x1234);
  const cpu = rig.guest.cpus[0];
  cpu.outl(0xcf8, ADDRESS);
  assert.equal(cpu.inl(0xcfc), 0x1234);
  assert.equal(cpu.inl(0xcfc), 0xffffffff);
  cpu.outl(0xcfc, 1);
  assert.equal(rig.requests.length, 1);
  assert.equal(rig.serviceVm.vmList[0].pciConfAddr, ADDRESS, "the HSM's latch stays");
});

test("without the enable bit, and when misaligned, a data access ends in the hypervisor", () => {
  const rig = new Rig().start(() => 0);
  const cpu = rig.guest.cpus[0];
  cpu.outl(0xcf8, 0x1910);
  assert.equal(cpu.inl(0xcfc), 0xffffffff);
  cpu.outl(0xcf8, ADDRESS);
  assert.equal(cpu.inl(0xcfd), 0xffffffff);
  assert.equal(rig.requests.length, 0);
});

test("other widths at 0xCF8 end in the hypervisor, and the reset port 0xCF9 belongs to acrn-dm", () => {
  const rig = new Rig().start();
  const cpu = rig.guest.cpus[0];
  cpu.outb(0xcf8, 1);
  assert.equal(cpu.inb(0xcf8), 0xff);
  assert.equal(rig.requests.length, 0);
  cpu.outb(0xcf9, 6);
  cpu.outb(0x64, 0xfe);
  assert.deepEqual(
    rig.requests.map(({ address, value }) => [address, value]),
    [
      [0xcf9, 6],
      [0x64, 0xfe],
    ],
  );
});

test("ECAM goes to acrn-dm as MMIO; misaligned it reads all ones", () => {
  const rig = new Rig().start(() => 0x1af4);
  const cpu = rig.guest.cpus[0];
  assert.equal(cpu.mmioRead(0xe000_0000, 2), 0x1af4);
  assert.equal(rig.requests[0].type, IoreqType.MMIO);
  assert.equal(cpu.mmioRead(0xe000_0001, 2), 0xffff);
  assert.equal(rig.requests.length, 1);
});
