import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { reset } from "../../../test/support/http2-frames.ts";
import { HttpServer, type ReceivedRequest } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { EVERY_REQUEST } from "../../config/resolve/every-request.ts";
import { AccessLog } from "../access-log/access-log.ts";
import { SecretsMask } from "../access-log/secrets-mask.ts";
import { ExchangeMetrics } from "./exchange-metrics.ts";
import { ExchangeWatch } from "./exchange-watch.ts";
import { SlowRequests } from "./slow-requests.ts";

const EVERYTHING = { ...EVERY_REQUEST, file: null, format: "json" } as const;

/** A server whose exchanges are watched, and what was said of them. */
class WatchedServer extends HttpServer {
  readonly lines: Record<string, unknown>[];
  readonly metrics: ExchangeMetrics;
  readonly slowRequests: SlowRequests;
  readonly log: RecordingLog;

  constructor() {
    const lines: Record<string, unknown>[] = [];
    const metrics = new ExchangeMetrics();
    const log = new RecordingLog();
    const accessLogs = [
      new AccessLog(EVERYTHING, {
        write: (bytes, end) => void lines.push(JSON.parse(bytes.toString("latin1", 0, end)) as Record<string, unknown>),
      }),
    ];
    const mask = new SecretsMask({ queryNames: [], headerNames: [] });
    const slowRequests = new SlowRequests();
    const watch = new ExchangeWatch({ metrics, slowRequests, accessLogs, mask, log });
    super({}, "clear", (app) => watch.over(app), watch);
    this.lines = lines;
    this.metrics = metrics;
    this.slowRequests = slowRequests;
    this.log = log;
  }

  async line(count = 1): Promise<Record<string, unknown>> {
    return until("a line", () => this.lines[count - 1]);
  }
}

async function received(server: HttpServer): Promise<ReceivedRequest> {
  return until("a request", () => server.requests.find(({ isComplete }) => isComplete));
}

describe("ExchangeWatch over HTTP/1.1", () => {
  test("keeps what clients waited for longest, without the query", async () => {
    using server = new WatchedServer();
    server.respond = (request) => request.answer("hello", 201);
    using client = await server.connect();
    client.send("PUT /a?token=secret HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.untilReceived("hello");
    const [slow] = server.slowRequests.list(performance.now());
    expect(slow).toMatchObject({ method: "PUT", path: "/a", app: null, status: 201, outcome: "answered", workMs: -1 });
    expect(slow?.latencyMs).toBe(slow?.durationMs as number);
  });

  test("tells of an answer when it has been given", async () => {
    using server = new WatchedServer();
    server.respond = (request) => request.answer("hello", 201);
    using client = await server.connect();
    client.send("POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    expect(await server.line()).toMatchObject({
      method: "POST",
      target: "/a?b",
      protocol: "HTTP/1.1",
      client: "127.0.0.1",
      status: 201,
      bodyBytes: 5,
      outcome: "answered",
      app: null,
      queueMs: null,
    });
    expect(server.log.named("request ended")).toMatchObject([
      { level: "debug", fields: { status: 201, target: "/a?b" } },
    ]);
  });

  test.each([
    [1e6, -1],
    [1e6, 1e6],
    [0, 1e6],
  ])("takes %p ms of waiting and %p of work for no more than the request has taken", async (queueMs, workMs) => {
    using server = new WatchedServer();
    server.respond = (request) => {
      Object.assign(request.exchange.trace!, { queueMs, workMs });
      request.answer("hello");
    };
    using client = await server.connect();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const line = await server.line();
    const durationMs = line["durationMs"] as number;
    expect([line["queueMs"], line["workerMs"]]).toEqual([
      queueMs === 0 ? 0 : durationMs,
      workMs === -1 ? null : queueMs === 0 ? durationMs : 0,
    ]);
  });

  test("measures no content where none is sent, and that of refusals", async () => {
    using server = new WatchedServer();
    server.respond = (request) => (request.target === "/none" ? request.answer("", 204) : request.answer("hello"));
    using client = await server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    await server.line(2);
    server.respond = (request) => request.refuse(503);
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await server.line(3);
    expect(server.lines.map(({ status, bodyBytes }) => [status, bodyBytes])).toEqual([
      [200, 0],
      [204, 0],
      [503, "503 Service Unavailable\n".length],
    ]);
  });

  test.each(["answered", "cut", "abandoned"] as const)(
    "knows when an answer in parts is %s, and how much was sent",
    async (outcome) => {
      using server = new WatchedServer();
      using client = await server.connect();
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      const { exchange } = await received(server);
      const stream = exchange.begin({ status: 200, fields: buildFieldBlock([]) }, () => {});
      stream?.write(Buffer.from("abcdef"), 0, 6);
      expect(server.lines).toEqual([]);
      if (outcome === "answered") stream?.end();
      else if (outcome === "cut") stream?.abort();
      else client.reset();
      expect(await server.line()).toMatchObject({ outcome, status: 200, bodyBytes: 6 });
    },
  );

  test("knows a client that left without an answer", async () => {
    using server = new WatchedServer();
    using client = await server.connect();
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await received(server);
    client.reset();
    expect(await server.line()).toMatchObject({ target: "/slow", outcome: "abandoned", status: null });
  });

  test("has a line for what could not be read, and for a body that is too large", async () => {
    using server = new WatchedServer();
    using client = await server.connect();
    client.send("GET / HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n");
    expect(await server.line()).toMatchObject({ outcome: "refused", status: 400, target: null, client: "127.0.0.1" });
    using second = await server.connect();
    second.send(`POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${(200_000).toString(16)}\r\n`);
    expect(await server.line(2)).toMatchObject({ outcome: "refused", status: 413, target: "/b" });
  });

  test("keeps the facts of a request apart from those of the next one on its connection", async () => {
    using server = new WatchedServer();
    server.respond = (request) => request.answer(request.target);
    using client = await server.connect();
    client.send(Array.from({ length: 20 }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
    await server.line(20);
    expect(server.lines.map(({ target }) => target)).toEqual(Array.from({ length: 20 }, (_, index) => `/${index}`));
  });

  test("counts by method, class of status and version, unknown methods as one", async () => {
    using server = new WatchedServer();
    server.respond = (request) => request.answer("", request.method === "GET" ? 200 : 404);
    using client = await server.connect();
    for (const method of ["GET", "GET", "BREW", "STEEP"]) client.send(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    await server.line(4);
    const [counts] = server.metrics.snapshot();
    expect(counts).toMatchObject({
      app: null,
      requests: [
        { method: "GET", statusClass: "2xx", httpVersion: "1", count: 2 },
        { method: "OTHER", statusClass: "4xx", httpVersion: "1", count: 2 },
      ],
      outcomes: { answered: 4, abandoned: 0 },
    });
    expect(counts!.duration.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(counts!.queue.counts.every((count) => count === 0)).toBe(true);
  });
});

describe("ExchangeWatch over HTTP/2", () => {
  test("tells of answers and of streams that were reset", async () => {
    using server = new WatchedServer();
    using client = await server.connectHttp2();
    server.respond = (request) => request.answer("hello");
    client.request("/a");
    expect(await server.line()).toMatchObject({ target: "/a", protocol: "HTTP/2.0", status: 200, bodyBytes: 5 });
    server.respond = null;
    const streamId = client.request("/b");
    await until("the second request", () => server.requests.length === 2);
    client.send(reset(streamId, 8));
    expect(await server.line(2)).toMatchObject({ target: "/b", outcome: "abandoned", status: null });
  });
});
