import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { type EventVector, readVectors } from "../../../test/support/worker-vectors.ts";
import { encodeRequest, frameByteLength, stampRequest } from "./request-encoder.ts";
import { encodeSocketClose, encodeSocketMessage, encodeSocketOpen, type SocketMemory } from "./socket-event-encoder.ts";

const vectors = readVectors("events");

function bytesOf(text: unknown): Buffer {
  return Buffer.from(String(text), "latin1");
}

function encode({ decoded, received }: EventVector): Buffer {
  const { socket, timeout_ms: timeoutMs, runtime_version: runtimeVersion } = decoded;
  const facts = { socket, timeoutMs, runtimeVersion };
  const memory: SocketMemory = {
    path: bytesOf(decoded["path"]),
    protocol: decoded["protocol"] === "" ? null : String(decoded["protocol"]),
    state: bytesOf(decoded["state"]),
  };
  switch (decoded.type) {
    case "ws_open": {
      const { remote_addr: remoteAddress } = decoded["request"] as { readonly remote_addr: string };
      const request = encodeRequest(buildRequestHead(received!), {
        remoteAddress: bytesOf(remoteAddress),
        scheme: "https",
        timeoutMs,
        runtimeVersion,
        bodyBytes: 0,
      });
      return encodeSocketOpen(facts, request, decoded["protocols"] as readonly string[]);
    }
    case "ws_message": {
      const bytes = bytesOf(`<${String(decoded["data"])}>`);
      const message = { isBinary: decoded["binary"] === true, bytes, start: 1, end: bytes.length - 1 };
      return encodeSocketMessage(facts, memory, message);
    }
    case "ws_close": {
      const reason = bytesOf(decoded["reason"]).toString("utf8");
      const end = { code: Number(decoded["code"]), reason, isClean: decoded["clean"] === true };
      return encodeSocketClose(facts, memory, end);
    }
  }
}

describe("The events of a WebSocket", () => {
  test.each(vectors)("$requirement: $name", (vector) => {
    const frame = encode(vector);
    stampRequest(frame, 0, vector.decoded.id, vector.decoded.worker_id);
    expect(frame.toString("hex")).toBe(vector.hex);
  });

  test("hold a message of any size, whose frame announces it", () => {
    const bytes = Buffer.alloc(3_000_000, 0x61);
    const facts = { socket: "s", timeoutMs: 1, runtimeVersion: "0" };
    const memory = { path: bytesOf("/"), protocol: null, state: Buffer.alloc(0) };
    const frame = encodeSocketMessage(facts, memory, { isBinary: true, bytes, start: 0, end: bytes.length });
    expect(frameByteLength(frame)).toBe(frame.length - 4);
    expect(frame.subarray(-bytes.length).equals(bytes)).toBe(true);
  });
});
