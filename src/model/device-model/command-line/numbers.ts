/** What strtol(3) or strtoul(3) make of a text: the number it starts with, and what follows. */
export interface LeadingNumber {
  readonly value: number;
  readonly rest: string;
}

const PATTERNS = {
  0: /^\s*([+-]?)(0x[0-9a-f]+|[0-9]+)/i,
  10: /^\s*([+-]?)([0-9]+)/,
} as const;

/** Base 0 takes 0x for hexadecimal and a leading 0 for octal. Undefined when the text starts with no number. */
export function leadingNumber(text: string, base: keyof typeof PATTERNS): LeadingNumber | undefined {
  const match = PATTERNS[base].exec(text);
  if (match === null) return undefined;
  let digits = match[2];
  let end = match[0].length;
  let value = Number(digits);
  if (base === 0 && /^0[0-9]/.test(digits)) {
    // As octal: the number ends before the first 8 or 9.
    const octal = /^[0-7]+/.exec(digits)?.[0] ?? "0";
    end -= digits.length - octal.length;
    digits = octal;
    value = Number.parseInt(digits, 8);
  }
  return { value: match[1] === "-" ? -value : value, rest: text.slice(end) };
}
