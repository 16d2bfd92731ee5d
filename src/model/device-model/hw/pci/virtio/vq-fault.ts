import { hex } from "../../../core/log.ts";

/** What vq_has_descs and vq_getchain find wrong, as values. */

/** Where a descriptor is: in the queue's table, or the entry of the indirect table that one in the queue's table names. */
export interface DescriptorPlace {
  readonly descriptor: number;
  /** Undefined for the queue's own table. */
  readonly entry: number | undefined;
}

/** A descriptor with what it says of a buffer or table. `limit`: bytes of guest RAM. */
interface Memory {
  /** Guest-physical. */
  readonly address: bigint;
  /** Bytes. */
  readonly length: number;
  readonly limit: number;
}

/**
 * What the driver has done wrong. With `availAhead` nothing was taken and last_avail stays; any other chain is consumed
 * although it never reaches the used ring.
 */
export type VqFault =
  /** avail.idx is further ahead of last_avail than the queue is long. */
  | {
      readonly kind: "availAhead";
      readonly by: "vq_has_descs" | "vq_getchain";
      readonly ahead: number;
      readonly limit: number;
    }
  /** Head, or `next` of descriptor `after`, is beyond the queue's table of `limit`. */
  | {
      readonly kind: "index";
      readonly index: number;
      readonly after: number | undefined;
      readonly limit: number;
    }
  /** More descriptors than acrn-dm follows. */
  | { readonly kind: "loop"; readonly count: number; readonly limit: number }
  /** INDIRECT, which the device does not offer. */
  | { readonly kind: "indirectNotOffered"; readonly descriptor: number }
  /** An indirect table of no, or of parts of, descriptors. */
  | { readonly kind: "indirectLength"; readonly descriptor: number; readonly length: number }
  | ({ readonly kind: "indirectOutsideRam"; readonly descriptor: number } & Memory)
  /** INDIRECT in an indirect table. */
  | { readonly kind: "indirectNested"; readonly descriptor: number; readonly entry: number }
  /** `next` of an entry is beyond the indirect table of `limit`. */
  | {
      readonly kind: "indirectNext";
      readonly descriptor: number;
      readonly entry: number;
      readonly next: number;
      readonly limit: number;
    }
  /** The buffer begins outside of RAM. */
  | ({ readonly kind: "addressOutsideRam" } & DescriptorPlace & Memory)
  /** It begins in RAM and ends beyond it. */
  | ({ readonly kind: "lengthBeyondRam" } & DescriptorPlace & Memory)
  /** The chain has more buffers than the device takes; the descriptor is the first too many. */
  | ({ readonly kind: "tooManyBuffers"; readonly limit: number } & DescriptorPlace);

/** What acrn-dm says of it; `name`: of the device. */
export function vqFaultMessage(name: string, fault: VqFault): string {
  switch (fault.kind) {
    case "availAhead":
      return fault.by === "vq_has_descs"
        ? `${name}: no valid descriptor`
        : `${name}: ndesc (${fault.ahead}) out of range, driver confused?`;
    case "index":
      return `${name}: descriptor index ${fault.index} out of range, driver confused?`;
    case "loop":
      return `${name}: descriptor loop? count > ${fault.count} - driver confused?`;
    case "indirectNotOffered":
      return `${name}: descriptor has forbidden INDIRECT flag, driver confused?`;
    case "indirectLength":
      return `${name}: invalid indir len ${hex(fault.length)}, driver confused?`;
    case "indirectOutsideRam":
      return `${name} cannot get host memory`;
    case "indirectNested":
      return `${name}: indirect desc has INDIR flag, driver confused?`;
    case "indirectNext":
      return `${name}: invalid next ${fault.next} > ${fault.limit}, driver confused?`;
    case "addressOutsideRam":
    case "lengthBeyondRam":
    case "tooManyBuffers":
      return `${name}: mapping to host failed`;
  }
}
