import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { HTTP_TRANSPORTS, HttpServer, type ReceivedRequest } from "../../../test/support/http-server.ts";
import type { Http2Client } from "../../../test/support/http2-client.ts";
import { content, headers, reset } from "../../../test/support/http2-frames.ts";
import { until } from "../../../test/support/until.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";

describe.each(HTTP_TRANSPORTS)("a body on a stream that is read while it arrives, over %s", (transport) => {
  function start(server: Partial<ServerConfig> = {}): HttpServer {
    const started = new HttpServer(server, transport);
    started.bodyIntake = "parts";
    return started;
  }

  async function post(server: HttpServer, client: Http2Client): Promise<[ReceivedRequest, number]> {
    const count = server.requests.length;
    const stream = client.request("/", "POST", null);
    await until("the request", () => (server.requests[count]?.stream ?? null) !== null);
    return [server.requests[count]!, stream];
  }

  test("reaches the app with its head, and has its trailers", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    request.stream!.open(request, 100);
    client.send(content(stream, "ab"));
    await until("what was sent", () => request.body === "ab");
    client.send(content(stream, "cd"), headers(stream, [["x-sum", "1"]]));
    await until("the end", () => request.bodyEnd === "complete");
    expect([request.body, request.trailers]).toEqual(["abcd", ["x-sum: 1"]]);
    request.answer("done");
    expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "done", resetBy: null });
  });

  test("has its window opened as its reader takes it, and its neighbours' meanwhile", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const [slow, slowStream] = await post(server, client);
    slow.stream!.open(slow, 10);
    client.send(content(slowStream, "x".repeat(16_000)), content(slowStream, "x".repeat(16_000)));
    client.send(content(slowStream, "x".repeat(16_000)));
    const [fast, fastStream] = await post(server, client);
    fast.stream!.open(fast, 1_000_000);
    for (let index = 0; index < 4; index++) client.send(content(fastStream, "y".repeat(10_000), index === 3));
    await until("the fast one's end", () => fast.bodyEnd === "complete");
    expect([slow.body.length, client.windowOpenedBy(slowStream)]).toEqual([10, 0]);
    slow.stream!.grant(47_990);
    await client.until("a window", () => client.windowOpenedBy(slowStream) === 0);
    slow.stream!.grant(1);
    await client.until("a window", () => client.windowOpenedBy(slowStream) === 48_000);
  });

  test("is asked for when somebody reads it, and not before", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const stream = client.request("/", "POST", null, [["expect", "100-continue"]]);
    await until("the request", () => (server.requests[0]?.stream ?? null) !== null);
    expect(client.response(stream).interims).toEqual([]);
    server.requests[0]!.stream!.open(server.requests[0]!, 100);
    await client.until("100 Continue", () => client.response(stream).interims.includes(100));
  });

  test("is answered early: its client is asked to stop", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    request.answer("enough");
    expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "enough" });
    server.clock.advance(110);
    await client.until("the wish for no more", () => client.response(stream).resetBy === ERROR_CODE.noError);
  });

  test("that its client breaks off is aborted, and so is its exchange", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    request.stream!.open(request, 100);
    client.send(content(stream, "ab"), reset(stream));
    await until("the abortion", () => request.bodyEnd === "aborted" && request.isAbandoned);
  });

  test("that grows over the limit is cut: 413, or a reset behind the head of its answer", async () => {
    using server = start({ bodyBytesMax: 10 });
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    request.stream!.open(request, 100);
    client.send(content(stream, "12345678"), content(stream, "901"));
    expect(await client.untilEnded(stream)).toMatchObject({ status: 413 });
    expect([request.bodyEnd, request.isAbandoned]).toEqual(["aborted", true]);
    const [begun, begunStream] = await post(server, client);
    begun.stream!.open(begun, 100);
    begun.exchange.begin({ status: 200, fields: buildFieldBlock([]) }, () => {});
    client.send(content(begunStream, "12345678901"));
    expect(await client.untilEnded(begunStream)).toMatchObject({ status: 200, resetBy: ERROR_CODE.cancel });
  });

  test.each([
    ["ends before its length", (stream: number) => [content(stream, "ab", true)]],
    ["goes on behind its length", (stream: number) => [content(stream, "abcde")]],
    ["has trailers before its length", (stream: number) => [content(stream, "ab"), headers(stream, [["x-sum", "1"]])]],
    ["has trailers with the name of a target", (stream: number) => [headers(stream, [[":path", "/"]])]],
    ["has trailers that do not end it", (stream: number) => [headers(stream, [["x-sum", "1"]], false)]],
  ])("that %s is malformed: a reset, and its reader never takes it for whole", async (_, rest) => {
    using server = start();
    using client = await server.connectHttp2();
    const stream = client.request("/", "POST", null, [["content-length", "4"]]);
    await until("the request", () => (server.requests[0]?.stream ?? null) !== null);
    const request = server.requests[0]!;
    request.stream!.open(request, 100);
    client.send(...rest(stream));
    expect(await client.untilEnded(stream)).toMatchObject({ status: 0, resetBy: ERROR_CODE.protocolError });
    await until("the abortion", () => request.bodyEnd === "aborted" && request.isAbandoned);
    const next = client.request("/", "POST", null);
    await until("the next request", () => server.requests.length === 2);
    server.requests[1]!.answer("alive");
    expect(await client.untilEnded(next)).toMatchObject({ status: 200 });
  });

  test("that goes on behind an early answer is dropped, and its neighbours are served", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    request.stream!.open(request, 100);
    client.send(content(stream, "ab"));
    await until("what was sent", () => request.body === "ab");
    request.answer("enough");
    client.send(content(stream, "cd"), headers(stream, [["x-sum", "1"]]));
    expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "enough" });
    const [next, nextStream] = await post(server, client);
    next.answer("alive");
    expect(await client.untilEnded(nextStream)).toMatchObject({ status: 200, body: "alive" });
    expect([request.body, client.goaways]).toEqual(["ab", []]);
  });

  test("is never asked for when it is answered unread", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const stream = client.request("/", "POST", null, [["expect", "100-continue"]]);
    await until("the request", () => server.requests.length === 1);
    server.requests[0]!.answer("no", 403);
    expect(await client.untilEnded(stream)).toMatchObject({ status: 403, interims: [] });
  });

  test("is given its time anew with each room, and none while its reader is waited for", async () => {
    using server = start({ deadlines: { headMs: 10_000, bodyMs: 1_000, idleMs: 75_000, writeMs: 60_000 } });
    using client = await server.connectHttp2();
    const [request, stream] = await post(server, client);
    server.clock.advance(5_000);
    request.stream!.open(request, 2);
    client.send(content(stream, "ab"));
    await until("what was sent", () => request.body === "ab");
    server.clock.advance(5_000);
    request.stream!.grant(2);
    server.clock.advance(1_100);
    expect(await client.untilEnded(stream)).toMatchObject({ status: 408 });
    expect(request.bodyEnd).toBe("aborted");
  });
});
