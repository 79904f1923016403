import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";
import { encodeBody, encodeBodyAbort, encodeBodyEnd } from "./body-encoder.ts";
import { Arena } from "../../kernel/arena.ts";
import { Segments } from "../../kernel/segments.ts";
import { decodeHandshake, encodeStop, encodeWelcome, HANDSHAKE, HANDSHAKE_OK } from "./handshake.ts";
import { encodeSessionClose, encodeSessionMessage } from "./session-encoder.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";
import { encodeCancel, encodeCredit, encodePing } from "./stream-control.ts";

function segmentsOf(...chunks: readonly string[]): Segments {
  const segments = new Segments();
  for (const chunk of chunks) segments.append(Buffer.from(chunk, "latin1"));
  return segments;
}

describe("decodeHandshake", () => {
  test("waits for two bytes, takes them, and leaves what follows", () => {
    const segments = segmentsOf();
    expect(decodeHandshake(segments)).toBe("incomplete");
    segments.append(Buffer.from("O"));
    expect(decodeHandshake(segments)).toBe("incomplete");
    segments.append(Buffer.from("Krest"));
    expect(decodeHandshake(segments)).toBe("accepted");
    expect(segments.bytes.toString("latin1", segments.start, segments.end)).toBe("rest");
  });

  test.each(["K", "ok", "OX", "O\n", "\0", "PHP Warning:  something", "NARYA1"])(
    "refuses %p from its first wrong byte",
    (answer) => {
      for (let length = 1; length <= answer.length; length++) {
        const segments = segmentsOf(answer.slice(0, length));
        if ("OK".startsWith(answer.slice(0, length))) expect(decodeHandshake(segments)).toBe("incomplete");
        else expect(() => decodeHandshake(segments)).toThrow(WorkerProtocolError);
      }
    },
  );

  test("shows the beginning of a wrong answer, printable", () => {
    const shown = `Cannot start a worker: it answered the handshake with "PHP Warning:\\n${"x".repeat(19)}", only "OK" is allowed`;
    expect(() => decodeHandshake(segmentsOf(`PHP Warning:\n${"x".repeat(1000)}`))).toThrow(
      expect.objectContaining({ code: "VILYA_WORKER_HANDSHAKE_REFUSED", message: shown }),
    );
  });
});

describe("the handshake's constants", () => {
  test("are the bytes of level 1", () => {
    expect([HANDSHAKE, HANDSHAKE_OK].map((bytes) => bytes.toString("latin1"))).toEqual(["NARYA1", "OK"]);
  });
});

describe("control frames", () => {
  const vectors = new Map(readVectors("control").map(({ name, hex }) => [name, hex]));
  const trailers = buildFieldBlock([
    ["x-sum", "1"],
    ["X-Sum", "2"],
    ["Etag", "e"],
  ]);
  const limits = { frameBytesMax: 10 * 1024 * 1024, streamCreditBytes: 256 * 1024 };
  const encoders = new Map<string, (arena: Arena) => void>([
    ["welcome", (arena) => encodeWelcome(arena, { ...limits, concurrency: 1, features: [] })],
    [
      "welcome of a worker with features",
      (arena) => encodeWelcome(arena, { ...limits, concurrency: 100, features: ["stream", "ping"] }),
    ],
    ["stop with a grace", (arena) => encodeStop(arena, 5000)],
    ["stop without one", (arena) => encodeStop(arena)],
    ["credit", (arena) => encodeCredit(arena, 7, 256 * 1024)],
    ["credit for an id of 64 bits", (arena) => encodeCredit(arena, 2 ** 40, 1)],
    ["cancel", (arena) => encodeCancel(arena, 7)],
    ["ping", (arena) => encodePing(arena, 3)],
    [
      "a message of a client",
      (arena) => {
        const bytes = Buffer.from("<grüße>");
        encodeSessionMessage(arena, 7, { isBinary: false, bytes, start: 1, end: bytes.length - 1 });
      },
    ],
    ["the end of a socket", (arena) => encodeSessionClose(arena, 7, { code: 4001, reason: "bye", isClean: true })],
    ["a part of a body", (arena) => encodeBody(arena, 7, Buffer.from("[a\xff]", "latin1"), 1, 3)],
    ["the end of a body", (arena) => encodeBodyEnd(arena, 7, null)],
    ["the end of a body with trailers", (arena) => encodeBodyEnd(arena, 7, trailers)],
    ["the end of a body that is not whole", (arena) => encodeBodyAbort(arena, 7)],
  ]);

  test("has an encoder for every vector", () => {
    expect([...encoders.keys()]).toEqual([...vectors.keys()]);
  });

  test.each([...encoders])("W2: encodes %s behind what waits to be sent", (name, encode) => {
    const arena = new Arena();
    arena.writeLatin1("sent, unsent");
    arena.consume(6);
    encode(arena);
    expect(arena.bytes.toString("latin1", arena.start, arena.start + 6)).toBe("unsent");
    expect(arena.bytes.toString("hex", arena.start + 6, arena.end)).toBe(vectors.get(name)!);
  });

  test("are whole when the arena grows under them", () => {
    const arena = new Arena();
    arena.writeBytes(Buffer.alloc(arena.capacityBytes - 2));
    arena.consume(100);
    const unsentBytes = arena.byteLength;
    encodeStop(arena);
    expect(arena.bytes.toString("hex", arena.start + unsentBytes, arena.end)).toBe(vectors.get("stop without one")!);
  });
});
