import type { InterruptRoute } from "../../doors/guest.ts";

/**
 * Intel MultiProcessor Specification 1.4 tables: how the guest learns of its interrupt controllers without ACPI.
 * One processor, PCI bus 0, an ISA bus, one I/O APIC.
 */

const LOCAL_APIC = 0xfee00000;
const IOAPIC_ID = 1;
const PCI_BUS = 0;
const ISA_BUS = 1;
/** Active low, level-triggered: how acrn-dm drives INTx. */
const LEVEL_LOW = 0b1111;

class Writer {
  readonly bytes: number[] = [];
  u8(value: number): this {
    this.bytes.push(value & 0xff);
    return this;
  }
  u16(value: number): this {
    return this.u8(value).u8(value >> 8);
  }
  u32(value: number): this {
    return this.u16(value).u16(value >>> 16);
  }
  text(value: string, length: number): this {
    for (let i = 0; i < length; i++) this.u8(i < value.length ? value.charCodeAt(i) : 0x20);
    return this;
  }
}

const checksum = (bytes: readonly number[]): number =>
  (256 - (bytes.reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff;

/** The floating pointer structure followed by the configuration table, for physical address `address`. */
export function buildMpTable(address: number, ioapicAddress: number, routes: readonly InterruptRoute[]): Uint8Array {
  const entries = new Writer();
  let count = 0;
  const entry = (): Writer => {
    count++;
    return entries;
  };
  // Processor 0: enabled, bootstrap; signature and features are informational.
  entry().u8(0).u8(0).u8(0x14).u8(3).u32(0x600).u32(0x201).u32(0).u32(0);
  entry().u8(1).u8(PCI_BUS).text("PCI", 6);
  entry().u8(1).u8(ISA_BUS).text("ISA", 6);
  entry().u8(2).u8(IOAPIC_ID).u8(0x11).u8(1).u32(ioapicAddress);
  const interrupt = (bus: number, source: number, pin: number, flags: number): Writer =>
    entry().u8(3).u8(0).u16(flags).u8(bus).u8(source).u8(IOAPIC_ID).u8(pin);
  // The timer's IRQ 0 is wired to pin 2, as everywhere.
  for (let irq = 0; irq < 16; irq++) if (irq !== 2) interrupt(ISA_BUS, irq, irq === 0 ? 2 : irq, 0);
  for (const route of routes) interrupt(PCI_BUS, (route.slot << 2) | route.pin, route.ioapicPin, LEVEL_LOW);
  // Local interrupts: ExtINT on LINT0, NMI on LINT1.
  entry().u8(4).u8(3).u16(0).u8(ISA_BUS).u8(0).u8(0xff).u8(0);
  entry().u8(4).u8(1).u16(0).u8(ISA_BUS).u8(0).u8(0xff).u8(1);

  const table = new Writer()
    .text("PCMP", 4)
    .u16(44 + entries.bytes.length)
    .u8(4)
    .u8(0);
  table.text("ACRNVIRT", 8).text("WORKBENCH", 12).u32(0).u16(0).u16(count).u32(LOCAL_APIC).u16(0).u16(0);
  table.bytes.push(...entries.bytes);
  table.bytes[7] = checksum(table.bytes);

  const pointer = new Writer()
    .text("_MP_", 4)
    .u32(address + 16)
    .u8(1)
    .u8(4)
    .u8(0)
    .u8(0)
    .u32(0);
  pointer.bytes[10] = checksum(pointer.bytes);
  return Uint8Array.from([...pointer.bytes, ...table.bytes]);
}
