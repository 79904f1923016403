import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { decodeMsgpack } from "../../../test/support/decode-msgpack.ts";
import { readVectors, type ShortRequestVector } from "../../../test/support/worker-vectors.ts";
import { frameByteLength, type RequestConnection, stampRequest } from "./request-encoder.ts";
import type { RouteMatch } from "./route-announcement.ts";
import { encodeRoute } from "./route-encoder.ts";
import { encodeShortRequest, type ShortRequestFacts } from "./short-request-encoder.ts";

const vectors = readVectors("short-requests");
const [plain] = vectors as readonly [ShortRequestVector, ...ShortRequestVector[]];

function factsOf({ decoded }: ShortRequestVector): ShortRequestFacts {
  const [, , , , connection, extras, body] = decoded.request;
  const [scheme, httpVersion, remoteAddress = "", ...serverAddress] = connection.split(" ");
  return {
    remoteAddress: Buffer.from(remoteAddress, "latin1"),
    scheme: scheme as ShortRequestFacts["scheme"],
    connection: {
      httpVersion: httpVersion as RequestConnection["httpVersion"],
      serverAddress: Buffer.from(serverAddress.join(" "), "latin1"),
    },
    bodyBytes: body.length,
    route: routeOf(extras),
    match: matchOf(extras),
  };
}

type Extras = ShortRequestVector["decoded"]["request"][5];

function routeOf(extras: Extras): Buffer | null {
  if (extras?.route === undefined) return null;
  const parameters = Object.entries(extras.params ?? {});
  return encodeRoute({
    path: extras.route,
    parameterNames: parameters.map(([name]) => name),
    values: parameters.map(([, value]) => value),
  });
}

function matchOf(extras: Extras): RouteMatch | null {
  if (extras?.match === undefined) return null;
  const [table, index, ...values] = extras.match;
  let end = 0;
  const ranges = values.flatMap((value) => [end, (end += value.length)]);
  return { table, index, bytes: Buffer.from(values.join("")), ranges };
}

function encode(vector: ShortRequestVector, facts: Partial<ShortRequestFacts> = {}): Buffer {
  return encodeShortRequest(buildRequestHead(vector.received), { ...factsOf(vector), ...facts });
}

describe("encodeShortRequest", () => {
  test.each(vectors)("$requirement: $name", (vector) => {
    const frame = encode(vector);
    expect(frameByteLength(frame)).toBe(vector.hex.length / 2 - 4);
    stampRequest(frame, 0, vector.decoded.id, 9);
    const body = vector.decoded.request[6];
    expect(frame.toString("hex") + Buffer.from(body, "latin1").toString("hex")).toBe(vector.hex);
  });

  test("is stamped with the id of its request alone", () => {
    const frame = encode(plain);
    const before = Buffer.from(frame);
    stampRequest(frame, 0, 2 ** 40 + 7, 0xffff_ffff);
    expect((decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, unknown>).get("id")).toBe(2 ** 40 + 7);
    expect(frame.subarray(17).equals(before.subarray(17))).toBe(true);
  });

  test("tells what only some requests have by its keys", () => {
    const facts = { tls: Buffer.from([0x80]), trailers: buildFieldBlock([["X-Sum", "1"]]), route: null };
    const decoded = decodeMsgpack(encode(plain, facts).subarray(4)) as ReadonlyMap<string, readonly unknown[]>;
    const extras = decoded.get("request")?.[5] as ReadonlyMap<string, unknown> | undefined;
    expect([...(extras?.keys() ?? [])]).toEqual(["tls", "trailers"]);
  });

  test("says of each request whom it is from and how it came, whoever its connection had before", () => {
    const serverAddress = Buffer.from("192.0.2.9:443");
    const [peer, client, other] = ["10.0.0.1:4711", "198.51.100.1:1", "198.51.100.2:2"].map((each) =>
      Buffer.from(each),
    );
    const requests = [client, client, other, peer, client].flatMap((remoteAddress) => [
      { remoteAddress: remoteAddress!, scheme: "http", httpVersion: "1.1" } as const,
      { remoteAddress: remoteAddress!, scheme: "https", httpVersion: "1.1" } as const,
      { remoteAddress: remoteAddress!, scheme: "http", httpVersion: "1.0" } as const,
    ]);
    for (const { remoteAddress, scheme, httpVersion } of [...requests, ...requests]) {
      const frame = encode(plain, { remoteAddress, scheme, connection: { httpVersion, serverAddress } });
      const decoded = decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, readonly unknown[]>;
      expect(decoded.get("request")?.[4]).toBe(`${scheme} ${httpVersion} ${remoteAddress.toString()} 192.0.2.9:443`);
    }
  });

  test("announces more than any limit for a body that no frame can hold", () => {
    expect(frameByteLength(encode(plain, { bodyBytes: 2 ** 40 }))).toBe(2 ** 32 - 1);
  });

  test("returns a frame of its own each time", () => {
    const first = encode(plain);
    const bytes = Buffer.from(first);
    for (const vector of vectors) encode(vector);
    expect(first.equals(bytes)).toBe(true);
  });
});
