/**
 * The states of a terminal that is sent text, and how they follow each other: those of xterm.js, which VS Code's terminal is
 * made of (its src/common/parser/EscapeSequenceParser.ts, after https://vt100.net/emu/dec_ansi_parser), where it matters.
 */
export interface State {
  readonly place: Place;
  /** By character; NOT_ASCII stands for all from it on. */
  readonly next: readonly State[];
}

/** `escape`: after an ESC. `sequence`: further in an escape or control sequence. `string`: in an OSC, DCS, SOS, PM or APC. */
export type Place = "ground" | "escape" | "sequence" | "string";

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
export const ESC = 0x1b;
export const CSI = 0x9b;
export const ST = 0x9c;
export const NOT_ASCII = 0xa0;

/** Takes the place of what would have ended a sequence, where that is taken out; the terminal shows nothing for it. */
export const CANCEL = String.fromCharCode(CAN);

type Rule = readonly [first: number, last: number, next: Name];

const PLACES = {
  ground: "ground",
  escape: "escape",
  escapeIntermediate: "sequence",
  csiEntry: "sequence",
  csiParam: "sequence",
  csiIntermediate: "sequence",
  /** Of a malformed control sequence, which does nothing. */
  csiIgnore: "sequence",
  osc: "string",
  sosPm: "string",
  dcsEntry: "string",
  dcsParam: "string",
  dcsIntermediate: "string",
  dcsBody: "string",
  apcEntry: "string",
  apcBody: "string",
} as const satisfies Record<string, Place>;

type Name = keyof typeof PLACES;

/** In all states, before their own rules. So C1 controls end strings, whatever else they mean. */
const ANYWHERE: readonly Rule[] = [
  [CAN, CAN, "ground"],
  [SUB, SUB, "ground"],
  [ESC, ESC, "escape"],
  [0x80, 0x9f, "ground"],
  [0x90, 0x90, "dcsEntry"],
  [0x98, 0x98, "sosPm"],
  [CSI, CSI, "csiEntry"],
  [0x9d, 0x9d, "osc"],
  [0x9e, 0x9e, "sosPm"],
  [0x9f, 0x9f, "apcEntry"],
];

/** What a state has no rule for leaves it as it is: C0 controls are obeyed within a sequence, DEL is ignored. Later rules win. */
const RULES: Readonly<Record<Name, readonly Rule[]>> = {
  ground: [],
  escape: [
    [0x20, 0x2f, "escapeIntermediate"],
    [0x30, 0x7e, "ground"],
    [0x50, 0x50, "dcsEntry"],
    [0x58, 0x58, "sosPm"],
    [0x5b, 0x5b, "csiEntry"],
    [0x5d, 0x5d, "osc"],
    [0x5e, 0x5e, "sosPm"],
    [0x5f, 0x5f, "apcEntry"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  escapeIntermediate: [
    [0x30, 0x7e, "ground"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  csiEntry: [
    [0x20, 0x2f, "csiIntermediate"],
    [0x30, 0x3f, "csiParam"],
    [0x40, 0x7e, "ground"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  csiParam: [
    [0x20, 0x2f, "csiIntermediate"],
    [0x3c, 0x3f, "csiIgnore"],
    [0x40, 0x7e, "ground"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  csiIntermediate: [
    [0x30, 0x3f, "csiIgnore"],
    [0x40, 0x7e, "ground"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  csiIgnore: [[0x40, 0x7e, "ground"]],
  osc: [[BEL, BEL, "ground"]],
  sosPm: [[NOT_ASCII, NOT_ASCII, "ground"]],
  dcsEntry: [
    [0x20, 0x2f, "dcsIntermediate"],
    [0x30, 0x3f, "dcsParam"],
    [0x40, 0x7e, "dcsBody"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  dcsParam: [
    [0x20, 0x2f, "dcsIntermediate"],
    [0x3c, 0x7e, "dcsBody"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  dcsIntermediate: [
    [0x30, 0x7e, "dcsBody"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  dcsBody: [],
  // Before xterm.js 6.1 a character that is not ASCII ends an APC wherever it is; what is shown after it is lost here.
  apcEntry: [
    [0x30, 0x7e, "apcBody"],
    [NOT_ASCII, NOT_ASCII, "ground"],
  ],
  apcBody: [],
};

export const STATES: Readonly<Record<Name, State>> = link();

function link(): Record<Name, State> {
  const names = Object.keys(PLACES) as Name[];
  const made = Object.fromEntries(
    names.map((name) => [name, { place: PLACES[name], next: [] as State[] }]),
  ) as unknown as Record<Name, { place: Place; next: State[] }>;
  for (const name of names) {
    const { next } = made[name];
    for (let code = 0; code <= NOT_ASCII; code++) next.push(made[name]);
    for (const [first, last, to] of [...ANYWHERE, ...RULES[name]]) next.fill(made[to], first, last + 1);
  }
  return made;
}
