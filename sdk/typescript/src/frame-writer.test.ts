import { describe, expect, test } from "bun:test";

import { FrameSplitter } from "./frame-splitter.ts";
import { FrameTooLargeError, FrameWriter } from "./frame-writer.ts";
import { FrameError, readMap, textOf, type WireMap } from "./msgpack-reader.ts";

function framesOf(bytes: Uint8Array, pieceBytes: number = bytes.length): WireMap[] {
  const maps: WireMap[] = [];
  const splitter = new FrameSplitter(1 << 20, (...span) => maps.push(readMap(...span)));
  for (let at = 0; at < bytes.length; at += pieceBytes) splitter.push(Buffer.from(bytes.subarray(at, at + pieceBytes)));
  return maps;
}

function writeSample(writer: FrameWriter, text: string): void {
  writer.begin(5);
  writer.key("id");
  writer.uint(2 ** 40);
  writer.key("text");
  writer.text(text);
  writer.key("body");
  writer.bin(Uint8Array.of(0, 255));
  writer.key("no");
  writer.nil();
  writer.key("list");
  writer.array(20);
  for (let item = 0; item < 20; item++) writer.bool(item % 2 === 0);
  writer.end();
}

describe("FrameWriter", () => {
  test("writes what a reader gets back, however the bytes are cut", () => {
    const writer = new FrameWriter();
    for (const text of ["", "x".repeat(300), "\u00e9".repeat(40_000)]) writeSample(writer, text);
    const bytes = writer.take();
    expect(writer.byteLength).toBe(0);
    const whole = framesOf(bytes);
    expect(whole.map(({ id, text }) => [id, textOf({ text }, "text").length])).toEqual([
      [2 ** 40, 0],
      [2 ** 40, 300],
      [2 ** 40, 80_000],
    ]);
    expect(whole[0]).toMatchObject({ body: Buffer.from([0, 255]), no: null });
    for (const pieceBytes of [1, 3, 4, 5, 1_000]) expect(framesOf(bytes, pieceBytes)).toEqual(whole);
  });

  test("leaves alone what it has handed over", () => {
    const writer = new FrameWriter();
    writeSample(writer, "first");
    const first = writer.take();
    const copy = Buffer.from(first);
    for (let count = 0; count < 1_000; count++) {
      writeSample(writer, "later");
      writer.take();
    }
    expect(first.equals(copy)).toBe(true);
  });

  test("hands over whole frames alone: one that was not finished is gone", () => {
    const writer = new FrameWriter();
    writeSample(writer, "before");
    const { byteLength } = writer;
    writer.begin(9);
    writer.key("half");
    expect(writer.byteLength).toBe(byteLength);
    writer.begin(0);
    writer.end();
    expect(framesOf(writer.take())).toMatchObject([{ text: "before" }, {}]);
    writer.begin(9);
    expect(writer.take().length).toBe(0);
  });

  test("refuses a frame that is longer than the engine takes, and goes on", () => {
    const writer = new FrameWriter();
    writer.frameBytesMax = 20;
    const write = (byteLength: number): void => {
      writer.begin(1);
      writer.key("a");
      writer.bin(new Uint8Array(byteLength));
      writer.end();
    };
    write(15);
    expect(() => write(16)).toThrow(FrameTooLargeError);
    write(14);
    expect(framesOf(writer.take())).toEqual([{ a: Buffer.alloc(15) }, { a: Buffer.alloc(14) }]);
  });

  test("writes a header's value a byte a character where it can", () => {
    const writer = new FrameWriter();
    writer.begin(2);
    writer.key("a");
    writer.headerText("\u00e9");
    writer.key("b");
    writer.headerText("\u20ac");
    writer.end();
    expect(framesOf(writer.take())).toEqual([{ a: "\u00e9", b: "\u00e2\u0082\u00ac" }]);
  });
});

describe("FrameSplitter", () => {
  test.each(["00000000", "00100001"])("refuses the length %s before anything of the frame is there", (hex) => {
    const splitter = new FrameSplitter(1 << 20, () => {});
    expect(() => splitter.push(Buffer.from(hex, "hex"))).toThrow(FrameError);
  });
});
