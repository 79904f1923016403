import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { FrameSplitter } from "./frame-splitter.ts";
import {
  asUtf8,
  FrameError,
  readFrame,
  readMap,
  textOf,
  UnreadMap,
  type WireMap,
  type WireValue,
} from "./msgpack-reader.ts";

const VECTORS = join(import.meta.dir, "../../../spec/vectors/worker");

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly decoded?: unknown;
}

function vectorsIn(file: string): readonly Vector[] {
  return (JSON.parse(readFileSync(join(VECTORS, file), "utf8")) as { vectors: readonly Vector[] }).vectors;
}

/** Every frame of some bytes, as a vector writes them: bytes as text with a character each. */
function decode(hex: string): unknown[] {
  const decoded: unknown[] = [];
  const splitter = new FrameSplitter(10 << 20, (...span) => decoded.push(asVector(readMap(...span))));
  splitter.push(Buffer.from(hex, "hex"));
  return decoded;
}

function asVector(value: WireValue | undefined): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map((item: WireValue) => asVector(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asVector(each as WireValue)]));
}

const shown = readdirSync(VECTORS)
  .filter((file) => file === "requests.json" || file === "control.json")
  .flatMap(vectorsIn)
  .filter(({ decoded }) => decoded !== undefined);

describe("readMap", () => {
  test.each(shown.map((vector) => [vector.name, vector] as const))("reads %s", (_, { hex, decoded }) => {
    expect(decode(hex)).toEqual([decoded]);
  });

  test.each([
    ["nothing", ""],
    ["half a map", "81"],
    ["half a str", "81a5ab"],
    ["a list", "90"],
    ["bytes behind the map", "80c0"],
    ["a type that is none", "81a161c1"],
  ])("refuses %s", (_, hex) => {
    expect(() => readMap(Buffer.from(hex, "hex"))).toThrow(FrameError);
  });

  test("skips what it has no use for: extensions, and keys that are no text", () => {
    expect(readMap(Buffer.from("83a161d401000102a162c70205aabb", "hex"))).toEqual({ a: null, b: null });
  });

  test("lets no key become the prototype", () => {
    const map = readMap(Buffer.from("81a95f5f70726f746f5f5f81a17801", "hex"));
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
    expect((map as { x?: unknown }).x).toBeUndefined();
  });
});

describe("readFrame", () => {
  /** A map of `headers`, a map whose only value is this, and of `id`. */
  const framed = (hex: string): Buffer => Buffer.from(`82a76865616465727381a161${hex}a2696401`, "hex");

  test.each([
    ["a list of str", "92a162a163"],
    ["a long str", `d928${"61".repeat(40)}`],
    ["a longer str", `da0101${"61".repeat(257)}`],
    ["bin and numbers", "95c40161cd0100cb4000000000000000ffc0"],
    ["maps and lists of every size", "93de0001a161c3dd0000000190dc0000"],
    ["an extension", "c70205aabb"],
  ])("leaves headers unread that hold %s", (_, hex) => {
    const frame = readFrame(framed(hex));
    expect(frame["id"]).toBe(1);
    expect(frame["headers"]).toBeInstanceOf(UnreadMap);
    const headers = (frame["headers"] as UnreadMap).read();
    expect<WireMap>({ ...frame, headers }).toEqual(readMap(framed(hex)));
  });

  test.each([
    ["end too soon", "a5"],
    ["claim more than there is", "ddffffffff"],
    ["hold a type that is none", "c1"],
  ])("refuses headers that %s", (_, hex) => {
    expect(() => readFrame(framed(hex))).toThrow(FrameError);
  });

  test("refuses headers that are no map when they are read", () => {
    const frame = readFrame(Buffer.from("81a76865616465727301", "hex"));
    expect(() => (frame["headers"] as UnreadMap).read()).toThrow(FrameError);
  });

  test("reads a map of that name everywhere else", () => {
    expect(readFrame(Buffer.from("81a16181a768656164657273a162", "hex"))).toEqual({ a: { headers: "b" } });
  });
});

describe("textOf", () => {
  test("takes str and bin for the same, and everything else for nothing", () => {
    const map: WireMap = { str: "\u00c3\u00a9", bin: Uint8Array.of(0xc3, 0xa9), int: 7 };
    expect([textOf(map, "str"), textOf(map, "bin"), textOf(map, "int"), textOf(map, "none")]).toEqual([
      "\u00c3\u00a9",
      "\u00c3\u00a9",
      "",
      "",
    ]);
    expect(asUtf8(textOf(map, "str"))).toBe("\u00e9");
  });
});
