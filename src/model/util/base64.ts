import { latin1 } from "./latin1.ts";

export const toBase64 = (bytes: Uint8Array): string => btoa(latin1(bytes));

/** Throws an error when it is not base64. */
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
