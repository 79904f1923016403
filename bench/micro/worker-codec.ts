import { Segments } from "../../src/kernel/segments.ts";
import { encodeRequest, type RequestFacts, stampRequest } from "../../src/protocols/worker/request-encoder.ts";
import { ResponseDecoder, type WorkerSink } from "../../src/protocols/worker/response-decoder.ts";
import { buildRequestHead } from "../../test/support/build-request-head.ts";
import { encodeFrame } from "../../test/support/msgpack-values.ts";
import { SILENT_SINK } from "../../test/support/silent-worker-sink.ts";

/** Nanoseconds an operation of the worker codec: `bun bench/micro/worker-codec.ts`. The best of the rounds: the others measure the host. */
const ROUND_COUNT = 7;
const OPERATIONS_PER_ROUND = 500_000;

const head = buildRequestHead({
  method: "GET",
  target: "/api/users?page=2&sort=name",
  path: "/api/users",
  query: "page=2&sort=name",
  authority: "www.example.com",
  fields: [
    ["Host", "www.example.com"],
    ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"],
    ["Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
    ["Accept-Language", "en-GB,en;q=0.5"],
    ["Accept-Encoding", "gzip, deflate, br"],
    ["Cookie", "session=0123456789abcdef0123456789abcdef"],
  ],
});
const facts: RequestFacts = {
  remoteAddress: Buffer.from("203.0.113.7:51234"),
  scheme: "http",
  timeoutMs: 30_000,
  runtimeVersion: "0.1.0",
  bodyBytes: 0,
};

const body = JSON.stringify({ message: "Hello", items: [1, 2, 3] });
const meta = { req_count: 1234, mem_usage: 2_097_152, mem_peak: 2_297_152, recycle: false };
const plain = { id: 7, status: 200, headers: { "Content-Type": ["application/json"] }, body, error: "", _meta: meta };
const scalars = { ...plain, headers: { "Content-Type": "application/json", "Content-Length": body.length } };
const cookies = Array.from({ length: 4 }, (_, index) => `cookie${index}=0123456789abcdef; Path=/; HttpOnly`);
const many = {
  ...plain,
  headers: { "Content-Type": ["text/html"], Vary: ["Accept"], "Set-Cookie": cookies, "X-Request-Id": ["f81d4fae"] },
};

const sunk = { bytes: 0 };
const sink: WorkerSink = {
  ...SILENT_SINK,
  onResponse: (response) => {
    sunk.bytes += response.bodyByteLength;
  },
};

measure("encode a request of 6 headers", () => {
  sunk.bytes += encodeRequest(head, facts).length;
});
const frame = encodeRequest(head, facts);
measure("stamp it", () => stampRequest(frame, 0, 123_456_789_012, 3));
measure("decode a small JSON response", decoding(encodeFrame(plain)));
measure("decode one with a number among its headers", decoding(encodeFrame(scalars)));
measure("decode one with 7 header fields", decoding(encodeFrame(many)));

function decoding(bytes: Buffer): () => void {
  const decoder = new ResponseDecoder({ frameBytesMax: 10 * 1024 * 1024 });
  const segments = new Segments();
  return () => {
    segments.append(bytes);
    decoder.decode(segments, sink);
  };
}

function measure(name: string, operation: () => void): void {
  let bestNs = Infinity;
  for (let round = 0; round < ROUND_COUNT; round++) {
    const startNs = Bun.nanoseconds();
    for (let left = OPERATIONS_PER_ROUND; left > 0; left--) operation();
    bestNs = Math.min(bestNs, (Bun.nanoseconds() - startNs) / OPERATIONS_PER_ROUND);
  }
  console.log(`${name.padEnd(44)} ${bestNs.toFixed(0).padStart(6)} ns`);
}
