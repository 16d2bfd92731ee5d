/** Characters at a time: so many arguments any call takes. */
const PIECE = 8192;

/** A character for each byte. (TextDecoder's "latin1" is windows-1252: it has others from 0x80 to 0x9f.) */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += characters(bytes.subarray(at, at + PIECE));
  return text;
}

/** Several times as fast as spreading them. */
const characters = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[]);
