import { describe, expect, test } from "bun:test";
import { decodeWorkerBytes, plainResponse } from "../../../test/support/decode-worker-bytes.ts";
import { SILENT_SINK } from "../../../test/support/silent-worker-sink.ts";
import { encodeFrame, encodeString, encodeValue, frameOf } from "../../../test/support/msgpack-values.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";
import { hashName } from "../http/field-block.ts";
import { Segments } from "../../kernel/segments.ts";
import { ResponseDecoder, type WorkerSink } from "./response-decoder.ts";
import type { WorkerResponse } from "./worker-response.ts";

const responseVectors = readVectors("responses");
const helloVectors = readVectors("hellos");
const faultVectors = readVectors("faults");

/** Every vector that is accepted, as one stream. */
const stream = Buffer.concat([...responseVectors, ...helloVectors].map(({ hex }) => Buffer.from(hex, "hex")));

describe("ResponseDecoder", () => {
  test.each(responseVectors)("$requirement: takes $name", ({ hex, response, refused }) => {
    const { responses, fault, waitingBytes } = decodeWorkerBytes([Buffer.from(hex, "hex")]);
    expect([fault, waitingBytes, responses.length]).toEqual([null, 0, 1]);
    if (response !== undefined) expect(responses[0]).toEqual(response);
    if (refused === undefined) return;
    expect(responses[0]).toMatchObject({ id: refused.id, status: 500, fields: [], body: "" });
    expect(responses[0]?.error).toStartWith("Cannot send the worker's response: ");
  });

  test.each(helloVectors)("$requirement: takes hello: $name", ({ hex, hello }) => {
    expect(decodeWorkerBytes([Buffer.from(hex, "hex")])).toEqual({
      responses: [],
      parts: [],
      hellos: [{ routes: null, ...hello }],
      credits: [],
      pongs: [],
      actionLists: [],
      ownActions: [],
      fault: null,
      waitingBytes: 0,
    });
  });

  test.each(faultVectors)("$requirement: refuses $name", ({ hex, fault }) => {
    const decoded = decodeWorkerBytes([Buffer.from(hex, "hex")]);
    expect(decoded).toMatchObject({ responses: [], hellos: [], fault });
  });

  test("yields the same frames however the stream is split", () => {
    const whole = decodeWorkerBytes([stream]);
    expect(whole.responses.length + whole.hellos.length).toBe(responseVectors.length + helloVectors.length);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(decodeWorkerBytes([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    }
  });

  test("yields the same frames byte by byte", () => {
    const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1));
    expect(decodeWorkerBytes(bytes)).toEqual(decodeWorkerBytes([stream]));
  });

  test("refuses the same byte by byte", () => {
    for (const { hex, fault } of faultVectors) {
      const bytes = Buffer.from(hex, "hex");
      expect(decodeWorkerBytes(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))).fault).toBe(fault);
    }
  });

  test("waits for the rest of a frame that is cut anywhere", () => {
    for (const { hex } of responseVectors) {
      const bytes = Buffer.from(hex, "hex");
      for (let length = 0; length < bytes.length; length++) {
        const decoded = decodeWorkerBytes([bytes.subarray(0, length)]);
        expect(decoded).toEqual({
          responses: [],
          parts: [],
          hellos: [],
          credits: [],
          pongs: [],
          actionLists: [],
          ownActions: [],
          fault: null,
          waitingBytes: length,
        });
      }
    }
  });

  test("refuses a frame whose map is cut anywhere", () => {
    for (const { hex } of [...responseVectors, ...helloVectors]) {
      const payload = Buffer.from(hex, "hex").subarray(4);
      for (let length = 1; length < payload.length; length++) {
        const { responses, hellos, fault } = decodeWorkerBytes([frameOf(payload.subarray(0, length))]);
        expect([responses.length, hellos.length]).toEqual([0, 0]);
        expect(fault).toMatch(/^VILYA_WORKER_(?:FRAME_MALFORMED|ID_INVALID)$/);
      }
    }
  });

  test("takes a frame of the limit and of one byte less, and refuses one more from its length alone", () => {
    const frame = encodeFrame({ id: 1, body: "x".repeat(100) });
    const byteLength = frame.length - 4;
    expect(decodeWorkerBytes([frame], byteLength + 1).responses.length).toBe(1);
    expect(decodeWorkerBytes([frame], byteLength).responses.length).toBe(1);
    expect(decodeWorkerBytes([frame.subarray(0, 4)], byteLength - 1)).toMatchObject({
      fault: "VILYA_WORKER_FRAME_TOO_LARGE",
      waitingBytes: 4,
    });
  });

  test("hands over the frames before a fault and none behind it", () => {
    const good = encodeFrame({ id: 1 });
    const decoded = decodeWorkerBytes([Buffer.concat([good, good, frameOf(Buffer.of(0xc1)), good])]);
    expect(decoded.responses.map(({ id }) => id)).toEqual([1, 1]);
    expect(decoded.fault).toBe("VILYA_WORKER_FRAME_NOT_A_MAP");
  });

  test.each(["value", "key", "headers", "header value", "body", "_meta", "status", "error"])(
    "refuses 100,000 arrays in each other as %s without following them",
    (place) => {
      const deep = Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.of(0x90)]);
      const one = Buffer.of(1);
      const pairs: Readonly<Record<string, readonly Buffer[]>> = {
        value: [encodeValue("other"), deep],
        key: [deep, one],
        "header value": [encodeValue("headers"), Buffer.of(0x81), encodeValue("X"), deep],
      };
      const pair = pairs[place] ?? [encodeValue(place), deep];
      const payload = Buffer.concat([Buffer.of(0x82), encodeValue("id"), one, ...pair]);
      expect(decodeWorkerBytes([frameOf(payload)])).toMatchObject({
        responses: [],
        fault: "VILYA_WORKER_FRAME_TOO_DEEP",
      });
    },
  );

  test("has consumed a frame before its sink hears of it, so that what waits behind it can be seen", () => {
    const frame = encodeFrame({ id: 1, body: "a" });
    const segments = new Segments();
    segments.append(Buffer.concat([frame, frame, frame.subarray(0, 3)]));
    const waiting: number[] = [];
    const sink = { ...SILENT_SINK, onResponse: () => void waiting.push(segments.byteLength) };
    new ResponseDecoder({ frameBytesMax: 1000 }).decode(segments, sink);
    expect(waiting).toEqual([frame.length + 3, 3]);
  });

  test("gives each field the hash that a field block expects", () => {
    const hashes: number[] = [];
    const headers = new Map<string | number, string>([
      ["Content-Type", "text/plain"],
      ["x_Y.z", "a"],
      [404, "b"],
    ]);
    const segments = new Segments();
    segments.append(encodeFrame({ id: 1, headers }));
    const sink: WorkerSink = {
      ...SILENT_SINK,
      onResponse: ({ fields }) => {
        for (let index = 0; index < fields.count; index++) hashes.push(fields.nameHash(index));
        expect(fields.get("x_y.z")).toBe("a");
      },
    };
    new ResponseDecoder({ frameBytesMax: 1000 }).decode(segments, sink);
    expect(hashes).toEqual(["content-type", "x_y.z", "404"].map(hashName));
  });

  test("leaves nothing of one response in the next", () => {
    const full = {
      id: 1,
      status: 404,
      headers: { A: 1 },
      body: "body",
      error: "no",
      _meta: { req_count: 1, recycle: true },
    };
    const [, , second] = decodeWorkerBytes([
      Buffer.concat([full, { id: 2, status: 99 }, { id: 3 }].map(encodeFrame)),
    ]).responses;
    expect(second).toEqual(decodeWorkerBytes([encodeFrame({ id: 3 })]).responses[0]);
  });

  test("takes a frame without an id for a hello only if it says so itself", () => {
    const hello = { type: "hello", level: 2, sdk: "x" };
    const decoded = decodeWorkerBytes([encodeFrame(hello), encodeFrame({ level: 2, sdk: "x" })]);
    expect(decoded).toMatchObject({ hellos: [{ level: 2 }], fault: "VILYA_WORKER_ID_INVALID" });
  });

  test("holds nothing of a frame once its sink has had it", () => {
    const segments = new Segments();
    segments.append(encodeFrame({ id: 1, headers: { A: "a" }, body: "large" }));
    const kept: WorkerResponse[] = [];
    const sink: WorkerSink = { ...SILENT_SINK, onResponse: (response) => void kept.push(response) };
    new ResponseDecoder({ frameBytesMax: 1000 }).decode(segments, sink);
    expect(kept.map(({ bodyBytes, fields }) => [bodyBytes.length, fields.bytes.length])).toEqual([[0, 0]]);
  });

  test("passes on what its sink throws", () => {
    const segments = new Segments();
    segments.append(encodeFrame({ id: 1 }));
    const sink: WorkerSink = {
      ...SILENT_SINK,
      onResponse: () => {
        throw new RangeError("of the sink");
      },
    };
    expect(() => new ResponseDecoder({ frameBytesMax: 100 }).decode(segments, sink)).toThrow(
      new RangeError("of the sink"),
    );
  });

  test("leaves a body of any bytes where it lies", () => {
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index & 0xff));
    for (const packed of [encodeValue(body), encodeString(body)]) {
      const frame = frameOf(
        Buffer.concat([Buffer.of(0x82), encodeValue("body"), packed, encodeValue("id"), encodeValue(5)]),
      );
      const segments = new Segments();
      segments.append(frame);
      const sink: WorkerSink = {
        ...SILENT_SINK,
        onResponse: (response) => {
          expect(response.bodyBytes).toBe(frame);
          expect(plainResponse(response).body).toBe(body.toString("latin1"));
        },
      };
      new ResponseDecoder({ frameBytesMax: 100_000 }).decode(segments, sink);
    }
    expect.assertions(4);
  });
});
