import { describe, expect, test } from "bun:test";
import { decodeMsgpack } from "../../../test/support/decode-msgpack.ts";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { decodeWorkerBytes } from "../../../test/support/decode-worker-bytes.ts";
import { encodeFrame } from "../../../test/support/msgpack-values.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";
import { encodeRequest } from "./request-encoder.ts";
import { encodeSessionKeys } from "./session-encoder.ts";

const hello = (...features: readonly string[]): Buffer => encodeFrame({ type: "hello", level: 2, sdk: "x", features });
const vectors = readVectors("sessions");

describe("The frames of a WebSocket that its worker holds", () => {
  test.each(vectors)("$requirement: $name", ({ hex, action, fault = null }) => {
    const decoded = decodeWorkerBytes([hello("stream", "websocket_session"), Buffer.from(hex, "hex")]);
    expect(decoded).toMatchObject({ ownActions: action === undefined ? [] : [action], fault, responses: [] });
  });

  test("need their feature, as does a head of 101", () => {
    for (const { hex, fault } of vectors) {
      const bytes = [hello("stream"), Buffer.from(hex, "hex")];
      if (fault === undefined) expect(decodeWorkerBytes(bytes).fault).toBe("VILYA_WORKER_TYPE_INVALID");
    }
    const head = encodeFrame({ type: "head", id: 7, status: 101, protocol: "b" });
    expect(decodeWorkerBytes([hello("stream"), head]).parts[0]?.response).toMatchObject({ status: 500 });
    expect(decodeWorkerBytes([hello("stream", "websocket_session"), head]).parts[0]?.response).toMatchObject({
      status: 101,
      error: null,
      event: { protocol: "b" },
    });
  });
});

describe("encodeSessionKeys", () => {
  test("says in a request that a WebSocket is asked for, which subprotocols are offered, and its name", () => {
    const head = buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "a", fields: [] });
    const facts = { remoteAddress: Buffer.from("a:1"), scheme: "http", timeoutMs: 1, runtimeVersion: "1" } as const;
    const frame = encodeRequest(head, { ...facts, bodyBytes: 0, session: encodeSessionKeys("x-1", ["a", "b"]) });
    const request = decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, unknown>;
    expect([request.get("websocket"), request.get("protocols"), request.get("socket")]).toEqual([
      true,
      ["a", "b"],
      "x-1",
    ]);
    expect(request.size).toBe(16);
  });
});
