import { describe, expect, test } from "bun:test";

import { block, type Field, integer, literal, string, TextSink } from "../../../test/support/hpack-text.ts";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { HpackError } from "./hpack-error.ts";

/** The examples of RFC 7541 appendix C: the blocks of one connection, what they mean, and the size of the table behind each. */
const EXAMPLES: readonly (readonly [
  string,
  number,
  readonly (readonly [hex: string, fields: string, bytes: number])[],
])[] = [
  [
    "C.2.1 literal with indexing",
    4096,
    [["400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header", 55]],
  ],
  ["C.2.2 literal without indexing", 4096, [["040c2f73616d706c652f70617468", ":path: /sample/path", 0]]],
  ["C.2.3 literal never indexed", 4096, [["100870617373776f726406736563726574", "password: secret", 0]]],
  ["C.2.4 indexed", 4096, [["82", ":method: GET", 0]]],
  [
    "C.3 requests",
    4096,
    [
      [
        "828684410f7777772e6578616d706c652e636f6d",
        ":method: GET|:scheme: http|:path: /|:authority: www.example.com",
        57,
      ],
      [
        "828684be58086e6f2d6361636865",
        ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache",
        110,
      ],
      [
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
        164,
      ],
    ],
  ],
  [
    "C.4 requests, Huffman coded",
    4096,
    [
      ["828684418cf1e3c2e5f23a6ba0ab90f4ff", ":method: GET|:scheme: http|:path: /|:authority: www.example.com", 57],
      [
        "828684be5886a8eb10649cbf",
        ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache",
        110,
      ],
      [
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value",
        164,
      ],
    ],
  ],
  [
    "C.5 responses, with entries dropped",
    256,
    [
      [
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        ":status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com",
        222,
      ],
      [
        "4803333037c1c0bf",
        ":status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com",
        222,
      ],
      [
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        ":status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT|location: https://www.example.com|content-encoding: gzip|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        215,
      ],
    ],
  ],
  [
    "C.6 responses, Huffman coded, with entries dropped",
    256,
    [
      [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        ":status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com",
        222,
      ],
      [
        "4883640effc1c0bf",
        ":status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com",
        222,
      ],
      [
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        ":status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT|location: https://www.example.com|content-encoding: gzip|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        215,
      ],
    ],
  ],
];

function decode(decoder: HpackDecoder, bytes: Buffer, sink: TextSink = new TextSink()): TextSink {
  decoder.decode(bytes, 0, bytes.length, sink);
  return sink;
}

function decodeOnce(...parts: readonly (Buffer | readonly number[])[]): readonly Field[] {
  return decode(new HpackDecoder(4096), Buffer.concat(parts.map((part) => Buffer.from(part)))).fields;
}

