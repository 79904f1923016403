import { describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";

import type { CompressionConfig } from "../../config/compression-config.ts";
import { HttpServer, type ReceivedRequest } from "../../../test/support/http-server.ts";
import type { RawClient } from "../../../test/support/raw-client.ts";
import { fieldOf, requestText, statusOf } from "../../../test/support/static-server.ts";
import { until } from "../../../test/support/until.ts";
import { compressionFields } from "../../config/options/compression-options.ts";
import { fieldBlockOf } from "../../protocols/http/field-list.ts";
import type { ResponseStream } from "../response-stream.ts";
import { compressAnswers } from "./compress-dispatch.ts";
import { Compression } from "./compression.ts";

const CONFIG: CompressionConfig = {
  codings: ["zstd", "br", "gzip"],
  bytesMin: 100,
  types: [...compressionFields.types.default],
  effort: "fast",
  jobCountMax: 2,
  streamCountMax: 2,
};

const SMALL = "a small text, again and again. ".repeat(20);
/** Too large to be encoded where it is. */
const LARGE = Array.from({ length: 20_000 }, (_, index) => `line ${index} of a large text\n`).join("");
const TEXT = { "Content-Type": "text/plain;charset=utf-8", ETag: '"a"' };

/** A listener whose answers are compressed. */
class CompressingServer implements Disposable {
  readonly compression: Compression;
  readonly http: HttpServer;

  constructor(config: Partial<CompressionConfig> = {}) {
    this.compression = new Compression({ ...CONFIG, ...config });
    this.http = new HttpServer({}, "clear", (app) => compressAnswers(app, this.compression));
  }

  /** What a request that accepts `coding` is answered, the body decoded. */
  async ask(
    coding: string,
    respond: (request: ReceivedRequest) => void,
    method: string = "GET",
    more: readonly string[] = [],
  ): Promise<{ readonly head: string; readonly body: string; readonly sentBytes: number }> {
    this.http.respond = respond;
    using client = await this.http.connect();
    const fields = coding === "" ? [] : [`Accept-Encoding: ${coding}`];
    client.send(requestText("/", [...fields, ...more, "Connection: close"], method));
    return decode(await client.untilEnd());
  }

  /** A request that waits for its answer. */
  async open(coding: string): Promise<{ readonly client: RawClient; readonly request: ReceivedRequest }> {
    const client = await this.http.connect();
    const count = this.http.requests.length;
    client.send(requestText("/", [`Accept-Encoding: ${coding}`]));
    await until("the request", () => this.http.requests.length > count && this.http.requests.at(-1)?.isComplete);
    return { client, request: this.http.requests.at(-1)! };
  }

  [Symbol.dispose](): void {
    this.http[Symbol.dispose]();
  }
}

/** Takes chunks and content coding off. */
function decode(answer: string): { readonly head: string; readonly body: string; readonly sentBytes: number } {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.slice(0, end + 4);
  let content = answer.slice(end + 4);
  if (/^Transfer-Encoding: chunked/im.test(head)) content = joinChunks(content);
  const bytes = Buffer.from(content, "latin1");
  return { head, body: inflate(bytes, fieldOf(head, "Content-Encoding")).toString(), sentBytes: bytes.length };
}

function joinChunks(text: string): string {
  let content = "";
  for (let at = 0; ;) {
    const lineEnd = text.indexOf("\r\n", at);
    const byteLength = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(byteLength > 0)) return content;
    content += text.slice(lineEnd + 2, lineEnd + 2 + byteLength);
    at = lineEnd + 4 + byteLength;
  }
}

function inflate(bytes: Buffer, coding: string | null): Buffer {
  if (bytes.length === 0) return bytes;
  switch (coding) {
    case "gzip":
      return gunzipSync(bytes);
    case "br":
      return brotliDecompressSync(bytes);
    case "zstd":
      return zstdDecompressSync(bytes);
    default:
      return bytes;
  }
}

function begin(
  request: ReceivedRequest,
  fields: Readonly<Record<string, string>>,
  onTaken: (count: number) => void = () => {},
): ResponseStream {
  const stream = request.exchange.begin({ status: 200, fields: fieldBlockOf(Object.entries(fields)) }, onTaken);
  if (stream === null) throw new Error("Cannot stream: the answer has no content");
  return stream;
}

function write(stream: ResponseStream, text: string): void {
  const bytes = Buffer.from(text);
  stream.write(bytes, 0, bytes.length);
}

