import { constants, deflateRawSync } from "node:zlib";
import { close, frame } from "../support/websocket-frames.ts";
import {
  closeEvent,
  CONFORMANCE_MESSAGE_BYTES_MAX,
  failEvent,
  messageEvent,
  type WebSocketCase,
} from "./websocket-case.ts";

const BYE = closeEvent(1000);
const RSV1 = 4;
const SIZES = [16, 1_024, 131_072];
const MESSAGE_COUNT = 3;
const JSON_LINE = '{"asctime":"2015-06-12 08:14:33","level":"INFO","message":"request served in 12 ms"}\n';

/** Messages compressed as a client does that forgets its window after each. */
const independent: WebSocketCase[] = SIZES.flatMap((size) =>
  [undefined, 256].map((fragmentBytes) => {
    const payload = JSON_LINE.repeat(Math.ceil(size / JSON_LINE.length)).slice(0, size);
    const sent = compressed(payload, fragmentBytes);
    return {
      id: "own",
      name: `${size} bytes of text compressed${fragmentBytes === undefined ? "" : " in fragments"}`,
      frames: [...Array.from({ length: MESSAGE_COUNT }, () => sent).flat(), close(1000)],
      expect: [...Array.from({ length: MESSAGE_COUNT }, () => messageEvent("text", payload)), BYE],
    };
  }),
);

const HELLO = messageEvent("text", "Hello");

/** The examples of RFC 7692 §7.2.3, and what they warn of. */
const examples: WebSocketCase[] = [
  {
    id: "own",
    name: "RFC 7692 §7.2.3.1: one compressed block",
    frames: [frame({ rsv: RSV1, opcode: 1, payload: Buffer.from("f248cdc9c90700", "hex") }), close(1000)],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "RFC 7692 §7.2.3.1: one compressed block in two fragments",
    frames: [
      frame({ fin: 0, rsv: RSV1, opcode: 1, payload: Buffer.from("f248cd", "hex") }),
      frame({ opcode: 0, payload: Buffer.from("c9c90700", "hex") }),
      close(1000),
    ],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "RFC 7692 §7.2.3.3: a block that is not compressed",
    frames: [frame({ rsv: RSV1, opcode: 1, payload: Buffer.from("000500faff48656c6c6f00", "hex") }), close(1000)],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "RFC 7692 §7.2.3.4: a block that says it is the last one",
    frames: [frame({ rsv: RSV1, opcode: 1, payload: Buffer.from("f348cdc9c9070000", "hex") }), close(1000)],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "RFC 7692 §7.2.3.5: two blocks",
    frames: [
      frame({ rsv: RSV1, opcode: 1, payload: Buffer.from("f248050000 00ffffcac9c90700".replace(" ", ""), "hex") }),
      close(1000),
    ],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "RFC 7692 §7.2.3.6: an empty message",
    frames: [frame({ rsv: RSV1, opcode: 1, payload: Buffer.of(0) }), close(1000)],
    expect: [messageEvent("text", ""), BYE],
  },
  {
    id: "own",
    name: "a message that is not compressed where compression was agreed on",
    frames: [frame({ opcode: 1, payload: "Hello" }), close(1000)],
    expect: [HELLO, BYE],
  },
  {
    id: "own",
    name: "a ping between two fragments of a compressed message",
    frames: [
      frame({ fin: 0, rsv: RSV1, opcode: 1, payload: Buffer.from("f248cd", "hex") }),
      frame({ opcode: 9, payload: "ping" }),
      frame({ opcode: 0, payload: Buffer.from("c9c90700", "hex") }),
      close(1000),
    ],
    expect: [messageEvent("ping", "ping"), HELLO, BYE],
  },
];

const refused: WebSocketCase[] = [
  {
    id: "own",
    name: "RSV1 on a continuation",
    frames: [
      frame({ fin: 0, rsv: RSV1, opcode: 1, payload: Buffer.from("f248cd", "hex") }),
      frame({ rsv: RSV1, opcode: 0, payload: Buffer.from("c9c90700", "hex") }),
    ],
    expect: [failEvent(1002)],
  },
  { id: "own", name: "RSV1 on a ping", frames: [frame({ rsv: RSV1, opcode: 9 })], expect: [failEvent(1002)] },
  {
    id: "own",
    name: "garbage for a compressed message",
    frames: [frame({ rsv: RSV1, opcode: 2, payload: Buffer.alloc(16, 0xff) })],
    expect: [failEvent(1007)],
  },
  {
    id: "own",
    name: "a compressed text that is no text",
    frames: [...compressed(Buffer.from("cebae1bdb9cf83eda080", "hex"))],
    expect: [failEvent(1007)],
  },
  {
    id: "own",
    name: "a bomb that would inflate to 64 MiB",
    frames: compressed(Buffer.alloc(64 * 1024 * 1024)),
    expect: [failEvent(1009)],
  },
  {
    id: "own",
    name: "a message that inflates to one byte more than allowed",
    frames: compressed("*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX + 1)),
    expect: [failEvent(1009)],
  },
  {
    id: "own",
    name: "a message of two streams that together inflate to one byte more than allowed",
    frames: streams("*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX / 2), "*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX / 2 + 1)),
    expect: [failEvent(1009)],
  },
  {
    id: "own",
    name: "a message of two streams, of which the first leaves no room",
    frames: streams("*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX), "*"),
    expect: [failEvent(1009)],
  },
  {
    id: "own",
    name: "a message of nothing but ends of streams",
    frames: [frame({ rsv: RSV1, opcode: 2, payload: Buffer.alloc(10_000, Buffer.of(3, 0)) })],
    expect: [failEvent(1007)],
  },
];

const fullSize: WebSocketCase[] = [
  {
    id: "own",
    name: "a message of two streams that together inflate to what is allowed",
    frames: [...streams("*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX - 1), "*"), close(1000)],
    expect: [messageEvent("text", "*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX)), BYE],
  },
  {
    id: "own",
    name: "a message that inflates to what is allowed",
    frames: [...compressed("*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX)), close(1000)],
    expect: [messageEvent("text", "*".repeat(CONFORMANCE_MESSAGE_BYTES_MAX)), BYE],
  },
];

/** For a connection that has agreed on compression without context takeover. */
export const WEBSOCKET_DEFLATE_CASES: readonly WebSocketCase[] = [...independent, ...examples, ...refused, ...fullSize];

/** A text message of several DEFLATE streams, each with its end: RFC 7692 §7.2.3.4. */
function streams(...contents: readonly string[]): Buffer[] {
  const payload = Buffer.concat([...contents.map((content) => deflateRawSync(content)), Buffer.of(0)]);
  return [frame({ rsv: RSV1, opcode: 1, payload })];
}

/** A text message compressed by itself, in one frame or in fragments. */
function compressed(content: string | Uint8Array, fragmentBytes: number = Infinity): Buffer[] {
  const deflated = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const frames: Buffer[] = [];
  for (let at = 0; at < deflated.length; at += fragmentBytes) {
    const payload = deflated.subarray(at, at + fragmentBytes);
    const isFirst = at === 0;
    const fin = at + fragmentBytes >= deflated.length ? 1 : 0;
    frames.push(frame({ fin, rsv: isFirst ? RSV1 : 0, opcode: isFirst ? 1 : 0, payload }));
  }
  return frames;
}