describe("HpackDecoder", () => {
  test.each(EXAMPLES)("decodes RFC 7541 %s", (_name, tableBytesMax, blocks) => {
    const decoder = new HpackDecoder(tableBytesMax);
    for (const [hex, fields, tableBytes] of blocks) {
      const decoded = decode(decoder, Buffer.from(hex, "hex")).fields.map(([name, value]) => `${name}: ${value}`);
      expect(decoded.join("|")).toBe(fields);
      expect(decoder.tableBytes).toBe(tableBytes);
    }
  });

  test("finds the block inside of other octets", () => {
    const sink = new TextSink();
    new HpackDecoder(4096).decode(Buffer.from([0xff, 0x82, 0x84, 0xff]), 1, 3, sink);
    expect(sink.fields).toEqual([
      [":method", "GET"],
      [":path", "/"],
    ]);
  });

  test("knows every entry of the static table", () => {
    const fields = decodeOnce(Array.from({ length: 61 }, (_, index) => 0x81 + index));
    expect(fields).toHaveLength(61);
    expect(fields.at(0)).toEqual([":authority", ""]);
    expect(fields.at(15)).toEqual(["accept-encoding", "gzip, deflate"]);
    expect(fields.at(-1)).toEqual(["www-authenticate", ""]);
  });

  test("decodes names and values without octets, and with every octet", () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)).toString("latin1");
    const fields: Field[] = [
      ["", ""],
      ["", "v"],
      ["n", ""],
      [every, every],
    ];
    expect(decodeOnce(block(fields))).toEqual(fields);
    expect(decodeOnce([0], string(every, true), string(every, true))).toEqual([[every, every]]);
  });

  test("refuses a block that ends before its last field does, wherever it is cut", () => {
    const whole = Buffer.concat([
      literal(["name", "value"], "indexed"),
      integer(0x80, 0x7f, 62),
      string("x".repeat(200)),
    ]);
    const ends = new Set([12, 13]);
    for (let end = 1; end < 13; end++) {
      if (!ends.has(end)) expect(() => decodeOnce(whole.subarray(0, end))).toThrow(HpackError);
    }
    expect(decodeOnce(whole.subarray(0, 12))).toHaveLength(1);
    expect(decodeOnce(whole.subarray(0, 13))).toHaveLength(2);
  });

  test.each([
    ["index 0", [0x80]],
    ["an index behind both tables", [0xbe]],
    ["an index far behind both tables", [...integer(0x80, 0x7f, 100_000)]],
    ["a name's index behind both tables", [0x7e, 0x00]],
    ["an integer of too many octets", [0xff, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ["an integer that never ends", [0xff, 0x80, 0x80, 0x80, 0x80]],
    ["a string longer than the block", [0x00, 0x05, 0x61]],
    ["a string of 2^28 octets", [0x00, ...integer(0, 0x7f, 2 ** 28), 0x61]],
    ["a table larger than agreed", [...integer(0x20, 0x1f, 4097)]],
    ["a table size behind a field", [0x82, 0x20]],
    ["a Huffman string with EOS", [0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]],
    ["a Huffman string padded with eight ones", [0x00, 0x82, 0x1f, 0xff, 0x00]],
    ["a Huffman string padded with a zero", [0x00, 0x81, 0x1e, 0x00]],
  ])("refuses %s", (_name, octets) => {
    expect(() => decodeOnce(octets)).toThrow(HpackError);
  });

  test("takes the longest integer there is, and table sizes up to the one agreed", () => {
    expect(() => decodeOnce([0x20], integer(0x20, 0x1f, 4096), [0x82])).not.toThrow();
    expect(() => decodeOnce([0x00, 0x7f, 0x80, 0x80, 0x80, 0x00], Buffer.alloc(127), [0])).not.toThrow();
  });

  test("empties the table when it is made smaller, and keeps what fits", () => {
    const decoder = new HpackDecoder(4096);
    decode(decoder, Buffer.concat([literal(["a", "1"], "indexed"), literal(["b", "2"], "indexed")]));
    expect(decoder.tableBytes).toBe(68);
    decode(decoder, integer(0x20, 0x1f, 34));
    expect(decode(decoder, Buffer.from([0xbe])).fields).toEqual([["b", "2"]]);
    expect(() => decode(decoder, Buffer.from([0xbf]))).toThrow(HpackError);
    decode(decoder, Buffer.from([0x20]));
    expect(decoder.tableBytes).toBe(0);
  });

  test("takes a name from an entry that its own field drops", () => {
    const decoder = new HpackDecoder(64);
    decode(decoder, literal(["name", "x".repeat(28)], "indexed"));
    expect(decoder.tableBytes).toBe(64);
    const fields = decode(decoder, Buffer.concat([Buffer.from([0x7e]), string("v"), Buffer.from([0xbe])])).fields;
    expect(fields).toEqual([
      ["name", "v"],
      ["name", "v"],
    ]);
  });

  test("keeps its table in step for a sink that wants nothing, and copies no indexed field for it", () => {
    const decoder = new HpackDecoder(4096);
    const sink = new TextSink();
    sink.countMax = 1;
    const bomb = Buffer.alloc(16_000, 0xbe);
    decode(
      decoder,
      Buffer.concat([literal(["n", "v".repeat(4_000)], "indexed"), bomb, literal(["a", "b"], "indexed")]),
      sink,
    );
    expect(sink.fields).toHaveLength(1);
    expect(sink.text.byteLength).toBe(4_001);
    expect(decode(decoder, Buffer.from([0xbe])).fields).toEqual([["a", "b"]]);
  });

  test("agrees with an encoder that does everything an encoder may, seeded", () => {
    const random = seededRandom(7541);
    for (let round = 0; round < 50; round++) {
      const decoder = new HpackDecoder(512);
      const table: Field[] = [];
      let capacity = 512;
      const size = (): number => table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
      for (let blockIndex = 0; blockIndex < 20; blockIndex++) {
        const parts: Buffer[] = [];
        const expected: Field[] = [];
        if (random.below(5) === 0) {
          capacity = random.below(513);
          parts.push(integer(0x20, 0x1f, capacity));
          while (size() > capacity) table.pop();
        }
        for (let count = random.below(8); count > 0; count--) {
          if (table.length > 0 && random.below(3) === 0) {
            const age = random.below(table.length);
            parts.push(integer(0x80, 0x7f, 62 + age));
            expected.push(table[age]!);
            continue;
          }
          const isNamed = table.length > 0 && random.below(3) === 0;
          const age = isNamed ? random.below(table.length) : 0;
          const name = isNamed ? table[age]![0] : "n".repeat(random.below(40));
          const value = "v".repeat(random.below(200));
          const isIndexed = random.below(2) === 0;
          const prefix = isIndexed
            ? integer(0x40, 0x3f, isNamed ? 62 + age : 0)
            : integer(0, 0x0f, isNamed ? 62 + age : 0);
          parts.push(
            prefix,
            ...(isNamed ? [] : [string(name, random.below(2) === 0)]),
            string(value, random.below(2) === 0),
          );
          expected.push([name, value]);
          if (!isIndexed) continue;
          table.unshift([name, value]);
          while (size() > capacity) table.pop();
        }
        expect(decode(decoder, Buffer.concat(parts)).fields).toEqual(expected);
        expect(decoder.tableBytes).toBe(size());
      }
    }
  });
});