describe("CompressingWriter", () => {
  test.each(["gzip", "br", "zstd"])("encodes small and large answers as %s", async (coding) => {
    using server = new CompressingServer();
    for (const content of [SMALL, LARGE]) {
      const { head, body, sentBytes } = await server.ask(coding, (request) => request.answer(content, 200, TEXT));
      expect(body).toBe(content);
      expect(sentBytes).toBeLessThan(content.length / 2);
      expect(fieldOf(head, "Content-Length")).toBe(String(sentBytes));
      expect(fieldOf(head, "Content-Encoding")).toBe(coding);
      expect(fieldOf(head, "Vary")).toBe("Accept-Encoding");
      expect(fieldOf(head, "ETag")).toBe('W/"a"');
    }
    expect(server.compression.jobCount).toBe(0);
  });

  test.each(["fast", "balanced", "small"] as const)("encodes with the effort that is asked for: %s", async (effort) => {
    using server = new CompressingServer({ effort });
    for (const coding of ["gzip", "br", "zstd"]) {
      for (const content of [SMALL, LARGE]) {
        expect((await server.ask(coding, (request) => request.answer(content, 200, TEXT))).body).toBe(content);
      }
    }
  });

  test.each([
    ["", null],
    ["identity", null],
    ["gzip;q=0", null],
    ["deflate", null],
    ["br;q=0.1, gzip;q=0.2", "gzip"],
    ["*", "zstd"],
  ])("for Accept-Encoding %p the coding is %p, and the answer varies", async (accept, coding) => {
    using server = new CompressingServer();
    const { head, body } = await server.ask(accept, (request) => request.answer(SMALL, 200, TEXT));
    expect([fieldOf(head, "Content-Encoding"), body, fieldOf(head, "Vary")]).toEqual([
      coding,
      SMALL,
      "Accept-Encoding",
    ]);
    expect(fieldOf(head, "ETag")).toBe(coding === null ? '"a"' : 'W/"a"');
  });

  test.each<[what: string, status: number, fields: Record<string, string>, content: string]>([
    ["an encoded answer", 200, { ...TEXT, "Content-Encoding": "br" }, ""],
    ["what is not to be changed", 200, { ...TEXT, "Cache-Control": "public, No-Transform" }, SMALL],
    ["a picture", 200, { "Content-Type": "image/png" }, SMALL],
    ["something without a type", 200, {}, SMALL],
    ["a short answer", 200, TEXT, "x".repeat(99)],
    ["no content", 204, TEXT, ""],
  ])("leaves %s as it is", async (_, status, fields, content) => {
    using server = new CompressingServer();
    const { head, body } = await server.ask("gzip", (request) => request.answer(content, status, fields));
    expect([statusOf(head), body]).toEqual([status, content]);
    expect(fieldOf(head, "Content-Encoding")).toBe(fields["Content-Encoding"] ?? null);
    expect(fieldOf(head, "Vary")).toBeNull();
  });

  test("leaves content that would become longer as it is", async () => {
    using server = new CompressingServer();
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(200)))
      .toString("base64url")
      .slice(0, 101);
    const { head, body } = await server.ask("gzip", (request) => request.answer(content, 200, TEXT));
    expect([fieldOf(head, "Content-Encoding"), body]).toEqual([null, content]);
  });

  test.each([
    ["Accept-Language", ["Accept-Language", "Accept-Encoding"]],
    ["Cookie, accept-encoding", ["Cookie, accept-encoding"]],
    ["*", ["*"]],
  ])("adds to Vary: %s what is missing", async (vary, expected) => {
    using server = new CompressingServer();
    const { head } = await server.ask("gzip", (request) => request.answer(SMALL, 200, { ...TEXT, Vary: vary }));
    expect([...head.matchAll(/^vary: (.*)\r$/gim)].map((match) => match[1] ?? "")).toEqual(expected);
  });

  test("answers HEAD as GET, without the length that only encoding would tell", async () => {
    using server = new CompressingServer();
    const { head, body } = await server.ask("gzip", (request) => request.answer(SMALL, 200, TEXT), "HEAD");
    expect([fieldOf(head, "Content-Encoding"), fieldOf(head, "Vary"), body]).toEqual(["gzip", "Accept-Encoding", ""]);
    expect(fieldOf(head, "Content-Length")).toBeNull();
    const plain = await server.ask("", (request) => request.answer(SMALL, 200, TEXT), "HEAD");
    expect(fieldOf(plain.head, "Content-Length")).toBe(String(SMALL.length));
  });

  test("says in a 304 that the answer varies", async () => {
    using server = new CompressingServer();
    const { head } = await server.ask("gzip", (request) => request.answer("", 304, { ETag: '"a"' }));
    expect(fieldOf(head, "Vary")).toBe("Accept-Encoding");
  });

  test.each([
    ['W/"a"', 'W/"a"'],
    ['"x", W/"a"', 'W/"a"'],
    ['W/"a", "a"', '"a"'],
    ["*", '"a"'],
  ])("confirms in a 304 the tag that the client has, %p", async (ifNoneMatch, expected) => {
    using server = new CompressingServer();
    const answer = (request: ReceivedRequest) => request.answer("", 304, { ETag: '"a"' });
    const { head } = await server.ask("gzip", answer, "GET", [`If-None-Match: ${ifNoneMatch}`]);
    expect(fieldOf(head, "ETag")).toBe(expected);
  });

  test("leaves out digests of what is not sent", async () => {
    using server = new CompressingServer();
    const digests = { "Repr-Digest": "sha-256=:YQ==:", "Content-Digest": "sha-256=:YQ==:", Digest: "sha-256=YQ==" };
    const { head } = await server.ask("gzip", (request) => request.answer(SMALL, 200, { ...TEXT, ...digests }));
    expect(head).not.toMatch(/digest/i);
  });

  test("leaves a part of a whole as it is, and says that the whole varies", async () => {
    using server = new CompressingServer();
    const fields = { ...TEXT, "Content-Range": "bytes 0-619/1000" };
    const whole = await server.ask("gzip", (request) => request.answer(SMALL, 206, fields));
    const inParts = await server.ask("gzip", ({ exchange }) => {
      const body = exchange.begin({ status: 206, fields: fieldBlockOf(Object.entries(fields)) }, () => {});
      body?.write(Buffer.from(SMALL), 0, SMALL.length);
      body?.end();
    });
    for (const { head, body } of [whole, inParts]) {
      expect([statusOf(head), body, fieldOf(head, "Content-Encoding")]).toEqual([206, SMALL, null]);
      expect(fieldOf(head, "Vary")).toBe("Accept-Encoding");
    }
  });

  test("keeps answers to pipelined requests in order", async () => {
    using server = new CompressingServer();
    server.http.respond = ({ target, exchange }) =>
      exchange.respond({
        status: 200,
        fields: fieldBlockOf(Object.entries({ ...TEXT, "X-Target": target })),
        bodyBytes: Buffer.from(target === "/1" ? LARGE : SMALL),
        bodyStart: 0,
        bodyEnd: target === "/1" ? LARGE.length : SMALL.length,
      });
    using client = await server.http.connect();
    client.send(["/1", "/2", "/3"].map((path) => requestText(path, ["Accept-Encoding: br"])).join(""));
    await client.until("three answers", ({ received }) => received.split("HTTP/1.1 200").length === 4);
    expect([...client.received.matchAll(/X-Target: (.*)\r/g)].map((match) => match[1] ?? "")).toEqual([
      "/1",
      "/2",
      "/3",
    ]);
  });

  test("sends large answers beyond the limit as they are", async () => {
    using server = new CompressingServer({ jobCountMax: 1 });
    const all = await Promise.all([server.open("gzip"), server.open("gzip")]);
    const requests = server.http.requests.slice(-2);
    for (const request of requests) request.answer(LARGE, 200, { ...TEXT, Connection: "close" });
    const answers: string[] = [];
    for (const { client } of all) {
      await client.until("the answer", ({ received }) => received.includes("\r\n\r\n"));
      answers.push(fieldOf(client.received, "Content-Encoding") ?? "none");
      client[Symbol.dispose]();
    }
    expect(answers.toSorted()).toEqual(["gzip", "none"]);
    await until("the end of the job", () => server.compression.jobCount === 0);
  });

  test("survives a client that leaves while its answer is encoded", async () => {
    using server = new CompressingServer();
    const { client, request } = await server.open("br");
    request.answer(LARGE, 200, TEXT);
    client.reset();
    await until("the end of the job", () => server.compression.jobCount === 0);
    expect((await server.ask("br", (next) => next.answer(SMALL, 200, TEXT))).body).toBe(SMALL);
    expect(server.http.errors).toEqual([]);
  });

  test.each(["gzip", "br", "zstd"])(
    "encodes a stream as %s, and lets each part out when it is written",
    async (coding) => {
      using server = new CompressingServer();
      const { client, request } = await server.open(coding);
      using _ = client;
      const stream = begin(request, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
      let text = "";
      for (const event of ["one", "two", "three"]) {
        const part = `data: ${event}\n\n`;
        text += part;
        write(stream, part);
        await client.until(event, ({ received }) => decodePartly(received, coding) === text);
      }
      stream.end();
      await client.until("the end", ({ received }) => received.endsWith("0\r\n\r\n"));
      expect(decode(client.received).body).toBe(text);
      expect(fieldOf(client.received, "Content-Encoding")).toBe(coding);
      expect(server.compression.streamCount).toBe(0);
    },
  );

  test("encodes a large stream whole, keeps to its announced length, and grants what is taken", async () => {
    using server = new CompressingServer();
    let takenBytes = 0;
    const { head, body } = await server.ask("gzip", (request) => {
      const stream = begin(
        request,
        { ...TEXT, "Content-Length": String(LARGE.length) },
        (count) => (takenBytes += count),
      );
      for (let at = 0; at < LARGE.length; at += 10_000) write(stream, LARGE.slice(at, at + 10_000));
      void until("the grants", () => takenBytes === LARGE.length).then(() => stream.end());
    });
    expect(body).toBe(LARGE);
    expect(fieldOf(head, "Content-Length")).toBeNull();
    expect(takenBytes).toBe(LARGE.length);
  });

  test("a stream that is cut stays incomplete for the client", async () => {
    using server = new CompressingServer();
    const { client, request } = await server.open("gzip");
    using _ = client;
    const stream = begin(request, TEXT);
    write(stream, SMALL);
    await client.until("the first part", ({ received }) => decodePartly(received, "gzip") === SMALL);
    stream.abort();
    expect(await client.untilEnd()).not.toEndWith("0\r\n\r\n");
    expect(server.compression.streamCount).toBe(0);
  });

  test("sends streams beyond the limit as they are, and gives the places back when clients leave", async () => {
    using server = new CompressingServer();
    const opened = [];
    for (const expected of ["gzip", "gzip", null]) {
      const next = await server.open("gzip");
      write(begin(next.request, TEXT), SMALL);
      await next.client.until("the head", ({ received }) => received.includes("\r\n\r\n"));
      expect(fieldOf(next.client.received, "Content-Encoding")).toBe(expected);
      opened.push(next);
    }
    expect(server.compression.streamCount).toBe(2);
    for (const { client } of opened) client.reset();
    await until("the places", () => server.compression.streamCount === 0);
    expect(opened.map(({ request }) => request.isAbandoned)).toEqual([true, true, true]);
  });

  test("a client that does not read holds its source back", async () => {
    using server = new CompressingServer();
    const { client, request } = await server.open("gzip");
    using _ = client;
    client.pause();
    let takenBytes = 0;
    let writtenBytes = 0;
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)));
    const stream = begin(request, TEXT, (count) => {
      takenBytes += count;
      pump();
    });
    const pump = (): void => {
      while (writtenBytes - takenBytes < 256 * 1024) {
        stream.write(noise, 0, noise.length);
        writtenBytes += noise.length;
      }
    };
    pump();
    // What sockets hold is taken; then nothing is.
    let seen = -1;
    await until("standstill", async () => {
      const isSame = seen === takenBytes;
      seen = takenBytes;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return isSame && seen === takenBytes && takenBytes > 0;
    });
    expect(writtenBytes).toBeLessThan(32 * 1024 * 1024);
  });
});

/** What of a stream can be decoded although its end is missing. */
function decodePartly(answer: string, coding: string): string {
  const end = answer.indexOf("\r\n\r\n");
  if (end === -1) return "";
  const bytes = Buffer.from(joinChunks(answer.slice(end + 4)), "latin1");
  if (bytes.length === 0) return "";
  const flush = { gzip: { finishFlush: 2 }, br: { finishFlush: 1 }, zstd: { finishFlush: 1 } }[coding];
  try {
    if (coding === "gzip") return gunzipSync(bytes, flush).toString();
    if (coding === "br") return brotliDecompressSync(bytes, flush).toString();
    return zstdDecompressSync(bytes, flush).toString();
  } catch {
    return "";
  }
}
