import { describe, expect, test } from "bun:test";
import { type Decoded, decodeWorkerBytes } from "../../../test/support/decode-worker-bytes.ts";
import { encodeFrame, frameOf } from "../../../test/support/msgpack-values.ts";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { readVectors, type StreamVector } from "../../../test/support/worker-vectors.ts";

const vectors = readVectors("streams");
const accepted = vectors.filter(({ parts }) => parts !== undefined);
const refused = vectors.filter((vector) => vector.refused !== undefined);
const faults = vectors.filter(({ fault }) => fault !== undefined);

const hello = (...features: readonly string[]): Buffer => encodeFrame({ type: "hello", level: 2, sdk: "x", features });
const bytesOf = ({ hex }: StreamVector): Buffer => Buffer.from(hex, "hex");

/** Parts and whole responses in their order, without what a vector does not speak of. */
function heard({ parts, responses }: Decoded): readonly object[] {
  const whole = responses.map((response) => ({ part: "response", response }));
  return [...parts, ...whole].map(({ part, response }) => Object.assign({ part }, response));
}

describe("ResponseDecoder behind a hello with the feature `stream`", () => {
  test.each(accepted)("$requirement: takes $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("stream", "trailers"), bytesOf(vector)]);
    expect(decoded).toMatchObject({ fault: null, waitingBytes: 0 });
    expect(heard(decoded)).toMatchObject(vector.parts as object[]);
  });

  test.each(refused)("$requirement: hands over that it cannot send $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("stream", "trailers"), bytesOf(vector)]);
    expect(decoded.fault).toBeNull();
    expect(heard(decoded)).toMatchObject([
      {
        ...vector.refused,
        fields: [],
        body: "",
        error: expect.stringContaining("Cannot send the worker's response: "),
      },
    ]);
  });

  test.each(faults)("$requirement: refuses $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("stream", "trailers"), bytesOf(vector)]);
    expect(decoded).toMatchObject({ responses: [], parts: [], fault: vector.fault! });
  });

  test("yields the same parts however the bytes are split", () => {
    const stream = Buffer.concat([hello("stream", "trailers"), ...[...accepted, ...refused].map(bytesOf)]);
    const whole = decodeWorkerBytes([stream]);
    expect(whole.parts.length).toBeGreaterThan(accepted.length);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decodeWorkerBytes([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    }
    expect(decodeWorkerBytes(Array.from(stream, (_, at) => stream.subarray(at, at + 1)))).toEqual(whole);
  });

  test("refuses a part whose map is cut anywhere", () => {
    const payload = encodeFrame({ type: "chunk", id: 7, body: "body" }).subarray(4);
    for (let length = 1; length < payload.length; length++) {
      const { parts, fault } = decodeWorkerBytes([hello("stream", "trailers"), frameOf(payload.subarray(0, length))]);
      expect(parts).toEqual([]);
      expect(fault).toBe("VILYA_WORKER_FRAME_MALFORMED");
    }
  });

  test("lets only its own errors out, whatever the bytes are", () => {
    const random = seededRandom(7);
    const corpus = vectors.map(bytesOf);
    for (let round = 0; round < 4_000; round++) {
      const payload = Buffer.from(corpus[random.below(corpus.length)]!.subarray(4));
      for (let left = 1 + random.below(3); left > 0; left--) payload[random.below(payload.length)] = random.below(256);
      const bytes = [hello("stream", "trailers"), frameOf(payload), encodeFrame({ id: 1 })];
      const { parts } = decodeWorkerBytes(bytes, 2_000);
      for (const { part, response } of parts) {
        expect(response.status).toSatisfy((status) => (part === "interim" && status === 103) || status >= 200);
      }
    }
  });
});

describe("ResponseDecoder without that feature", () => {
  const head = encodeFrame({ type: "head", id: 7, status: 201 });

  test("knows no types at level 1: a response is a response, whatever it calls itself", () => {
    const { responses, parts } = decodeWorkerBytes([head]);
    expect([responses.length, parts.length]).toEqual([1, 0]);
  });

  test.each([[[]], [["stop"]]])("refuses parts from a worker whose hello names %j", (features) => {
    expect(decodeWorkerBytes([hello(...features), head])).toMatchObject({
      responses: [],
      parts: [],
      fault: "VILYA_WORKER_TYPE_INVALID",
    });
  });
});
