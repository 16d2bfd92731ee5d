import assert from "node:assert/strict";

/** Reads newc archives the way linux/init/initramfs.c does; zero padding between archives is skipped. */
export function readCpio(archive: Uint8Array): { name: string; mode: number; body: string }[] {
  const members: { name: string; mode: number; body: string }[] = [];
  const bytes = Buffer.from(archive);
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    assert.equal(at % 4, 0, "a header begins on a multiple of four");
    assert.equal(bytes.toString("latin1", at, at + 6), "070701");
    const field = (n: number): number => Number.parseInt(bytes.toString("latin1", at + 6 + n * 8, at + 14 + n * 8), 16);
    const nameSize = field(11);
    const name = bytes.toString("utf8", at + 110, at + 110 + nameSize - 1);
    assert.equal(bytes[at + 110 + nameSize - 1], 0, "the name ends with NUL");
    const start = (at + 110 + nameSize + 3) & ~3;
    const size = field(6);
    if (name !== "TRAILER!!!")
      members.push({ name, mode: field(1), body: bytes.toString("utf8", start, start + size) });
    at = (start + size + 3) & ~3;
  }
  return members;
}
