import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { readVectors, type RequestVector } from "../../../test/support/worker-vectors.ts";
import { decodeMsgpack } from "../../../test/support/decode-msgpack.ts";
import type { TlsFacts } from "../../kernel/tls-facts.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { encodeForm, type FormFacts } from "./form-encoder.ts";
import {
  encodeRequest,
  frameByteLength,
  type RequestConnection,
  type RequestFacts,
  stampRequest,
} from "./request-encoder.ts";
import type { BodyPlace } from "./request-extras.ts";
import { encodeRoute } from "./route-encoder.ts";
import { encodeTls } from "./tls-encoder.ts";

const TLS = encodeTls({
  version: "TLSv1.3",
  cipher: "x",
  serverName: null,
  clientCertificate: { subject: "CN=a", fingerprintSha256: "00" },
} as TlsFacts);
const ROUTE = encodeRoute({ path: "/users/{id}", parameterNames: ["id"], values: ["a/b"] });

const vectors = readVectors("requests");
const [plain] = vectors as readonly [RequestVector, ...RequestVector[]];

function factsOf({ decoded }: RequestVector): RequestFacts {
  return {
    remoteAddress: Buffer.from(decoded.remote_addr, "latin1"),
    scheme: decoded.scheme,
    timeoutMs: decoded.timeout_ms,
    runtimeVersion: decoded.runtime_version,
    bodyBytes: decoded.body.length,
    bodyPlace: placeOf(decoded),
    connection: connectionOf(decoded),
    trailers: trailersOf(decoded),
  };
}

function connectionOf({
  http_version: version,
  server_addr: address,
}: RequestVector["decoded"]): RequestConnection | null {
  if (typeof address !== "string") return null;
  return { httpVersion: version as RequestConnection["httpVersion"], serverAddress: Buffer.from(address, "latin1") };
}

function trailersOf({ trailers }: RequestVector["decoded"]): FieldBlock | null {
  if (trailers === undefined) return null;
  const lists = Object.entries(trailers as Readonly<Record<string, readonly string[]>>);
  return buildFieldBlock(lists.flatMap(([name, values]) => values.map((value) => [name, value] as const)));
}

function placeOf(decoded: RequestVector["decoded"]): BodyPlace | null {
  const { body_stream: isStreamed, body_file: path } = decoded;
  if (isStreamed === true) return { kind: "stream" };
  if (decoded["form"] !== undefined) return { kind: "form", entries: encodeForm(formOf(decoded)) };
  return typeof path === "string" ? { kind: "file", path } : null;
}

function formOf({ form, files }: RequestVector["decoded"]): FormFacts {
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
  const fields = Object.entries(form as Readonly<Record<string, readonly string[]>>).flatMap(([name, values]) =>
    values.map((value) => ({ name: bytes(name), value: bytes(value) })),
  );
  return {
    fields,
    files: (files as readonly Readonly<Record<string, string>>[]).map(
      ({ name = "", filename = "", type = "", path = "", size }) => ({
        name: bytes(name),
        filename: bytes(filename),
        type: bytes(type),
        path,
        byteLength: Number(size),
      }),
    ),
  };
}

function encode(vector: RequestVector, facts: Partial<RequestFacts> = {}): Buffer {
  return encodeRequest(buildRequestHead(vector.received), { ...factsOf(vector), ...facts });
}

describe("encodeRequest", () => {
  test.each(vectors)("$requirement: $name", (vector) => {
    const frame = encode(vector);
    expect(frameByteLength(frame)).toBe(vector.hex.length / 2 - 4);
    stampRequest(frame, 0, vector.decoded.id, vector.decoded.worker_id);
    expect(frame.toString("hex") + Buffer.from(vector.decoded.body, "latin1").toString("hex")).toBe(vector.hex);
  });

  test("announces a body by its length alone, in as few bytes as that takes", () => {
    const header = (bodyBytes: number) => encode(plain, { bodyBytes }).toString("hex").split("a4626f6479").at(-1);
    expect([0, 0xff, 0x100, 0xffff, 0x1_0000].map(header)).toEqual(["c400", "c4ff", "c50100", "c5ffff", "c600010000"]);
  });

  test("counts the body that follows in the length of the frame", () => {
    const empty = encode(plain);
    expect(frameByteLength(empty)).toBe(empty.length - 4);
    expect(frameByteLength(encode(plain, { bodyBytes: 100 }))).toBe(empty.length - 4 + 100);
    const large = encode(plain, { bodyBytes: 10_000_000 });
    expect(frameByteLength(large)).toBe(large.length - 4 + 10_000_000);
  });

  test("announces more than any limit for a body that no frame can hold", () => {
    for (const bodyBytes of [2 ** 32 - 100, 2 ** 32, 2 ** 40]) {
      expect(frameByteLength(encode(plain, { bodyBytes }))).toBe(2 ** 32 - 1);
    }
  });

  test.each([
    [{}, 13],
    [{ tls: TLS }, 14],
    [{ route: ROUTE }, 15],
    [{ tls: TLS, route: ROUTE }, 16],
  ] as const)(
    "W2.60: tells the route where one was chosen, also in a map of more keys than fit its short header",
    (facts, count) => {
      const frame = encode(plain, { ...facts, bodyBytes: 0 });
      stampRequest(frame, 0, 2 ** 40 + 7, 9);
      expect(frameByteLength(frame)).toBe(frame.length - 4);
      const decoded = decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, unknown>;
      expect(decoded.size).toBe(count);
      expect([decoded.get("id"), decoded.get("worker_id")]).toEqual([2 ** 40 + 7, 9]);
      expect(decoded.get("route")).toBe("route" in facts ? "/users/{id}" : undefined);
      expect(decoded.get("params")).toEqual("route" in facts ? new Map([["id", "a/b"]]) : undefined);
    },
  );

  test("returns a frame of its own each time", () => {
    const first = encode(plain);
    const bytes = Buffer.from(first);
    for (const vector of vectors) encode(vector);
    expect(first.equals(bytes)).toBe(true);
  });

  test("takes a head larger than everything before it", () => {
    const value = "v".repeat(200_000);
    const frame = encodeRequest(buildRequestHead({ ...plain.received, fields: [["X", value]] }), factsOf(plain));
    expect(frame.includes(value)).toBe(true);
    expect(frame.length).toBeGreaterThan(200_000);
  });
});

describe("stampRequest", () => {
  test("writes both ids into a copy that begins anywhere, and nothing else", () => {
    const frame = encode(plain);
    const bytes = Buffer.concat([Buffer.from("before"), frame, Buffer.from("after")]);
    stampRequest(bytes, 6, 0x1f_2345_6789_abcd, 0xfedc_ba98);
    const idAt = frame.indexOf("a26964cf", 0, "hex") + 4;
    const workerIdAt = frame.indexOf("ce", frame.indexOf("worker_id"), "hex") + 1;
    const stamped = Buffer.from(frame);
    stamped.write("001f23456789abcd", idAt, "hex");
    stamped.write("fedcba98", workerIdAt, "hex");
    expect(bytes.toString("hex")).toBe(
      Buffer.concat([Buffer.from("before"), stamped, Buffer.from("after")]).toString("hex"),
    );
  });

  test("stamps again for another attempt", () => {
    const frame = encode(plain);
    const once = Buffer.from(frame);
    stampRequest(frame, 0, 2 ** 53 - 1, 2 ** 32 - 1);
    stampRequest(frame, 0, 1, 2);
    stampRequest(once, 0, 1, 2);
    expect(frame.equals(once)).toBe(true);
  });
});
