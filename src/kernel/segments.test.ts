import { afterEach, describe, expect, spyOn, test } from "bun:test";

import { seededRandom } from "../../test/support/seeded-random.ts";
import { Segments } from "./segments.ts";

function waiting(segments: Segments): Buffer {
  return Buffer.from(segments.bytes.subarray(segments.start, segments.end));
}

function fromText(...chunks: string[]): Segments {
  const segments = new Segments();
  for (const chunk of chunks) segments.append(Buffer.from(chunk));
  return segments;
}

let spies: { mockRestore(): void }[] = [];
afterEach(() => {
  for (const spy of spies) spy.mockRestore();
  spies = [];
});

/** Counts the bytes that buffers copy while `run` runs. */
function countCopiedBytes(run: () => void): number {
  let count = 0;
  const { copy, copyWithin } = Buffer.prototype;
  spies.push(
    spyOn(Buffer.prototype, "copy").mockImplementation(function (
      this: Buffer,
      ...parameters: Parameters<Buffer["copy"]>
    ) {
      const copied = copy.apply(this, parameters);
      count += copied;
      return copied;
    }),
    spyOn(Buffer.prototype, "copyWithin").mockImplementation(function (
      this: Buffer,
      ...parameters: Parameters<Buffer["copyWithin"]>
    ) {
      const [, start, end = this.length] = parameters;
      count += end - start;
      return copyWithin.apply(this, parameters) as Buffer;
    }),
  );
  run();
  return count;
}

describe("Segments", () => {
  test("takes a chunk as it is while nothing waits", () => {
    const segments = new Segments();
    const chunk = Buffer.from("hello");
    segments.append(chunk);
    expect(segments.bytes).toBe(chunk);
    expect(segments.byteLength).toBe(5);
  });

  test("lets go of a chunk that is consumed, and takes the next one as it is", () => {
    const segments = fromText("hello");
    segments.consume(2);
    expect(waiting(segments).toString()).toBe("llo");
    segments.consume(3);
    expect(segments.bytes).toHaveLength(0);
    const next = Buffer.from("next");
    segments.append(next);
    expect(segments.bytes).toBe(next);
  });

  test("yields the same bytes wherever they are split", () => {
    const text = "a frame that arrives in two or three pieces";
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const segments = fromText(text.slice(0, first), text.slice(first, second), text.slice(second));
        expect(waiting(segments).toString()).toBe(text);
      }
    }
  });

  test("joins what waits with what arrives", () => {
    const segments = fromText("onetwo");
    segments.consume(3);
    segments.append(Buffer.from("three"));
    expect(waiting(segments).toString()).toBe("twothree");
    segments.consume(3);
    segments.append(Buffer.alloc(10_000, "x"));
    expect(waiting(segments).toString()).toBe(`three${"x".repeat(10_000)}`);
  });

  test("never writes into a chunk that it was given", () => {
    const chunk = Buffer.from("abcdef");
    const segments = new Segments();
    segments.append(chunk);
    segments.consume(3);
    segments.append(Buffer.from("ghi"));
    segments.append(Buffer.from("jkl"));
    expect(chunk.toString()).toBe("abcdef");
  });

  test("forgets everything when it is cleared", () => {
    const segments = fromText("abc", "def");
    segments.clear();
    expect(segments.byteLength).toBe(0);
    expect(segments.bytes).toHaveLength(0);
    segments.append(Buffer.from("new"));
    expect(waiting(segments).toString()).toBe("new");
  });

  test("refuses to consume more than has arrived", () => {
    const segments = fromText("abc");
    expect(() => segments.consume(4)).toThrow("no more is consumed than has arrived");
    expect(waiting(segments).toString()).toBe("abc");
  });

  test("costs linear work to assemble a frame that arrives byte by byte", () => {
    const frameBytes = 1 << 18;
    const segments = new Segments();
    const copied = countCopiedBytes(() => {
      for (let i = 0; i < frameBytes; i++) segments.append(Buffer.from([i & 0xff]));
    });
    expect(segments.byteLength).toBe(frameBytes);
    // Each byte once when it arrives, and at most once for every doubling of what was there before.
    expect(copied).toBeLessThanOrEqual(2 * frameBytes);
  });

  test("costs linear work when the window never runs empty", () => {
    const segments = new Segments();
    const chunk = Buffer.alloc(1_000);
    segments.append(Buffer.alloc(1));
    const copied = countCopiedBytes(() => {
      for (let i = 0; i < 10_000; i++) {
        segments.append(chunk);
        segments.consume(chunk.length);
      }
    });
    expect(copied).toBeLessThanOrEqual(2 * 10_000 * chunk.length);
    expect(segments.bytes.length).toBeLessThanOrEqual(4_096);
  });

  test("does not keep a large chunk for the few bytes left in it", () => {
    const segments = new Segments();
    segments.append(Buffer.alloc(512 * 1024));
    segments.consume(512 * 1024 - 10);
    segments.append(Buffer.alloc(10));
    expect(segments.bytes.length).toBeLessThanOrEqual(4_096);
  });

  test.each([1, 2, 3, 4])("equals a plain list of bytes after any sequence of operations (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const segments = new Segments();
    let model = Buffer.alloc(0);
    let next = 0;
    for (let step = 0; step < 3_000; step++) {
      if (random.below(2) === 0) {
        const limit = [1, 20, 3_000][random.below(3)]!;
        const chunk = Buffer.from(Array.from({ length: random.below(limit + 1) }, () => next++ & 0xff));
        segments.append(Buffer.from(chunk));
        model = Buffer.concat([model, chunk]);
      } else {
        const count = random.below(model.length + 1);
        segments.consume(count);
        model = model.subarray(count);
      }
      if (random.below(200) === 0) {
        segments.clear();
        model = Buffer.alloc(0);
      }
      expect(waiting(segments).equals(model)).toBe(true);
    }
  });
});
