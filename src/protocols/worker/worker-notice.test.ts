import { describe, expect, test } from "bun:test";
import { decodeWorkerBytes } from "../../../test/support/decode-worker-bytes.ts";
import { encodeFrame } from "../../../test/support/msgpack-values.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";

const vectors = readVectors("notices");
const hello = (...features: readonly string[]): Buffer => encodeFrame({ type: "hello", level: 2, sdk: "x", features });

describe("A frame that belongs to no request", () => {
  test.each(vectors.filter(({ notice }) => notice !== undefined))("$requirement: is taken: $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("stream", "ping"), Buffer.from(vector.hex, "hex")]);
    expect(decoded).toMatchObject({ pongs: [vector.notice!.n], responses: [], fault: null, waitingBytes: 0 });
  });

  test.each(vectors.filter(({ fault }) => fault !== undefined))("$requirement: is refused: $name", (vector) => {
    const decoded = decodeWorkerBytes([hello("stream", "ping"), Buffer.from(vector.hex, "hex")]);
    expect(decoded).toMatchObject({ pongs: [], responses: [], fault: vector.fault! });
  });

  test("needs the feature it belongs to", () => {
    const pong = encodeFrame({ type: "pong", n: 1 });
    expect(decodeWorkerBytes([hello("stream"), pong])).toMatchObject({ pongs: [], fault: "VILYA_WORKER_TYPE_INVALID" });
  });
});
