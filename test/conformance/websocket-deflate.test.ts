import { describe, expect, test } from "bun:test";
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";
import { agreeOnDeflate } from "../../src/protocols/websocket/deflate-agreement.ts";
import { Deflater } from "../../src/protocols/websocket/deflater.ts";
import { parseExtensions } from "../../src/protocols/websocket/extension-list.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { frame } from "../support/websocket-frames.ts";
import { messageEvent } from "./websocket-case.ts";
import { WEBSOCKET_DEFLATE_CASES } from "./websocket-deflate-cases.ts";
import { readWebSocket } from "./websocket-reader.ts";

const WITHOUT_CONTEXT = { deflateWindowBytes: 0 };
const TAIL = Buffer.of(0, 0, 0xff, 0xff);

/** The parameters of Autobahn 13.1 to 13.7: does the client ask for no context, and for which window? The last one offers several. */
const OFFERS: readonly (readonly [id: string, offer: string])[] = [
  ["13.1", "permessage-deflate"],
  ["13.2", "permessage-deflate; server_no_context_takeover"],
  ["13.3", "permessage-deflate; server_max_window_bits=9"],
  ["13.4", "permessage-deflate; server_max_window_bits=15"],
  ["13.5", "permessage-deflate; server_no_context_takeover; server_max_window_bits=9"],
  ["13.6", "permessage-deflate; server_no_context_takeover; server_max_window_bits=15"],
  [
    "13.7",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=8, permessage-deflate; server_no_context_takeover, permessage-deflate",
  ],
];

describe("WebSocket compression", () => {
  test.each(WEBSOCKET_DEFLATE_CASES.map((each) => [each.id, each.name, each] as const))(
    "%s: %s",
    (_id, _name, { frames, expect: events }) => {
      const bytes = Buffer.concat(frames);
      expect(readWebSocket(bytes, [], WITHOUT_CONTEXT)).toEqual({ events, waitingBytes: 0, heldBytes: 0 });
      const half = bytes.length >> 1;
      expect(readWebSocket(bytes, [1, half, half + 1], WITHOUT_CONTEXT).events).toEqual(events);
    },
  );

  test("reads the same byte by byte", () => {
    for (const { id, frames, expect: events } of WEBSOCKET_DEFLATE_CASES) {
      const bytes = Buffer.concat(frames);
      const everywhere = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      if (bytes.length < 20_000)
        expect([id, readWebSocket(bytes, everywhere, WITHOUT_CONTEXT).events]).toEqual([id, events]);
    }
  });

  // A real zlib stream is the client here: it keeps its context for as long as the connection lives.
  test.each(OFFERS)("%s: %s: both ends understand each other, message after message", async (_id, offer) => {
    const agreement = agreeOnDeflate(parseExtensions(offer)!, { takesOverContext: true, windowBits: 15 })!;
    const clientDeflate = createDeflateRaw({ windowBits: agreement.clientWindowBits });
    const clientInflate = createInflateRaw({ windowBits: agreement.serverWindowBits });
    const deflater = new Deflater({
      windowBits: agreement.serverWindowBits,
      takesOverContext: agreement.serverTakesOverContext,
      level: 6,
    });
    const payloads = Array.from({ length: 40 }, (_, index) => `${"message ".repeat(index * 17)}number ${index}`);
    const sent: Buffer[] = [];
    for (const payload of payloads) {
      sent.push(frame({ rsv: 4, opcode: 1, payload: (await flushed(clientDeflate, payload)).subarray(0, -4) }));
      const bytes = Buffer.from(payload);
      const answer = await flushed(clientInflate, Buffer.concat([deflater.deflate(bytes, 0, bytes.length), TAIL]));
      expect(answer.toString()).toBe(payload);
    }
    const { events } = readWebSocket(Buffer.concat(sent), [], { deflateWindowBytes: 1 << agreement.clientWindowBits });
    expect(events).toEqual(payloads.map((payload) => messageEvent("text", payload)));
  });

  test("a context that is taken over makes later messages smaller, and one that is not does not", () => {
    const bytes = Buffer.from('{"type":"position","latitude":52.520008,"longitude":13.404954}');
    const sizes = (takesOverContext: boolean) => {
      const deflater = new Deflater({ windowBits: 15, takesOverContext, level: 6 });
      return [deflater.deflate(bytes, 0, bytes.length).length, deflater.deflate(bytes, 0, bytes.length).length];
    };
    const [first, second] = sizes(true);
    expect(second!).toBeLessThan(first! / 4);
    expect(sizes(false)).toEqual([first!, first!]);
  });

  test("a message compressed elsewhere is not referred back to, nor past", async () => {
    const deflater = new Deflater({ windowBits: 15, takesOverContext: true, level: 6 });
    const shared = new Deflater({ windowBits: 15, takesOverContext: false, level: 6 });
    const inflate = createInflateRaw();
    const story = (count: number) => Buffer.from(`${count} times ${"upon a time and ".repeat(count)}the end`);
    const receive = async (payload: Buffer, bytes: Buffer) =>
      expect(await flushed(inflate, Buffer.concat([payload, TAIL]))).toEqual(bytes);
    const compress = (by: Deflater, bytes: Buffer) => receive(by.deflate(bytes, 0, bytes.length), bytes);
    await compress(deflater, story(1));
    await compress(shared, story(20));
    deflater.forget();
    await compress(deflater, story(3));
    await compress(deflater, story(4));
  });

  test("an empty message is compressed to the octet that RFC 7692 §7.2.3.6 says", () => {
    const deflater = new Deflater({ windowBits: 15, takesOverContext: false, level: 6 });
    const payload = deflater.deflate(Buffer.alloc(0), 0, 0);
    const { events } = readWebSocket(frame({ rsv: 4, opcode: 1, payload }), [], WITHOUT_CONTEXT);
    expect([payload.toString("hex"), events]).toEqual(["00", [messageEvent("text", "")]]);
  });

  test("a message that refers back past the window that was agreed on is refused", async () => {
    const clientDeflate = createDeflateRaw({ windowBits: 15 });
    const random = seededRandom(1);
    const far = Buffer.from(Array.from({ length: 2_000 }, () => random.below(256)));
    const sent: Buffer[] = [];
    for (const payload of [far, far]) {
      sent.push(frame({ rsv: 4, opcode: 2, payload: (await flushed(clientDeflate, payload)).subarray(0, -4) }));
    }
    const events = (deflateWindowBytes: number) =>
      readWebSocket(Buffer.concat(sent), [], { deflateWindowBytes }).events;
    expect(events(4_096)).toEqual([messageEvent("binary", far), messageEvent("binary", far)]);
    expect(events(512)).toEqual([messageEvent("binary", far), "fail 1007"]);
  });
});

/** What a zlib stream puts out for `content` up to a flush. */
async function flushed(stream: DeflateRaw | InflateRaw, content: string | Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  const take = (part: Buffer) => void parts.push(part);
  stream.on("data", take);
  stream.write(content);
  await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
  stream.off("data", take);
  return Buffer.concat(parts);
}
