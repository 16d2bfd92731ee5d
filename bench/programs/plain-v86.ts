import { readFile } from "node:fs/promises";
import type { InterruptRoute } from "../../src/model/doors/guest.ts";
import { enterKernel, loadBootImage } from "../../src/model/guest/boot/direct-boot.ts";
import { V86_IOAPIC_ADDRESS, type V86Cpu } from "../../src/model/guest/v86/v86-internals.ts";
import { FILES, MEMORY_MIB, WASM } from "../guest.ts";

/** What is used of v86's PCI host: `src/pci.js`. */
interface PlainCpu extends V86Cpu {
  readonly devices: { readonly pci: { readonly isa_bridge_space8: Uint8Array } };
}

/** What its types do not tell of an emulator. */
interface PlainEmulator {
  readonly v86: { readonly cpu: PlainCpu };
  readonly bus: { send(name: string, bytes: Uint8Array): void };
}

/** PIIX3 PIRQ route registers, which a BIOS would fill; INTA of v86's console, in slot 12, arrives at the last one. */
const PIRQ_ROUTE = 0x60;
const PIRQ_IRQ = 11;
const CONSOLE_SLOT = 12;

/** v86 as it comes, with its own devices, console and run loop; booted by the project's loader instead of a BIOS. */
export interface PlainV86 {
  /** Types into the guest's hvc0. */
  input(bytes: Uint8Array): void;
  destroy(): Promise<void>;
}

/** `output` is called with what the guest writes to hvc0, as the device gets it. */
export async function startPlainV86(commandLine: string, output: (bytes: Uint8Array) => void): Promise<PlainV86> {
  const { V86 } = await import("v86");
  const [kernel, initrd] = await Promise.all([readFile(FILES.vmlinux), readFile(FILES.initrd)]);
  const emulator = new V86({
    wasm_path: WASM,
    memory_size: MEMORY_MIB * 1024 * 1024,
    vga_memory_size: 1024 * 1024,
    autostart: false,
    acpi: true,
    virtio_console: true,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  } as unknown as ConstructorParameters<typeof V86>[0]);
  await new Promise<void>((resolve) => emulator.add_listener("emulator-ready", () => resolve()));
  emulator.add_listener("virtio-console0-output-bytes", output);
  const { v86, bus } = emulator as unknown as PlainEmulator;
  const { cpu } = v86;
  const memory = new Uint8Array(cpu.wasm_memory.buffer, cpu.mem8.byteOffset, cpu.memory_size[0] >>> 0);
  cpu.devices.pci.isa_bridge_space8.fill(PIRQ_IRQ, PIRQ_ROUTE, PIRQ_ROUTE + 4);
  const routes: InterruptRoute[] = [{ slot: CONSOLE_SLOT, pin: 0, ioapicPin: PIRQ_IRQ }];
  const entry = loadBootImage(memory, {
    kernel,
    kernelName: FILES.vmlinux,
    initrd,
    commandLine,
    ioapicAddress: V86_IOAPIC_ADDRESS,
    routes,
  });
  enterKernel(cpu, entry);
  await emulator.run();
  return {
    input: (bytes) => bus.send("virtio-console0-input-bytes", bytes),
    destroy: () => emulator.destroy(),
  };
}
