import { describe, expect, test } from "bun:test";
import { readWebSocket } from "../../../test/conformance/websocket-reader.ts";
import { close, frame, readFrames, text } from "../../../test/support/websocket-frames.ts";
import { Arena } from "../../kernel/arena.ts";
import { Segments } from "../../kernel/segments.ts";
import { AssemblyMemory } from "./assembly-memory.ts";
import { encodeClientFrame, encodeMessageHeader } from "./frame-encoder.ts";
import { MessageDecoder, type MessageSink } from "./message-decoder.ts";

class TextSink implements MessageSink {
  isHeld = false;
  readonly messages: string[] = [];
  /** Called with each message, before it is noted. */
  onText: (text: string) => void = () => {};

  onMessage(_kind: string, bytes: Buffer, start: number, end: number): void {
    const message = bytes.toString("latin1", start, end);
    this.onText(message);
    this.messages.push(message);
  }

  onPing(): void {
    this.messages.push("ping");
  }

  onPong(): void {}

  onCloseFrame(): void {
    this.messages.push("close");
  }
}

function decoderOf(memory = new AssemblyMemory(1024 * 1024), messageBytesMax = 1024 * 1024): MessageDecoder {
  return new MessageDecoder({ sender: "client", messageBytesMax, memory, inflater: null });
}

function segmentsOf(...frames: Buffer[]): Segments {
  const segments = new Segments();
  segments.append(Buffer.concat(frames));
  return segments;
}

describe("MessageDecoder", () => {
  test("hands over a message that arrived in one piece where it lies", () => {
    const bytes = text("Hello");
    const segments = new Segments();
    segments.append(bytes);
    const seen: Buffer[] = [];
    const sink = new TextSink();
    sink.onMessage = (_kind, message) => void seen.push(message);
    decoderOf().decode(segments, sink);
    expect(seen[0] === bytes).toBe(true);
  });

  test("decodes nothing while its sink is held, and goes on where it stopped", () => {
    const sink = new TextSink();
    const decoder = decoderOf();
    const segments = segmentsOf(text("one"), text("two"), text("three"));
    sink.onText = (message) => void (sink.isHeld = message === "two");
    decoder.decode(segments, sink);
    expect(sink.messages).toEqual(["one", "two"]);
    decoder.decode(segments, sink);
    expect(sink.messages).toEqual(["one", "two"]);
    sink.isHeld = false;
    decoder.decode(segments, sink);
    expect([sink.messages, segments.byteLength]).toEqual([["one", "two", "three"], 0]);
  });

  test("stops in the middle when its sink disposes of it", () => {
    const sink = new TextSink();
    const decoder = decoderOf();
    sink.onText = () => decoder.dispose();
    const segments = segmentsOf(text("one"), text("two"));
    decoder.decode(segments, sink);
    expect([sink.messages, segments.byteLength]).toEqual([["one"], 0]);
  });

  test.each([99, 100, 101])("takes messages of up to 100 bytes: one of %d in a frame, and in fragments", (length) => {
    const expected = length <= 100 ? "binary" : "fail 1009";
    const payload = Buffer.alloc(length);
    const whole = frame({ opcode: 2, payload });
    const parts = [
      frame({ fin: 0, opcode: 2, payload: payload.subarray(60) }),
      frame({ opcode: 0, payload: payload.subarray(0, 60) }),
    ];
    for (const frames of [[whole], parts]) {
      const { events, heldBytes } = readWebSocket(Buffer.concat(frames), [], { messageBytesMax: 100 });
      expect(events[0]!.slice(0, expected.length)).toBe(expected);
      expect(heldBytes).toBe(0);
    }
  });

  test("refuses an announced length at its header, and holds nothing for one that is allowed", () => {
    const header = (announcedBytes: bigint) => frame({ opcode: 2, announcedBytes, payload: "" });
    expect(readWebSocket(header(1_000_001n), [], { messageBytesMax: 1_000_000 }).events).toEqual(["fail 1009"]);
    const allowed = readWebSocket(header(1_000_000n), [], { messageBytesMax: 1_000_000 });
    expect(allowed).toEqual({ events: [], waitingBytes: 0, heldBytes: 0 });
  });

  test("holds about what has arrived of a message, not what it announces", () => {
    const bytes = frame({ opcode: 2, announcedBytes: 1_000_000n, payload: Buffer.alloc(5_000) });
    const { heldBytes } = readWebSocket(bytes, [2_000], {});
    expect(heldBytes).toBeGreaterThanOrEqual(5_000);
    expect(heldBytes).toBeLessThan(10_001);
  });

  test("fails the message for which there is no memory left, and no other", () => {
    const memory = new AssemblyMemory(3_100);
    const begin = (byteLength: number) => {
      const decoder = decoderOf(memory);
      decoder.decode(segmentsOf(frame({ fin: 0, opcode: 2, payload: Buffer.alloc(byteLength) })), new TextSink());
      return decoder;
    };
    const first = begin(2_000);
    expect(() => begin(2_000)).toThrow("unfinished ones fill their memory");
    begin(500);
    const sink = new TextSink();
    first.decode(segmentsOf(frame({ opcode: 0 })), sink);
    expect([sink.messages[0]!.length, memory.bytes]).toEqual([2_000, 1_024]);
  });

  test("gives back the memory of a message that is cut off by a close frame, or by dispose", () => {
    const memory = new AssemblyMemory(10_000);
    const beginning = frame({ fin: 0, opcode: 2, payload: Buffer.alloc(2_000) });
    decoderOf(memory).decode(segmentsOf(beginning, close(1000)), new TextSink());
    expect(memory.bytes).toBe(0);
    const decoder = decoderOf(memory);
    decoder.decode(segmentsOf(beginning), new TextSink());
    expect(memory.bytes).toBeGreaterThan(0);
    decoder.dispose();
    expect(memory.bytes).toBe(0);
  });

  test("reads what a server sends, and refuses it masked", () => {
    const memory = new AssemblyMemory(1_000);
    const decoder = new MessageDecoder({ sender: "server", messageBytesMax: 1_000, memory, inflater: null });
    const sink = new TextSink();
    decoder.decode(segmentsOf(frame({ opcode: 1, payload: "Hello", mask: null })), sink);
    expect(sink.messages).toEqual(["Hello"]);
    expect(() => decoder.decode(segmentsOf(text("Hello")), sink)).toThrow("servers mask no frame");
  });
});

describe("Frame encoders", () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])(
    "write %d bytes as an independent reader reads them",
    (length) => {
      const payload = Buffer.alloc(length, "payload ");
      const arena = new Arena();
      encodeMessageHeader(arena, { kind: "binary", isCompressed: false }, length);
      arena.writeBytes(payload);
      const { frames, restBytes } = readFrames(arena.bytes.subarray(0, arena.end));
      expect([frames, restBytes]).toEqual([[{ fin: 1, rsv: 0, opcode: 2, payload }], 0]);
    },
  );

  test.each([0, 1, 125, 126, 65_536])("write %d bytes as a client does", (length) => {
    const payload = Buffer.alloc(length, "payload ");
    const arena = new Arena();
    arena.writeUint8(0xff); // So that nothing begins at 0.
    encodeClientFrame(arena, { firstOctet: 0x82, key: 0x37fa213d }, payload, 0, length);
    const expected = frame({ opcode: 2, payload, mask: Buffer.of(0x37, 0xfa, 0x21, 0x3d) });
    expect(arena.bytes.subarray(1, arena.end).equals(expected)).toBe(true);
    expect(payload).toEqual(Buffer.alloc(length, "payload "));
  });
});
