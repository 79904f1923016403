import { close, closePayload, frame, text } from "../support/websocket-frames.ts";
import { chopped, closeEvent, failEvent, messageEvent, type WebSocketCase } from "./websocket-case.ts";

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536];
const PROTOCOL_ERROR = [failEvent(1002)];
const HELLO = messageEvent("text", "Hello-world");
const BYE = closeEvent(1000);

const ping = (payload: string | Uint8Array = "") => frame({ opcode: 9, payload });
const pinged = (payload: string | Uint8Array = "") => messageEvent("ping", payload);
const fragment = (payload: string | Uint8Array, opcode: 0 | 1 | 2 = 0) => frame({ fin: 0, opcode, payload });
const last = (payload: string | Uint8Array) => frame({ opcode: 0, payload });
const hello = text("Hello-world");

const sizes: WebSocketCase[] = SIZES.flatMap((size, index) => {
  const letters = "*".repeat(size);
  const octets = Buffer.alloc(size, 0xfe);
  return [
    {
      id: `1.1.${index + 1}`,
      name: `text of ${size} bytes`,
      frames: [text(letters), close(1000)],
      expect: [messageEvent("text", letters), BYE],
    },
    {
      id: `1.2.${index + 1}`,
      name: `binary of ${size} bytes`,
      frames: [frame({ opcode: 2, payload: octets }), close(1000)],
      expect: [messageEvent("binary", octets), BYE],
    },
  ];
});

const pings: WebSocketCase[] = [
  { id: "2.1", name: "an empty ping", frames: [ping(), close(1000)], expect: [pinged(), BYE] },
  { id: "2.2", name: "a ping", frames: [ping("Hello, world!"), close(1000)], expect: [pinged("Hello, world!"), BYE] },
  {
    id: "2.3",
    name: "a ping that is no text",
    frames: [ping(Buffer.of(0, 255, 254, 253, 252, 251, 0, 255)), close(1000)],
    expect: [pinged(Buffer.of(0, 255, 254, 253, 252, 251, 0, 255)), BYE],
  },
  {
    id: "2.4",
    name: "the longest ping",
    frames: [ping(Buffer.alloc(125, 0xfe)), close(1000)],
    expect: [pinged(Buffer.alloc(125, 0xfe)), BYE],
  },
  { id: "2.5", name: "a ping that is too long", frames: [ping(Buffer.alloc(126, 0xfe))], expect: PROTOCOL_ERROR },
  { id: "2.7", name: "an empty pong", frames: [frame({ opcode: 10 }), close(1000)], expect: ["pong", BYE] },
  {
    id: "2.8",
    name: "a pong nobody asked for",
    frames: [frame({ opcode: 10, payload: "unsolicited" }), close(1000)],
    expect: ["pong", BYE],
  },
  {
    id: "2.9",
    name: "a pong nobody asked for, then a ping",
    frames: [frame({ opcode: 10, payload: "unsolicited" }), ping("ping"), close(1000)],
    expect: ["pong", pinged("ping"), BYE],
  },
  {
    id: "2.10",
    name: "ten pings",
    frames: [...Array.from({ length: 10 }, (_, index) => ping(`payload-${index}`)), close(1000)],
    expect: [...Array.from({ length: 10 }, (_, index) => pinged(`payload-${index}`)), BYE],
  },
];

const reserved: WebSocketCase[] = [
  { id: "3.1", name: "RSV 1 on a text", frames: [frame({ rsv: 1, opcode: 1, payload: "a" })], expect: PROTOCOL_ERROR },
  {
    id: "3.2",
    name: "RSV 2 on a second text",
    frames: [hello, frame({ rsv: 2, opcode: 1, payload: "Hello-world" }), ping()],
    expect: [HELLO, ...PROTOCOL_ERROR],
  },
  {
    id: "3.3",
    name: "RSV 3 on a second text",
    frames: [hello, frame({ rsv: 3, opcode: 1, payload: "Hello-world" }), ping()],
    expect: [HELLO, ...PROTOCOL_ERROR],
  },
  {
    id: "3.4",
    name: "RSV 4 on a second text, without compression",
    frames: [hello, frame({ rsv: 4, opcode: 1, payload: "Hello-world" }), ping()],
    expect: [HELLO, ...PROTOCOL_ERROR],
  },
  {
    id: "3.5",
    name: "RSV 5 on a binary",
    frames: [frame({ rsv: 5, opcode: 2, payload: Buffer.alloc(8) })],
    expect: PROTOCOL_ERROR,
  },
  { id: "3.6", name: "RSV 6 on a ping", frames: [frame({ rsv: 6, opcode: 9 })], expect: PROTOCOL_ERROR },
  {
    id: "3.7",
    name: "RSV 7 on a close",
    frames: [frame({ rsv: 7, opcode: 8, payload: closePayload(1000) })],
    expect: PROTOCOL_ERROR,
  },
];

const opcodes: WebSocketCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => {
  const id = opcode < 8 ? `4.1.${opcode - 2}` : `4.2.${opcode - 10}`;
  return [
    {
      id,
      name: `opcode ${opcode} after a text`,
      frames: [hello, frame({ opcode }), ping()],
      expect: [HELLO, ...PROTOCOL_ERROR],
    },
    {
      id,
      name: `opcode ${opcode} with a payload`,
      frames: [frame({ opcode, payload: "reserved" })],
      expect: PROTOCOL_ERROR,
    },
  ];
});

