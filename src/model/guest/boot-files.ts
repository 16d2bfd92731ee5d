import { joinArchives } from "./image/cpio.ts";
import type { Unpackers } from "./image/decompress.ts";
import { extractVmlinux, kernelFileKind } from "./image/vmlinux.ts";

export interface BootFiles {
  /** A 32-bit ELF vmlinux. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

/** What a boot is made from: the files' contents, and what the user calls the kernel. */
export interface BootSources {
  readonly kernel: Uint8Array;
  readonly kernelName: string;
  readonly initrd: Uint8Array | undefined;
  /** An archive whose files go over those of the initrd. */
  readonly overlay: Uint8Array | undefined;
}

/** Unpacks the kernel, vmlinux or bzImage, and puts the overlay behind the initrd. */
export function bootFiles({ kernel, kernelName, initrd, overlay }: BootSources, unpackers: Unpackers): BootFiles {
  const first = initrd ?? new Uint8Array(0);
  return {
    kernel: kernelFileKind(kernel) === "bzImage" ? extractVmlinux(kernel, unpackers, kernelName).vmlinux : kernel,
    initrd: overlay === undefined ? first : joinArchives(first, overlay),
  };
}
