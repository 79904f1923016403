import { describe, expect, test } from "bun:test";
import { decodeWorkerBytes, type PlainResponse } from "../support/decode-worker-bytes.ts";
import {
  encodeFrame,
  encodeString,
  encodeValue,
  Extension,
  frameOf,
  type MsgpackValue,
} from "../support/msgpack-values.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { readVectors } from "../support/worker-vectors.ts";

/** Any seed must do; a failing one is named in the message. */
const SEEDS = [1, 2, 3, 4];
const ROUNDS = 2000;

const corpus = (["responses", "faults", "hellos"] as const).flatMap((name) =>
  readVectors(name).map(({ hex }) => Buffer.from(hex, "hex")),
);

/** First bytes, lengths and values where a reader is most likely to be wrong. */
const NASTY = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc7, 0xc9, 0xca, 0xcf, 0xd3, 0xd4, 0xd9, 0xdb, 0xdd,
  0xdf, 0xff,
];

/** Changes a few bytes of one or two frames, and now and then their number, then writes the length anew three times in four. */
function mutate(random: SeededRandom): Buffer {
  const pick = () => corpus[random.below(corpus.length)]!.subarray(4);
  let payload = Buffer.concat([pick(), random.below(4) === 0 ? pick() : Buffer.alloc(0)]);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(payload.length + 1);
    const byte = Buffer.of(random.below(2) === 0 ? NASTY[random.below(NASTY.length)]! : random.below(256));
    const removed = random.below(3);
    payload = Buffer.concat([
      payload.subarray(0, at),
      random.below(4) === 0 ? pick() : byte,
      payload.subarray(at + removed),
    ]);
  }
  if (random.below(4) > 0) return frameOf(payload);
  return Buffer.concat([Buffer.of(0, 0, random.below(3), random.below(256)), payload]);
}

function splitAnywhere(bytes: Buffer, random: SeededRandom): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(random.below(4) === 0 ? 200 : 9));
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

type Scalar = string | number | boolean | null;

/** One response, and one of the many ways in which workers say it. */
function randomResponse(random: SeededRandom): { readonly meant: PlainResponse; readonly frame: Buffer } {
  const oneOf = <Value>(...values: readonly Value[]): Value => values[random.below(values.length)]!;
  const text = (lengthMax: number) => "v".repeat(random.below(lengthMax));
  const name = (index: number) => encodeValue(oneOf<MsgpackValue>(`X-${index}`, Buffer.from(`X-${index}`)));
  const id = oneOf(0, 1, 200, 70_000, 2 ** 33);
  const status = oneOf(200, 204, 302, 404, 503);
  const body = text(400);
  const count = random.below(20);
  const fields: (readonly [string, string])[] = [];
  const headers: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const values = Array.from({ length: random.below(4) }, () =>
      oneOf<Scalar>(text(40), 7, -1.5, true, null, " padded "),
    );
    for (const value of values) if (value !== null) fields.push([`X-${index}`, String(value).trim()]);
    headers.push(name(index), encodeValue(values.length === 1 ? oneOf<MsgpackValue>(values[0]!, values) : values));
  }
  const pairs: (readonly [Buffer, Buffer])[] = [
    [encodeValue(oneOf<MsgpackValue>("id", Buffer.from("id"))), encodeValue(oneOf<MsgpackValue>(id, BigInt(id)))],
    [encodeValue("status"), encodeValue(oneOf<MsgpackValue>(status, String(status), BigInt(status)))],
    [encodeValue("headers"), Buffer.concat([Buffer.of(0xde, 0, count), ...headers])],
    [encodeValue("body"), oneOf(encodeValue(Buffer.from(body)), encodeString(Buffer.from(body)))],
    [encodeValue("error"), encodeValue(oneOf<MsgpackValue>(null, "", false))],
    [
      encodeValue(oneOf<MsgpackValue>("other", 5, null)),
      encodeValue(oneOf<MsgpackValue>(null, [[]], new Extension(1, Buffer.alloc(5)), { id: 9 })),
    ],
  ];
  const shuffled = pairs.map((pair) => ({ pair, rank: random.below(1000) })).toSorted((a, b) => a.rank - b.rank);
  const frame = frameOf(Buffer.concat([Buffer.of(0x86), ...shuffled.flatMap(({ pair }) => pair)]));
  const usage = { req_count: -1, mem_usage: -1, mem_peak: -1, recycle: false };
  return { meant: { id, status, fields, body, error: null, usage }, frame };
}

describe("ResponseDecoder under fuzzing", () => {
  test.each(SEEDS)("lets only its own errors out and decodes the same however bytes are split (seed %d)", (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = Buffer.concat([mutate(random), encodeFrame({ id: round })]);
      const whole = decodeWorkerBytes([bytes], 2000);
      const split = decodeWorkerBytes(splitAnywhere(bytes, random), 2000);
      // What waits behind a fault has not arrived yet in the split stream.
      const comparable = whole.fault === null ? split : { ...split, waitingBytes: whole.waitingBytes };
      expect(comparable, `round ${round}: ${bytes.toString("hex")}`).toEqual(whole);
      for (const { status, fields } of whole.responses) {
        expect(status >= 200 && status <= 999, `round ${round}`).toBe(true);
        for (const [name, value] of fields)
          expect(`${name}: ${value}`).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t\x20-\x7e\x80-\xff]*$/);
      }
    }
  });

  test.each(SEEDS)("understands a response in whatever way it is said (seed %d)", (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < ROUNDS / 4; round++) {
      const { meant, frame } = randomResponse(random);
      const { responses, fault } = decodeWorkerBytes(splitAnywhere(frame, random));
      expect({ fault, responses }, `round ${round}: ${frame.toString("hex")}`).toEqual({
        fault: null,
        responses: [meant],
      });
    }
  });
});
