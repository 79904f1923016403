import { close, closePayload, frame, text } from "../support/websocket-frames.ts";
import { closeEvent, failEvent, messageEvent, type WebSocketCase } from "./websocket-case.ts";

const HELLO = messageEvent("text", "Hello World!");
const BYE = closeEvent(1000);
const hello = text("Hello World!");
const ping = frame({ opcode: 9 });

/** In Autobahn's order. */
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
/** Where Autobahn lets servers do as they like. */
const CODES_NOT_JUDGED = [5000, 65_535];
/** Registered since, and what no frame may carry. */
const LATER_CODES = [1012, 1013, 1014];
const RESERVED_CODES = [1015];

const order: WebSocketCase[] = [
  { id: "7.1.1", name: "a text, then a close", frames: [hello, close(1000)], expect: [HELLO, BYE] },
  { id: "7.1.2", name: "two closes", frames: [close(1000), close(1000)], expect: [BYE] },
  { id: "7.1.3", name: "a ping after the close", frames: [close(1000), ping], expect: [BYE] },
  { id: "7.1.4", name: "a text after the close", frames: [close(1000), hello], expect: [BYE] },
  {
    id: "7.1.5",
    name: "a close between two fragments",
    frames: [
      frame({ fin: 0, opcode: 1, payload: "fragment1" }),
      close(1000),
      frame({ opcode: 0, payload: "fragment2" }),
    ],
    expect: [BYE],
  },
  {
    id: "7.1.6",
    name: "a large text, a text, a close and a ping",
    frames: [text("BAsd7&jh23".repeat(26_214)), hello, close(1000), ping],
    expect: [messageEvent("text", "BAsd7&jh23".repeat(26_214)), HELLO, BYE],
  },
  { id: "own", name: "garbage after the close", frames: [close(1000), Buffer.alloc(64, 0xff)], expect: [BYE] },
];

const payloads: WebSocketCase[] = [
  { id: "7.3.1", name: "a close without a code", frames: [close()], expect: [closeEvent(1005)] },
  {
    id: "7.3.2",
    name: "a close with half a code",
    frames: [frame({ opcode: 8, payload: "a" })],
    expect: [failEvent(1002)],
  },
  {
    id: "own",
    name: "a close with half a code that the next octet would complete",
    frames: [frame({ opcode: 8, payload: Buffer.of(0x03), mask: Buffer.alloc(4) }), Buffer.of(0xe8)],
    expect: [failEvent(1002)],
  },
  { id: "7.3.3", name: "a close with a code", frames: [close(1000)], expect: [BYE] },
  {
    id: "7.3.4",
    name: "a close with a reason",
    frames: [close(1000, "Hello World!")],
    expect: [closeEvent(1000, "Hello World!")],
  },
  {
    id: "7.3.5",
    name: "a close with the longest reason",
    frames: [close(1000, "*".repeat(123))],
    expect: [closeEvent(1000, "*".repeat(123))],
  },
  {
    id: "7.3.6",
    name: "a close with a reason that is too long",
    frames: [frame({ opcode: 8, payload: closePayload(1000, "*".repeat(124)), lengthBytes: 2 })],
    expect: [failEvent(1002)],
  },
  {
    id: "7.5.1",
    name: "a close with a reason that is no text",
    frames: [close(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex"))],
    expect: [failEvent(1007)],
  },
];

const codes: WebSocketCase[] = [
  ...VALID_CODES.map((code, index) => taken(`7.7.${index + 1}`, code)),
  ...INVALID_CODES.map((code, index) => refused(`7.9.${index + 1}`, code)),
  ...CODES_NOT_JUDGED.map((code, index) => refused(`7.13.${index + 1}`, code)),
  ...LATER_CODES.map((code) => taken("own", code)),
  ...RESERVED_CODES.map((code) => refused("own", code)),
];

function taken(id: string, code: number): WebSocketCase {
  return { id, name: `close code ${code}`, frames: [close(code)], expect: [closeEvent(code)] };
}

function refused(id: string, code: number): WebSocketCase {
  return { id, name: `close code ${code}`, frames: [close(code)], expect: [failEvent(1002)] };
}

export const WEBSOCKET_CLOSE_CASES: readonly WebSocketCase[] = [...order, ...payloads, ...codes];
