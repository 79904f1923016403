import { describe, expect, test } from "bun:test";

import { Arena } from "./arena.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";

function unsent(arena: Arena): number[] {
  return [...arena.bytes.subarray(arena.start, arena.end)];
}

function text(arena: Arena): string {
  return arena.bytes.toString("latin1", arena.start, arena.end);
}

describe("Arena", () => {
  test("appends numbers big-endian, text and bytes", () => {
    const arena = new Arena();
    arena.writeUint8(0x1ff);
    arena.writeUint16(0x1234);
    arena.writeUint32(0xdeadbeef);
    arena.writeLatin1("aé");
    arena.writeBytes(Uint8Array.of(1, 2, 3, 4), 1, 3);
    expect(unsent(arena)).toEqual([0xff, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0x61, 0xe9, 2, 3]);
    expect(arena.byteLength).toBe(11);
  });

  test("copies out what is unsent, and keeps it", () => {
    const arena = new Arena();
    arena.writeLatin1("abcd");
    arena.consume(1);
    const copy = arena.copyOut();
    arena.truncate(arena.start);
    arena.writeLatin1("xyz");
    expect([copy.toString(), text(arena)]).toEqual(["bcd", "xyz"]);
  });

  test.each([0, 7, 9, 10, 99, 65_535, 2 ** 32, Number.MAX_SAFE_INTEGER])("writes %d in decimal", (value) => {
    const arena = new Arena();
    arena.writeDecimal(value);
    expect(text(arena)).toBe(String(value));
  });

  test.each([0, 1, 23, 24, 25, 4_095, 4_096, 4_097, 100_000])("copies %d bytes of either kind of array", (count) => {
    const source = Buffer.from(Array.from({ length: count + 2 }, (_, index) => index & 0xff));
    const arena = new Arena();
    arena.writeBytes(source, 1, count + 1);
    arena.writeBytes(Uint8Array.from(source), 1, count + 1);
    const expected = [...source.subarray(1, count + 1)];
    expect(unsent(arena)).toEqual([...expected, ...expected]);
  });

  test("fills in a length after its body is known, however much it grows in between", () => {
    const arena = new Arena();
    for (const sentBytes of [0, 1, 3_000]) {
      arena.writeBytes(Buffer.alloc(4_000));
      arena.consume(sentBytes);
      const lengthOffset = arena.end;
      arena.writeUint32(0);
      arena.writeBytes(Buffer.alloc(50_000, 1));
      arena.setUint32(lengthOffset, arena.end - lengthOffset - 4);
      expect(arena.bytes.readUInt32BE(arena.end - 50_004)).toBe(50_000);
    }
  });

  test("takes back what an encoder began to write", () => {
    const arena = new Arena();
    arena.writeLatin1("kept");
    arena.consume(1);
    const mark = arena.end;
    arena.writeBytes(Buffer.alloc(10_000));
    arena.truncate(mark);
    expect(text(arena)).toBe("ept");
    arena.truncate(arena.start);
    expect(arena.byteLength).toBe(0);
  });

  test("refuses to consume or to take back more than it holds", () => {
    const arena = new Arena();
    arena.writeLatin1("abc");
    arena.consume(2);
    expect(() => arena.consume(2)).toThrow("consumes no more than it holds");
    expect(() => arena.truncate(arena.start - 1)).toThrow("truncated inside its unsent bytes");
    expect(() => arena.truncate(arena.end + 1)).toThrow("truncated inside its unsent bytes");
    expect(text(arena)).toBe("c");
  });

  test("holds no more than four times what waits, while a slow peer takes a little of each write", () => {
    const arena = new Arena();
    for (let i = 0; i < 10_000; i++) {
      arena.writeBytes(Buffer.alloc(1_000));
      arena.consume(i < 64 ? 500 : 1_000);
    }
    expect(arena.byteLength).toBe(32_000);
    expect(arena.capacityBytes).toBeLessThanOrEqual(4 * 33_000);
  });

  test("moves each byte at most once more while it is sent in small pieces", () => {
    const byteLength = 1 << 20;
    const arena = new Arena(byteLength);
    arena.writeBytes(Buffer.alloc(byteLength));
    const { bytes } = arena;
    let movedBytes = 0;
    const copyWithin = bytes.copyWithin.bind(bytes);
    bytes.copyWithin = (target: number, start: number, end?: number) => {
      movedBytes += (end ?? bytes.length) - start;
      return copyWithin(target, start, end);
    };
    while (arena.byteLength > 0) arena.consume(Math.min(1_000, arena.byteLength));
    expect(movedBytes).toBeGreaterThan(0);
    expect(movedBytes).toBeLessThanOrEqual(byteLength);
  });

  test.each([1, 2, 3, 4])("equals a plain list of bytes after any sequence of operations (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const arena = new Arena();
    let model: number[] = [];
    for (let step = 0; step < 3_000; step++) {
      const choice = random.below(10);
      if (choice < 4) {
        const bytes = Buffer.from(
          Array.from({ length: random.below(random.below(8) === 0 ? 3_000 : 40) }, () => random.below(256)),
        );
        const from = random.below(bytes.length + 1);
        arena.writeBytes(bytes, from);
        model.push(...bytes.subarray(from));
      } else if (choice === 4) {
        const value = random.below(2 ** 32);
        arena.writeUint32(value);
        model.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
      } else if (choice === 5) {
        arena.writeDecimal(step);
        model.push(...Buffer.from(String(step)));
      } else if (choice === 6 && model.length >= 4) {
        const at = random.below(model.length - 3);
        arena.setUint32(arena.start + at, 0x01020304);
        model.splice(at, 4, 1, 2, 3, 4);
      } else if (choice === 7) {
        const kept = random.below(model.length + 1);
        arena.truncate(arena.start + kept);
        model.length = kept;
      } else {
        const count = random.below(model.length + 1);
        arena.consume(count);
        model = model.slice(count);
      }
      expect(arena.byteLength).toBe(model.length);
    }
    expect(unsent(arena)).toEqual(model);
  });
});