const MESSAGE = messageEvent("text", "fragment1fragment2");
const FIVE = messageEvent("text", "fragment1fragment2fragment3fragment4fragment5");

const fragments: WebSocketCase[] = [
  {
    id: "5.1",
    name: "a ping in fragments",
    frames: [frame({ fin: 0, opcode: 9, payload: "fragment1" }), last("fragment2")],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.2",
    name: "a pong in fragments",
    frames: [frame({ fin: 0, opcode: 10, payload: "fragment1" }), last("fragment2")],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.3",
    name: "a text in two fragments",
    frames: [fragment("fragment1", 1), last("fragment2"), close(1000)],
    expect: [MESSAGE, BYE],
  },
  {
    id: "5.6",
    name: "a ping between two fragments",
    frames: [fragment("fragment1", 1), ping("ping"), last("fragment2"), close(1000)],
    expect: [pinged("ping"), MESSAGE, BYE],
  },
  {
    id: "5.9",
    name: "a last fragment of nothing",
    frames: [last("not a continuation"), hello],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.12",
    name: "a fragment of nothing",
    frames: [fragment("not a continuation"), hello],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.15",
    name: "a fragment after the last one",
    frames: [fragment("fragment1", 1), last("fragment2"), fragment("fragment3"), text("fragment4")],
    expect: [MESSAGE, ...PROTOCOL_ERROR],
  },
  {
    id: "5.16",
    name: "fragments before what they continue",
    frames: [fragment("fragment1"), fragment("fragment2", 1), last("fragment3")],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.17",
    name: "a last fragment before what it continues",
    frames: [last("fragment1"), fragment("fragment2", 1), last("fragment3")],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.18",
    name: "a text inside a text",
    frames: [fragment("fragment1", 1), text("fragment2")],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "5.19",
    name: "five fragments and two pings",
    frames: [
      fragment("fragment1", 1),
      fragment("fragment2"),
      ping("pongme 1!"),
      fragment("fragment3"),
      fragment("fragment4"),
      ping("pongme 2!"),
      last("fragment5"),
      close(1000),
    ],
    expect: [pinged("pongme 1!"), pinged("pongme 2!"), FIVE, BYE],
  },
  {
    id: "10.1.1",
    name: "64 KiB in fragments of 1300 bytes",
    frames: [...inFragments("*".repeat(65_536), 1_300), close(1000)],
    expect: [messageEvent("text", "*".repeat(65_536)), BYE],
  },
];

/** What Autobahn asks again, the client writing little by little. */
const CHOPPED: readonly (readonly [id: string, of: string, chopBytes: number])[] = [
  ["1.1.8", "1.1.7", 997],
  ["1.2.8", "1.2.7", 997],
  ["2.6", "2.4", 1],
  ["2.11", "2.10", 1],
  ["5.4", "5.3", 1],
  ["5.5", "5.3", 1],
  ["5.7", "5.6", 1],
  ["5.8", "5.6", 1],
  ["5.10", "5.9", 1],
  ["5.11", "5.9", 1],
  ["5.13", "5.12", 1],
  ["5.14", "5.12", 1],
  ["5.20", "5.19", 1],
];

const written = [...sizes, ...pings, ...fragments];
const littleByLittle = CHOPPED.map(([id, of, chopBytes]) =>
  chopped(
    id,
    written.find((each) => each.id === of),
    chopBytes,
  ),
);

/** What RFC 6455 §5.1 and §5.2 say of masks and lengths, which Autobahn does not ask. */
const headers: WebSocketCase[] = [
  { id: "own", name: "a frame without a mask", frames: [frame({ opcode: 1, mask: null })], expect: PROTOCOL_ERROR },
  {
    id: "own",
    name: "16 bits that say 125",
    frames: [frame({ opcode: 2, payload: Buffer.alloc(125), lengthBytes: 2 })],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "own",
    name: "64 bits that say 65535",
    frames: [frame({ opcode: 2, payload: Buffer.alloc(65_535), lengthBytes: 8 })],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "own",
    name: "a length with its highest bit set",
    frames: [frame({ opcode: 2, announcedBytes: 2n ** 63n })],
    expect: PROTOCOL_ERROR,
  },
  {
    id: "own",
    name: "the largest length there is",
    frames: [frame({ opcode: 2, announcedBytes: 2n ** 63n - 1n })],
    expect: [failEvent(1009)],
  },
  {
    id: "own",
    name: "a length that 32 bits would cut to 5",
    frames: [frame({ opcode: 2, announcedBytes: 2n ** 32n + 5n })],
    expect: [failEvent(1009)],
  },
];

/** A text message as a client sends that never sends more than `fragmentBytes` in a frame. */
export function inFragments(payload: string, fragmentBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += fragmentBytes) {
    const fin = at + fragmentBytes >= payload.length ? 1 : 0;
    frames.push(frame({ fin, opcode: at === 0 ? 1 : 0, payload: payload.slice(at, at + fragmentBytes) }));
  }
  return frames;
}

export const WEBSOCKET_FRAMING_CASES: readonly WebSocketCase[] = [
  ...sizes,
  ...pings,
  ...reserved,
  ...opcodes,
  ...fragments,
  ...littleByLittle,
  ...headers,
];
