import { describe, expect, test } from "bun:test";

import type { ServerConfig } from "../../config/server-config.ts";
import { HTTP_TRANSPORTS, HttpServer } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

function statuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}

describe.each(HTTP_TRANSPORTS)("over %s", (transport) => {
  const start = (server: Partial<ServerConfig> = {}) => new HttpServer(server, transport);

  describe("Http1Connection", () => {
    test("answers request after request on one connection", async () => {
      using server = start();
      server.respond = (request) => request.answer(request.target);
      using client = await server.connect();
      for (const path of ["/1", "/2", "/3"]) {
        client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        await client.untilReceived(`\r\n\r\n${path}`);
      }
      expect(statuses(client.received)).toEqual([200, 200, 200]);
      expect(client.received).not.toContain("Connection:");
    });

    test("answers pipelined requests in their order, one at a time", async () => {
      using server = start();
      using client = await server.connect();
      client.send(
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
      );
      for (let count = 1; count <= 3; count++) {
        await until(
          `request ${count}`,
          () => server.requests.length === count && server.requests[count - 1]!.isComplete,
        );
        server.requests[count - 1]!.answer(`answer ${count}.`);
        await client.untilReceived(`answer ${count}.`);
      }
      expect(server.requests.map(({ target, body }) => [target, body])).toEqual([
        ["/1", ""],
        ["/2", "hi"],
        ["/3", ""],
      ]);
    });

    test("stops reading a client that pipelines without end, and goes on when it has answered", async () => {
      using server = start();
      using client = await server.connect();
      // Large ones, for what sockets hold is to be some thousands and not hundreds of thousands.
      const large = `GET /a HTTP/1.1\r\nHost: a\r\nX-Padding: ${"x".repeat(1_000)}\r\n\r\n`;
      const burst = Buffer.from(large.repeat(100));
      let sent = 0;
      let takenLast = -1;
      client.send(GET);
      await until("the first request", () => server.requests.length === 1);
      await until("a full socket", () => {
        const taken = client.sendSome(burst);
        sent += taken;
        const isFull = taken === 0 && takenLast === 0;
        takenLast = taken;
        return isFull;
      });
      expect(server.requests.length).toBe(1);
      server.respond = (request) => request.answer("ok");
      server.requests[0]!.answer("ok");
      const whole = Math.floor(sent / large.length) + 1;
      await client.until(`${whole} answers`, () => server.requests.length >= whole);
      expect(server.errors).toEqual([]);
    });

    test("stops taking pipelined requests while their answers cannot leave", async () => {
      using server = start();
      const big = "x".repeat(200_000);
      const requestCount = 200;
      server.respond = (request) => request.answer(big);
      using client = await server.connect();
      client.pause();
      client.send(GET.repeat(requestCount));
      await until("requests to stop being taken", async () => {
        const before = server.requests.length;
        for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
        return before > 0 && before === server.requests.length;
      });
      expect(server.requests.length).toBeLessThan(requestCount);
      client.resume();
      await until("all requests", () => server.requests.length === requestCount);
    });

    test("sends 100 Continue when it is waited for, and not when the body is already there", async () => {
      using server = start();
      server.respond = (request) => request.answer(`got ${request.body}`);
      using client = await server.connect();
      const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
      client.send(head);
      await client.untilReceived("HTTP/1.1 100 Continue\r\n\r\n");
      client.send("abc");
      await client.untilReceived("got abc");
      client.send(`${head}xyz`);
      await client.untilReceived("got xyz");
      expect(statuses(client.received)).toEqual([100, 200, 200]);
    });

    test("refuses a body that is announced too large before asking for it", async () => {
      using server = start({ bodyBytesMax: 10 });
      using client = await server.connect();
      client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
      expect(statuses(await client.untilEnd())).toEqual([413]);
      expect(client.received).toContain("Connection: close");
      expect(server.requests).toMatchObject([{ isComplete: false }]);
    });

    test("lets a client that is still sending see its 413", async () => {
      using server = start({ bodyBytesMax: 10 });
      using client = await server.connect();
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n");
      await client.untilReceived("413");
      client.send(`5\r\nhello\r\n`.repeat(100));
      expect(statuses(await client.untilEnd())).toEqual([413]);
    });

    test("takes a body of exactly the limit, in memory and in a file", async () => {
      using server = start({ bodyBytesMax: 50_000, bodyMemoryBytesMax: 1_000 });
      server.respond = (request) => request.answer(`${request.body.length}.`);
      using client = await server.connect();
      for (const size of [1_000, 1_001, 50_000]) {
        client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`);
        await client.untilReceived(`\r\n\r\n${size}.`);
      }
    });

    test("answers HEAD without a body, 204 without a length, and HTTP/1.0 with a close", async () => {
      using server = start();
      server.respond = (request) => (request.target === "/204" ? request.answer("", 204) : request.answer("hello"));
      using client = await server.connect();
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n");
      const [head, empty, old] = (await client.untilEnd()).split("HTTP/1.1 ").slice(1) as [string, string, string];
      expect(head).toMatch(/^200 OK\r\n[^]*Content-Length: 5\r\n\r\n$/);
      expect(empty).toMatch(/^204 No Content\r\n/);
      expect(empty).not.toContain("Content-Length");
      expect(old).toMatch(/Connection: close\r\n\r\nhello$/);
    });

    test("keeps an HTTP/1.0 connection that asks for it", async () => {
      using server = start();
      server.respond = (request) => request.answer("ok");
      using client = await server.connect();
      client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
      const received = await client.untilEnd();
      expect(statuses(received)).toEqual([200, 200]);
      expect(received).toContain("Connection: keep-alive");
    });

    test("closes after the last request a connection may carry, and says so", async () => {
      using server = start({ requestsPerConnectionMax: 2 });
      server.respond = (request) => request.answer("ok");
      using client = await server.connect();
      client.send(GET + GET + GET);
      expect(statuses(await client.untilEnd())).toEqual([200, 200]);
      expect(client.received.match(/Connection: close/g)?.length).toBe(1);
    });

    test("answers a client that has closed its sending side", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET + GET);
      client.shutDown();
      for (let count = 1; count <= 2; count++) {
        await until(`request ${count}`, () => server.requests.length === count);
        server.requests[count - 1]!.answer("ok");
      }
      expect(statuses(await client.untilEnd())).toEqual([200, 200]);
    });

    test("drops a request whose client has closed its sending side while it waits", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET);
      await until("the request", () => server.requests.length === 1);
      server.requests[0]!.onEnd = "drop";
      client.shutDown();
      expect(await client.untilEnd()).toBe("");
      await until("the request to be abandoned", () => server.requests[0]!.isAbandoned);
    });

    test("waits a moment with a client that has closed its sending side, where its app would rather not", async () => {
      using server = start();
      using client = await server.connect();
      using gone = await server.connect();
      for (const each of [client, gone]) {
        const count = server.requests.length;
        each.send(GET);
        await until("the request", () => server.requests.length > count);
        server.requests[count]!.onEnd = "soon";
        each.shutDown();
      }
      // A request that comes behind is seen behind.
      using other = await server.connect();
      other.send(GET);
      await until("the request", () => server.requests.length === 3);
      server.clock.advance(400);
      server.requests[0]!.answer("ok");
      expect(statuses(await client.untilEnd())).toEqual([200]);
      server.clock.advance(200);
      expect(await gone.untilEnd()).toBe("");
      expect(server.requests.map(({ isAbandoned }) => isAbandoned)).toEqual([false, true, false]);
    });

    test("cuts no answer that has begun with its length when the client had closed its sending side", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET);
      await until("the request", () => server.requests.length === 1);
      server.requests[0]!.onEnd = "soon";
      client.shutDown();
      // A request that comes behind is seen behind.
      using other = await server.connect();
      other.send(GET);
      await until("the request", () => server.requests.length === 2);
      server.requests[0]!.onEnd = "answer";
      server.clock.advance(600);
      expect(server.requests[0]!.isAbandoned).toBe(false);
      server.requests[0]!.answer("ok");
      expect(statuses(await client.untilEnd())).toEqual([200]);
    });

    test("tells the app when the client is gone, and lets its late answer fall", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET);
      await until("the request", () => server.requests.length === 1);
      client.reset();
      await until("the request to be abandoned", () => server.requests[0]!.isAbandoned);
      server.requests[0]!.answer("too late");
      expect(server.listener.counters.abandoned).toBe(1);
      await until("no connection", () => server.listener.connectionCount === 0);
    });

    test("closes a connection that breaks off inside a head or a body", async () => {
      using server = start();
      for (const part of ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"]) {
        using client = await server.connect();
        client.send(part);
        client.shutDown();
        expect(await client.untilEnd()).toBe("");
      }
      await until("no connection", () => server.listener.connectionCount === 0);
      expect(server.requests.filter((request) => request.isComplete)).toEqual([]);
    });
  });

  describe("Http1Connection › deadlines", () => {
    test("closes a silent connection at the idle deadline, without a word", async () => {
      using server = start();
      using client = await server.connect();
      await until("the connection", () => server.listener.connectionCount === 1 && server.listener.arrivalCount === 0);
      server.clock.advance(74_900);
      expect(server.listener.connectionCount).toBe(1);
      server.clock.advance(200);
      expect(await client.untilEnd()).toBe("");
    });

    test("answers 408 to a head that dribbles past its deadline, however often bytes come", async () => {
      using server = start();
      using client = await server.connect();
      client.send("GET / HTTP/1.1\r\n");
      await until("the answer", () => {
        if (client.received === "") client.send("X-A: a\r\n");
        server.clock.advance(1_000);
        return client.received !== "";
      });
      expect(statuses(await client.untilEnd())).toEqual([408]);
      expect(server.listener.counters.timedOut).toBe(1);
    });

    test("answers 408 to a body that takes too long, and the app never sees it", async () => {
      using server = start();
      using client = await server.connect();
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
      await until("the request", () => server.requests.length === 1);
      server.clock.advance(60_100);
      expect(statuses(await client.untilEnd())).toEqual([408]);
      expect(server.requests[0]).toMatchObject({ isComplete: false, isAbandoned: true });
    });

    test("does not hurry the app: no deadline runs while a request is answered", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET);
      await until("the request", () => server.requests.length === 1);
      server.clock.advance(1_000_000);
      server.requests[0]!.answer("at last");
      await client.untilReceived("at last");
    });

    test("cuts a client that takes none of its answer", async () => {
      using server = start();
      using client = await server.connect();
      client.pause();
      server.respond = (request) => request.answer("x".repeat(16 << 20));
      client.send(GET);
      await until("the answer to be under way", () => server.listener.counters.responses === 1);
      await until("the cut", () => {
        server.clock.advance(1_000);
        return server.listener.connectionCount === 0;
      });
      expect(server.listener.counters.timedOut).toBe(1);
    });
  });

  describe("Http1Connection › draining", () => {
    test("announces the close with the next answer, then closes what is idle", async () => {
      using server = start();
      server.respond = (request) => request.answer("ok");
      using busy = await server.connect();
      using idle = await server.connect();
      idle.send(GET);
      await idle.untilReceived("ok");
      server.listener.announceClose();
      busy.send(GET);
      expect(await busy.untilEnd()).toContain("Connection: close");
      expect(idle.isEnded).toBe(false);
      server.listener.stopAccepting();
      expect(statuses(await idle.untilEnd())).toEqual([200]);
      await server.listener.whenEmpty();
    });

    test("answers the first request of a connection that came just before the end of accepting", async () => {
      using server = start();
      server.respond = (request) => request.answer("ok");
      using fresh = await server.connect();
      using silent = await server.connect();
      await until(
        "both connections",
        () => server.listener.connectionCount === 2 && server.listener.arrivalCount === 0,
      );
      server.listener.announceClose();
      server.listener.stopAccepting();
      fresh.send(GET);
      expect(await fresh.untilEnd()).toContain("Connection: close");
      expect(silent.isEnded).toBe(false);
      server.clock.advance(600);
      expect(await silent.untilEnd()).toBe("");
      await server.listener.whenEmpty();
    });

    test("a connection in the middle of a request outlives the end of accepting", async () => {
      using server = start();
      using client = await server.connect();
      client.send(GET);
      await until("the request", () => server.requests.length === 1);
      server.listener.announceClose();
      server.listener.stopAccepting();
      server.requests[0]!.answer("done");
      expect(await client.untilEnd()).toContain("done");
      await server.listener.whenEmpty();
    });
  });

  describe("Http1Connection › storage", () => {
    test("answers 503 when a body cannot be stored, and says so in the log", async () => {
      using server = start({ bodyDirectory: "/proc/nowhere" });
      using client = await server.connect();
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5_000)}`);
      const received = await client.untilEnd();
      expect(statuses(received)).toEqual([503]);
      expect(received).toContain("Retry-After: 1");
      expect(server.errors).toEqual(["request body cannot be stored"]);
    });
  });
});
