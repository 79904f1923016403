/**
 * What decoding a request head and encoding a response head cost, alone on one core: `bun bench/micro/http1-head.ts`.
 *
 * Each case runs in rounds after a warm-up; the median round is what to quote, the fastest is what the code can do undisturbed.
 */
import { Arena } from "../../src/kernel/arena.ts";
import { Segments } from "../../src/kernel/segments.ts";
import { FieldBlock } from "../../src/protocols/http/field-block.ts";
import { RequestHead } from "../../src/protocols/http/request-head.ts";
import { HeadDecoder } from "../../src/protocols/http1/head-decoder.ts";
import { encodeResponseHead } from "../../src/protocols/http1/response-encoder.ts";

const ROUND_COUNT = 15;
const PASSES_PER_ROUND = 200_000;

const WRK = [
  "GET /api/articles/42?page=3&sort=new HTTP/1.1",
  "Host: localhost:8080",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
  "Accept: application/json, text/plain, */*",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
  "Accept-Encoding: gzip, deflate, br",
  "Cookie: session=0f3a9b2c7d514e86; theme=dark; csrf=c2f1e0d9",
  "\r\n",
].join("\r\n");

const BROWSER = [
  "GET /assets/app.css HTTP/1.1",
  "Host: www.example.com",
  "Connection: keep-alive",
  'sec-ch-ua: "Chromium";v="126", "Not:A-Brand";v="24", "Google Chrome";v="126"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "Upgrade-Insecure-Requests: 1",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
  "Sec-Fetch-Site: none",
  "Sec-Fetch-Mode: navigate",
  "Sec-Fetch-User: ?1",
  "Sec-Fetch-Dest: document",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8,pt;q=0.7",
  "\r\n",
].join("\r\n");

const MINIMAL = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const limits = {
  requestLineBytesMax: 8192,
  headerLineBytesMax: 8192,
  headerCountMax: 100,
  headerBytesMax: 32768,
  trailerBytesMax: 8192,
  chunkExtensionBytesMax: 4096,
};
const decoder = new HeadDecoder(limits);
const head = new RequestHead();

measure("decode, no fields to speak of", MINIMAL.length, decoding(MINIMAL));
measure("decode, six fields", WRK.length, decoding(WRK));
measure("decode, a browser's fourteen fields", BROWSER.length, decoding(BROWSER));
measure(
  "encode, four fields",
  0,
  encoding("Content-Type: application/json|Cache-Control: no-cache|X-Request-Id: 7f3a|Vary: Accept"),
);

function decoding(text: string): () => void {
  const segments = new Segments();
  const bytes = Buffer.from(text, "latin1");
  return () => {
    segments.append(bytes);
    segments.consume(decoder.decode(segments, head, 0));
  };
}

function encoding(lines: string): () => void {
  const arena = new Arena();
  const fields = new FieldBlock();
  const segments = new Segments();
  segments.append(Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${lines.replaceAll("|", "\r\n")}\r\n\r\n`));
  decoder.decode(segments, head, 0);
  fields.clear(head.bytes);
  for (let i = 1; i < head.fields.count; i++) {
    const of = head.fields;
    fields.add(of.nameStart(i), of.nameEnd(i), of.valueStart(i), of.valueEnd(i), of.nameHash(i));
  }
  const nowMs = Date.now();
  return () => {
    encodeResponseHead(arena, {
      status: 200,
      fields,
      bodyByteLength: 137,
      isHead: false,
      versionMinor: 1,
      isKeepAlive: true,
      nowMs,
    });
    arena.consume(arena.byteLength);
  };
}

function measure(title: string, bytes: number, pass: () => void): void {
  for (let i = 0; i < PASSES_PER_ROUND; i++) pass();
  const rounds: number[] = [];
  for (let round = 0; round < ROUND_COUNT; round++) {
    const startNs = Bun.nanoseconds();
    for (let i = 0; i < PASSES_PER_ROUND; i++) pass();
    rounds.push((Bun.nanoseconds() - startNs) / PASSES_PER_ROUND);
  }
  rounds.sort((a, b) => a - b);
  const medianNs = rounds[ROUND_COUNT >> 1]!;
  const speed = bytes === 0 ? "" : `, ${Math.round((bytes / medianNs) * 1000)} MB/s`;
  console.log(`${title}: ${Math.round(medianNs)} ns median, ${Math.round(rounds[0]!)} ns fastest${speed}`);
}
