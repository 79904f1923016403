import { describe, expect, test } from "bun:test";
import { createDeflateRaw, createInflateRaw } from "node:zlib";
import { Deflater } from "../../src/protocols/websocket/deflater.ts";
import { flushed } from "../support/flushed.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { frame } from "../support/websocket-frames.ts";
import { messageEvent } from "./websocket-case.ts";
import { WEBSOCKET_DEFLATE_CASES } from "./websocket-deflate-cases.ts";
import { readWebSocket } from "./websocket-reader.ts";

const WITHOUT_CONTEXT = { deflateWindowBytes: 0 };
const TAIL = Buffer.of(0, 0, 0xff, 0xff);

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
