import { describe, expect, test } from "bun:test";
import { createDeflateRaw, createInflateRaw } from "node:zlib";

import { agreeOnDeflate } from "../../src/protocols/websocket/deflate-agreement.ts";
import { Deflater } from "../../src/protocols/websocket/deflater.ts";
import { parseExtensions } from "../../src/protocols/websocket/extension-list.ts";
import { flushed } from "../support/flushed.ts";
import { frame } from "../support/websocket-frames.ts";
import { cutsEvery, messageEvent } from "./websocket-case.ts";
import { WEBSOCKET_COMPRESSION_CASES } from "./websocket-compression-cases.ts";
import { readWebSocket } from "./websocket-reader.ts";

/** Autobahn sends a thousand; the context of the first is all that the others add to it. */
const MESSAGE_COUNT = 3;
const TAIL = Buffer.of(0, 0, 0xff, 0xff);
const OPCODES = { text: 1, binary: 2 } as const;
const RSV1 = 4;

// A real zlib stream is the client here: it keeps its context for as long as the connection lives.
describe("WebSocket compression: both ends understand each other, message after message", () => {
  test.each(WEBSOCKET_COMPRESSION_CASES.map((each) => [each.id, each.name, each] as const))(
    "%s: %s",
    async (_id, _name, { offer, kind, content, messageBytes, fragmentBytes }) => {
      const agreement = agreeOnDeflate(parseExtensions(offer)!, { takesOverContext: true, windowBits: 15 })!;
      const clientDeflate = createDeflateRaw({ windowBits: agreement.clientWindowBits });
      const clientInflate = createInflateRaw({ windowBits: agreement.serverWindowBits });
      const deflater = new Deflater({
        windowBits: agreement.serverWindowBits,
        takesOverContext: agreement.serverTakesOverContext,
        level: 6,
      });
      const all = content(messageBytes * MESSAGE_COUNT);
      const messages = [0, 1, 2].map((index) => all.subarray(index * messageBytes, (index + 1) * messageBytes));
      const sent: Buffer[] = [];
      for (const message of messages) {
        sent.push(...inFrames((await flushed(clientDeflate, message)).subarray(0, -4), OPCODES[kind], fragmentBytes));
        const answer = deflater.deflate(message, 0, message.length);
        expect((await flushed(clientInflate, Buffer.concat([answer, TAIL]))).equals(message)).toBe(true);
      }
      const { events, waitingBytes, heldBytes } = readWebSocket(Buffer.concat(sent), [], {
        deflateWindowBytes: 1 << agreement.clientWindowBits,
      });
      expect(events).toEqual(messages.map((message) => messageEvent(kind, message)));
      expect([waitingBytes, heldBytes]).toEqual([0, 0]);
    },
  );
});

function inFrames(payload: Buffer, opcode: 1 | 2, fragmentBytes: number): Buffer[] {
  const size = fragmentBytes === 0 ? Infinity : fragmentBytes;
  return [0, ...cutsEvery(size, payload.length)].map((at, index) =>
    frame({
      fin: at + size >= payload.length ? 1 : 0,
      rsv: index === 0 ? RSV1 : 0,
      opcode: index === 0 ? opcode : 0,
      payload: payload.subarray(at, Math.min(payload.length, at + size)),
    }),
  );
}
