const SETUP_SECTORS = 4;
const PAYLOAD_AT = 0x20;

/** The beginning of an ELF file of the given class, long enough to be compressed. */
export function elf(elfClass: 1 | 2 = 1): Buffer {
  return Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, elfClass, 1]), Buffer.alloc(500, 0x5a)]);
}

export function sizeField(unpacked: Uint8Array): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(unpacked.length);
  return field;
}

export function bzImage(payload: Uint8Array, version = 0x020f): Buffer {
  const head = Buffer.alloc((SETUP_SECTORS + 1) * 512 + PAYLOAD_AT);
  head[0x1f1] = SETUP_SECTORS;
  head.writeUInt16LE(0xaa55, 0x1fe);
  head[0x201] = 0x6a;
  head.write("HdrS", 0x202, "latin1");
  head.writeUInt16LE(version, 0x206);
  head.writeUInt32LE(PAYLOAD_AT, 0x248);
  head.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([head, payload, Buffer.alloc(100)]);
}
