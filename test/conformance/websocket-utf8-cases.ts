import { close, frame, text } from "../support/websocket-frames.ts";
import { chopped, closeEvent, failEvent, messageEvent, type WebSocketCase } from "./websocket-case.ts";

const BYE = closeEvent(1000);

/** In hexadecimal, `+` before what is text. */
type Sequences = readonly string[];

const KOSME = "cebae1bdb9cf83cebcceb5";
/** How many of its octets end between two characters. */
const KOSME_ENDS: ReadonlySet<number> = new Set([2, 5, 7, 9, 11]);

/** Autobahn's sequences by the number of their section; its cases count them in this order. */
const SEQUENCES: Readonly<Record<string, Sequences>> = {
  "6.3": ["cebae1bdb9cf83cebcceb5eda080656469746564"],
  "6.4": ["cebae1bdb9cf83cebcceb5f4908080656469746564"],
  "6.5": ["24", "c2a2", "e282ac", "f0a4ada2"].map((hex) => `+68656c6c6f${hex}776f726c64`).concat(`+${KOSME}`),
  // All prefixes of a text.
  "6.6": Array.from({ length: KOSME.length / 2 }, (_, index) => {
    const prefix = KOSME.slice(0, 2 * (index + 1));
    return KOSME_ENDS.has(index + 1) ? `+${prefix}` : prefix;
  }),
  "6.7": ["+00", "+c280", "+e0a080", "+f0908080"],
  "6.8": ["f888808080", "fc8480808080"],
  "6.9": ["+7f", "+dfbf", "+efbfbf", "+f48fbfbf"],
  "6.10": ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"],
  "6.11": ["+ed9fbf", "+ee8080", "+efbfbd", "+f48fbfbf", "f4908080"],
  "6.12": ["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf", range(0x80, 0xbe)],
  "6.13": [spaced(0xc0, 0xde), spaced(0xe0, 0xee), spaced(0xf0, 0xf6), spaced(0xf8, 0xfa), spaced(0xfc, 0xfc)],
  "6.14": ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"],
  "6.15": ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"],
  "6.16": ["fe", "ff", "fefeffff"],
  "6.17": ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"],
  "6.18": ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"],
  "6.19": ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"],
  "6.20": ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"],
  "6.21": [
    "eda080edb080",
    "eda080edbfbf",
    "edadbfedb080",
    "edadbfedbfbf",
    "edae80edb080",
    "edae80edbfbf",
    "edafbfedb080",
    "edafbfedbfbf",
  ],
  // Code points that are no characters are text none the less.
  "6.22": Array.from({ length: 17 }, (_, plane) =>
    [0xfffe, 0xffff].map((low) => `+${hexOf(plane * 0x10000 + low)}`),
  ).flat(),
  "6.23": ["+efbfb9", "+efbfba", "+efbfbb", "+efbfbc", "+efbfbd", "+efbfbe", "+efbfbf"],
};

const empty: WebSocketCase[] = [
  { id: "6.1.1", name: "an empty text", frames: [text(""), close(1000)], expect: [messageEvent("text", ""), BYE] },
  {
    id: "6.1.2",
    name: "three empty fragments",
    frames: [frame({ fin: 0, opcode: 1 }), frame({ fin: 0, opcode: 0 }), frame({ opcode: 0 }), close(1000)],
    expect: [messageEvent("text", ""), BYE],
  },
  {
    id: "6.1.3",
    name: "a fragment between two empty ones",
    frames: [
      frame({ fin: 0, opcode: 1 }),
      frame({ fin: 0, opcode: 0, payload: "middle frame payload" }),
      frame({ opcode: 0 }),
      close(1000),
    ],
    expect: [messageEvent("text", "middle frame payload"), BYE],
  },
];

const GREEK = Buffer.from("Hello-µ@ßöäüàá-UTF-8!!");

const fragmented: WebSocketCase[] = [
  { id: "6.2.1", name: "a text", frames: [text(GREEK), close(1000)], expect: [messageEvent("text", GREEK), BYE] },
  {
    id: "6.2.2",
    name: "a text in two fragments",
    frames: [
      frame({ fin: 0, opcode: 1, payload: GREEK.subarray(0, 12) }),
      frame({ opcode: 0, payload: GREEK.subarray(12) }),
      close(1000),
    ],
    expect: [messageEvent("text", GREEK), BYE],
  },
  {
    id: "6.2.3",
    name: "a text in fragments of one octet",
    frames: [...octetFragments(GREEK), close(1000)],
    expect: [messageEvent("text", GREEK), BYE],
  },
  {
    id: "6.2.4",
    name: "characters cut by fragments",
    frames: [...octetFragments(Buffer.from("κόσμε")), close(1000)],
    expect: [messageEvent("text", "κόσμε"), BYE],
  },
  {
    id: "6.3.2",
    name: "an invalid text in fragments of one octet",
    frames: octetFragments(Buffer.from(SEQUENCES["6.3"]![0]!, "hex")),
    expect: [failEvent(1007)],
  },
  {
    id: "6.4.2",
    name: "a fragment that completes an impossible character, and none after it",
    frames: [
      frame({ fin: 0, opcode: 1, payload: Buffer.from("cebae1bdb9cf83cebcceb5f4", "hex") }),
      frame({ fin: 0, opcode: 0, payload: Buffer.of(0x90) }),
    ],
    expect: [failEvent(1007)],
  },
];

/** Sequences alone, and behind enough text that they are not looked at one by one. */
const BEFORE = ["", "long enough to be checked at once ".repeat(4)];

const sequences = BEFORE.flatMap((before) =>
  Object.entries(SEQUENCES).flatMap(([section, list]) =>
    list.map((sequence, index) => textCase(`${section}.${index + 1}`, sequence, before)),
  ),
);

/** Autobahn 6.4 in one frame, which the client writes in three parts, and octet by octet. */
const littleByLittle = [
  chopped(
    "6.4.3",
    sequences.find(({ id }) => id === "6.4.1"),
    10,
  ),
  chopped(
    "6.4.4",
    sequences.find(({ id }) => id === "6.4.1"),
    1,
  ),
];

export const WEBSOCKET_UTF8_CASES: readonly WebSocketCase[] = [
  ...empty,
  ...fragmented,
  ...sequences,
  ...littleByLittle,
];

function textCase(id: string, sequence: string, before: string): WebSocketCase {
  const isText = sequence.startsWith("+");
  const hex = isText ? sequence.slice(1) : sequence;
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from(hex, "hex")]);
  const name = `${hex.slice(0, 40)}${before && " behind a text"}`;
  if (!isText) return { id, name, frames: [text(bytes)], expect: [failEvent(1007)] };
  return { id, name, frames: [text(bytes), close(1000)], expect: [messageEvent("text", bytes), BYE] };
}

function octetFragments(bytes: Buffer): Buffer[] {
  return [...bytes].map((octet, index) =>
    frame({ fin: index === bytes.length - 1 ? 1 : 0, opcode: index === 0 ? 1 : 0, payload: Buffer.of(octet) }),
  );
}

function hexOf(codePoint: number): string {
  return Buffer.from(String.fromCodePoint(codePoint)).toString("hex");
}

function range(first: number, lastOctet: number): string {
  return Buffer.from(Array.from({ length: lastOctet - first + 1 }, (_, index) => first + index)).toString("hex");
}

function spaced(first: number, lastOctet: number): string {
  return Buffer.from(range(first, lastOctet).replace(/../g, "$&20"), "hex").toString("hex");
}
