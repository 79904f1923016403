import { describe, expect, test } from "bun:test";

import { HTTP_TRANSPORTS, HttpServer, type ReceivedRequest } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import type { Dispatch, ExchangeHandler } from "../exchange.ts";
import type { RequestStream } from "./request-stream.ts";
import { StreamStore } from "./stream-store.ts";

/** Takes every body in parts, and stores it when the test says so. */
class Holding {
  readonly held: (() => void)[] = [];

  readonly wrap =
    (app: Dispatch): Dispatch =>
    (exchange) => {
      const request = app(exchange);
      return {
        bodyIntake: "parts",
        onRequest: (body) => request.onRequest(body),
        onRequestStream: (stream: RequestStream) =>
          void this.held.push(() => new StreamStore(stream, exchange, "whole").start()),
        onClientEnd: () => request.onClientEnd(),
        onAbandoned: () => request.onAbandoned(),
      } satisfies ExchangeHandler;
    };

  /** Stores the next body that is held. */
  async store(): Promise<void> {
    await until("a body", () => this.held.length > 0);
    this.held.shift()?.();
  }
}

/** Larger than memory takes of one body (`SMALL_SERVER`), and than what is granted at once. */
const LARGE = "0123456789".repeat(100_000);

describe.each(HTTP_TRANSPORTS)("StreamStore over %s", (transport) => {
  function start(bodyBytesMax = 10_000_000, bodyDirectory: string | null = null): [HttpServer, Holding] {
    const holding = new Holding();
    return [new HttpServer({ bodyBytesMax, bodyDirectory }, transport, holding.wrap), holding];
  }

  async function whole(server: HttpServer, index = 0): Promise<ReceivedRequest> {
    await until("the whole request", () => server.requests[index]?.isComplete === true);
    return server.requests[index]!;
  }

  test.each([
    ["in memory", "small", "small"],
    ["in a file", LARGE, LARGE],
  ])("completes a request %s, and its connection goes on", async (_, body, expected) => {
    const [server, holding] = start();
    using _server = server;
    using client = await server.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await holding.store();
    const request = await whole(server);
    expect(request.body === expected).toBe(true);
    request.answer("stored");
    await client.untilReceived("stored");
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await whole(server, 1);
  });

  test("asks for a body when it is stored, and keeps its trailers", async () => {
    const [server, holding] = start();
    using _server = server;
    using client = await server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    await until("the body", () => holding.held.length === 1);
    expect(client.received).toBe("");
    await holding.store();
    await client.untilReceived("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n");
    const { body, exchange } = await whole(server);
    expect([body, exchange.trailers?.get("x-sum")]).toEqual(["ok", "1"]);
  });

  test("lets a client that leaves abandon its request", async () => {
    const [server, holding] = start();
    using _server = server;
    const client = await server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    await holding.store();
    client.reset();
    await until("the leave", () => server.requests[0]?.isAbandoned === true);
    expect(server.requests[0]?.isComplete).toBe(false);
  });

  test("answers 503 where there is no disk", async () => {
    const [server, holding] = start(10_000_000, "/proc/nowhere");
    using _server = server;
    using client = await server.connect();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE.length}\r\n\r\n${LARGE.slice(0, 5_000)}`);
    await holding.store();
    expect(await client.untilReceived("\r\n\r\n")).toStartWith("HTTP/1.1 503 ");
    expect(server.errors).toEqual(["request body cannot be stored"]);
  });
});
