import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import type { Dispatch } from "../exchange.ts";
import { HTTP_TRANSPORTS, HttpServer, type ReceivedRequest } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import type { ServerConfig } from "../../config/server-config.ts";

const POST = "POST / HTTP/1.1\r\nHost: a\r\n";

describe.each(HTTP_TRANSPORTS)("a body that is read while it arrives, over %s", (transport) => {
  function start(server: Partial<ServerConfig> = {}): HttpServer {
    const started = new HttpServer(server, transport);
    started.bodyIntake = "parts";
    return started;
  }

  async function first(server: HttpServer): Promise<ReceivedRequest> {
    await until("the request", () => (server.requests[0]?.stream ?? null) !== null);
    return server.requests[0]!;
  }

  test("reaches the app with its head, byte by byte, and its connection goes on", async () => {
    using server = start();
    using client = await server.connect();
    client.send(`${POST}Content-Length: 6\r\n\r\nab`);
    const request = await first(server);
    request.stream!.open(request, 100);
    await until("what was sent", () => request.body === "ab");
    client.send("cdefGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("the end", () => request.bodyEnd === "complete");
    expect(request.body).toBe("abcdef");
    request.answer("done");
    await client.untilReceived("\r\n\r\ndone");
    expect(client.received).not.toContain("Connection: close");
    await until("the next request", () => server.requests.length === 2);
    expect(server.requests[1]!.target).toBe("/next");
  });

  test("comes with its trailers, which are also on the exchange", async () => {
    using server = start();
    using client = await server.connect();
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n`);
    const request = await first(server);
    request.stream!.open(request, 3);
    request.stream!.grant(1);
    await until("the end", () => request.bodyEnd === "complete");
    expect([request.body, request.trailers]).toEqual(["abc", ["X-Sum: 1", "X-Sum: 2"]]);
    expect(request.exchange.trailers?.get("x-sum")).toBe("1");
  });

  test("leaves its trailers on the exchange when it is stored, too", async () => {
    using server = start();
    server.bodyIntake = "whole";
    using client = await server.connect();
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n`);
    await until("the request", () => server.requests[0]?.isComplete === true);
    expect(server.requests[0]!.exchange.trailers?.get("x-sum")).toBe("1");
  });

  test("is asked for when somebody reads it, and not before", async () => {
    using server = start();
    using client = await server.connect();
    client.send(`${POST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
    const request = await first(server);
    expect(client.received).toBe("");
    request.stream!.open(request, 100);
    expect(await client.untilReceived("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    await until("the end", () => request.bodyEnd === "complete");
  });

  test("is never asked for when it is answered unread", async () => {
    using server = start();
    server.respond = (request) => request.answer("no", 403);
    using client = await server.connect();
    client.send(`${POST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
    const received = await client.untilEnd();
    expect(received).toStartWith("HTTP/1.1 403 ");
    expect(received).toContain("Connection: close\r\n");
  });

  test("pauses its client while its reader takes nothing", async () => {
    using server = start({ bodyBytesMax: 100_000_000 });
    using client = await server.connect();
    client.send(`${POST}Content-Length: 50000000\r\n\r\n`);
    const request = await first(server);
    request.stream!.open(request, 10);
    const burst = Buffer.alloc(1_000_000, "x");
    let sent = 0;
    let takenLast = -1;
    await until("a full socket", () => {
      const taken = client.sendSome(burst);
      sent += taken;
      const isFull = taken === 0 && takenLast === 0;
      takenLast = taken;
      return isFull || sent > 40_000_000;
    });
    expect(sent).toBeLessThan(20_000_000);
    expect(request.body).toBe("x".repeat(10));
    request.stream!.grant(20_000_000);
    await until("all that was sent", () => request.body.length === sent);
  });

  test("is answered early: the connection closes behind the answer", async () => {
    using server = start();
    using client = await server.connect();
    client.send(`${POST}Content-Length: 1000\r\n\r\nab`);
    const request = await first(server);
    request.stream!.open(request, 100);
    await until("what was sent", () => request.body === "ab");
    request.answer("enough");
    expect(await client.untilReceived("enough")).toContain("Connection: close\r\n");
    client.send("more than nobody reads");
    await client.untilEnd();
    expect(request.body).toBe("ab");
  });

  test("goes on while its answer does", async () => {
    using server = start();
    using client = await server.connect();
    client.send(`${POST}Content-Length: 4\r\n\r\nab`);
    const request = await first(server);
    request.stream!.open(request, 100);
    const fields = buildFieldBlock([]);
    const answer = request.exchange.begin({ status: 200, fields }, () => {})!;
    answer.write(Buffer.from("heard "), 0, 6);
    await client.untilReceived("heard ");
    client.send("cd");
    await until("the end", () => request.bodyEnd === "complete");
    answer.write(Buffer.from("all"), 0, 3);
    answer.end();
    expect(await client.untilEnd()).toEndWith("3\r\nall\r\n0\r\n\r\n");
  });

  test("that its client breaks off is aborted, and so is its exchange", async () => {
    using server = start();
    const client = await server.connect();
    client.send(`${POST}Content-Length: 4\r\n\r\nab`);
    const request = await first(server);
    request.stream!.open(request, 100);
    await until("what was sent", () => request.body === "ab");
    client.reset();
    await until("the abortion", () => request.bodyEnd === "aborted");
    await until("the client's leave", () => request.isAbandoned);
  });

  test.each([
    ["grows over the limit", "Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n", "8\r\n", 413],
    ["breaks its framing", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "zz\r\n", 400],
  ])("that %s is cut, and its client told", async (_, begin, rest, status) => {
    using server = start({ bodyBytesMax: 10 });
    using client = await server.connect();
    client.send(POST + begin);
    const request = await first(server);
    request.stream!.open(request, 100);
    await until("what was sent", () => request.body.length > 1);
    client.send(rest);
    expect(await client.untilEnd()).toStartWith(`HTTP/1.1 ${status} `);
    expect([request.bodyEnd, request.isAbandoned]).toEqual(["aborted", true]);
  });

  test("that grows over the limit behind the head of its answer cuts the answer", async () => {
    using server = start({ bodyBytesMax: 10 });
    using client = await server.connect();
    client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
    const request = await first(server);
    request.stream!.open(request, 100);
    const answer = request.exchange.begin({ status: 200, fields: buildFieldBlock([]) }, () => {})!;
    answer.write(Buffer.from("heard"), 0, 5);
    await client.untilReceived("heard");
    client.send("b\r\n");
    const received = await client.untilEnd();
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(received).not.toContain("\r\n0\r\n\r\n");
  });

  test("is given its time anew with each room, and none while its reader is waited for", async () => {
    using server = start({ deadlines: { headMs: 10_000, bodyMs: 1_000, idleMs: 75_000, writeMs: 60_000 } });
    using client = await server.connect();
    client.send(`${POST}Content-Length: 4\r\n\r\nab`);
    const request = await first(server);
    server.clock.advance(5_000);
    request.stream!.open(request, 2);
    await until("what was sent", () => request.body === "ab");
    server.clock.advance(5_000);
    request.stream!.grant(2);
    server.clock.advance(900);
    client.send("c");
    await until("what was sent", () => request.body === "abc");
    server.clock.advance(200);
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 408 ");
    expect(request.bodyEnd).toBe("aborted");
  });

  test("that the disk does not have yet when its request is answered reaches no other request", async () => {
    const answerEarly = (app: Dispatch): Dispatch => {
      return (exchange) => {
        // Behind the rest of the turn, in which the body is read to its end, and before the disk has it.
        if (exchange.head.target === "/early") queueMicrotask(() => exchange.refuse(503));
        return app(exchange);
      };
    };
    using server = new HttpServer({}, transport, answerEarly);
    server.respond = (request) => request.answer(request.body);
    using client = await server.connect();
    const post = (target: string, body: string) =>
      `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const next = post("/next", "b".repeat(500));
    client.send(post("/early", "a".repeat(2_000)) + next.slice(0, -100));
    await client.untilReceived("503 Service Unavailable\n");
    // The disk has the first body when it has one that came behind it.
    using other = await server.connect();
    other.send(post("/other", "c".repeat(2_000)));
    await other.untilReceived("c".repeat(2_000));
    client.send(next.slice(-100));
    await client.untilReceived(`\r\n\r\n${"b".repeat(500)}`);
    expect(server.requests.map(({ target, body }) => [target, body[0] ?? "", body.length])).toEqual([
      ["/early", "", 0],
      ["/next", "b", 500],
      ["/other", "c", 2_000],
    ]);
    await until("the memory to be given back", () => server.listener.bodyMemoryBytes === 0);
  });
});
