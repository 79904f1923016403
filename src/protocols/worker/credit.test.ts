import { describe, expect, test } from "bun:test";
import { decodeWorkerBytes } from "../../../test/support/decode-worker-bytes.ts";
import { encodeFrame } from "../../../test/support/msgpack-values.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";

const vectors = readVectors("credits");
const hello = (...features: readonly string[]): Buffer => encodeFrame({ type: "hello", level: 2, sdk: "x", features });

describe("Credit for a request body", () => {
  test.each(vectors.filter(({ credit }) => credit !== undefined))("$requirement: is taken: $name", (vector) => {
    const { id, bytes: byteCount } = vector.credit!;
    const decoded = decodeWorkerBytes([hello("request_stream"), Buffer.from(vector.hex, "hex")]);
    expect(decoded).toMatchObject({ credits: [{ id, byteCount }], responses: [], fault: null, waitingBytes: 0 });
  });

  test.each(vectors.filter(({ fault }) => fault !== undefined))("$requirement: is refused: $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("request_stream"), Buffer.from(vector.hex, "hex")]);
    expect(decoded).toMatchObject({ credits: [], responses: [], fault: vector.fault! });
  });

  test("needs the feature it belongs to", () => {
    const credit = encodeFrame({ type: "credit", id: 7, bytes: 1 });
    const decoded = decodeWorkerBytes([hello("stream"), credit]);
    expect(decoded).toMatchObject({ credits: [], fault: "VILYA_WORKER_TYPE_INVALID" });
  });
});
