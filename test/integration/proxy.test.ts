import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { until } from "../support/until.ts";

/** An upstream that answers by what stands in the path, byte for byte, and keeps what it was sent. */
class Upstream {
  readonly received: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));

  async listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    const index = this.sockets.push(socket) - 1;
    this.received[index] = "";
    let hasAnswered = false;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      this.received[index] += chunk.toString("latin1");
      if (hasAnswered || !this.received[index]!.includes("\r\n\r\n")) return;
      hasAnswered = true;
      const name = /^\S+ \/up\/([a-z-]+)/.exec(this.received[index]!)?.[1] ?? "";
      const answer = ANSWERS[name];
      if (answer === undefined) return;
      socket.write(Buffer.from(answer, "latin1"));
      if (name.endsWith("close")) socket.end();
    });
    socket.on("end", () => socket.end());
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  plain:
    "HTTP/1.1 201 Fine\r\nX-Up: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\nhello",
  chunked:
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n",
  "until-close": "HTTP/1.0 200 OK\r\n\r\nto the end",
  hints: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
  head: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
  "short-close": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal",
  "nothing-close": "",
  malformed: "HTTP/1.1 OK\r\n\r\n",
  "both-framings": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  splitting: "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
  large: `HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n${"0123456789".repeat(400_000)}`,
  switching: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
};

describe("a proxied route", () => {
  const upstream = new Upstream();
  let server: VilyaServer;

  beforeAll(async () => {
    const port = await upstream.listen();
    const to = `http://127.0.0.1:${port}`;
    server = await startVilya({
      expectedErrors: ["upstream leads back to this server"],
      config: {
        logging: { access: [{ path: "access.log", format: "$uri $status $upstream_response_time" }] },
        routes: [
          { path: "/up/late", proxy: { to, timeout: "300ms", keep_alive: 0 } },
          { path: "/up/*", proxy: { to, keep_alive: 0 } },
          { path: "/strip/{rest:path}", rewrite: "/up/{rest}", proxy: { to, keep_alive: 0 } },
          { path: "/gone", proxy: { to: "unix:/nowhere/app.sock" } },
        ],
      },
    });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    upstream.close();
  });

  async function ask(request: string): Promise<string> {
    using client = await RawClient.connect(server.port);
    client.send(request);
    return (await client.untilEnd()).replace(/Date: .*\r\n/, "");
  }

  const get = (path: string, fields = "", method = "GET") =>
    ask(`${method} ${path} HTTP/1.1\r\nHost: a.example:81\r\n${fields}Connection: close\r\n\r\n`);

  test("gets the request without what is of the connection, and with whom it is from", async () => {
    await get(
      "/strip/plain?q=%20",
      "X-One: 1\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nTE: trailers\r\nKeep-Alive: 5\r\nUpgrade: x\r\n",
    );
    expect(upstream.received.at(-1)?.replace(/vilya-[0-9a-f]{8}/, "vilya-x")).toBe(
      "GET /up/plain?q=%20 HTTP/1.1\r\nHost: a.example:81\r\nX-One: 1\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.example:81\r\nVia: 1.1 vilya-x\r\nConnection: TE\r\nTE: trailers\r\n\r\n",
    );
  });

  test.each([
    [
      "plain",
      "HTTP/1.1 201 Created\r\nX-Up: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    ],
    [
      "chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    ],
    [
      "until-close",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\na\r\nto the end\r\n0\r\n\r\n",
    ],
    ["hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"],
  ])("passes on an answer that is %s", async (name, expected) => {
    expect(await get(`/up/${name}`)).toBe(expected);
  });

  test("answers a client that has closed its sending side", async () => {
    using client = await RawClient.connect(server.port);
    client.send("GET /up/plain HTTP/1.1\r\nHost: a\r\n\r\n");
    client.shutDown();
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 201 ");
  });

  test.each([
    ["a leftover", "GET", ""],
    ["a method that cannot", "POST", "Connection: Upgrade\r\n"],
    ["a body", "GET", "Connection: Upgrade\r\nTransfer-Encoding: chunked\r\n"],
  ])("is not asked to upgrade where %s says so", async (_, method, fields) => {
    using client = await RawClient.connect(server.port);
    const rest = fields.includes("chunked") ? "0\r\n\r\n" : "";
    client.send(`${method} /up/plain HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n${fields}\r\n${rest}`);
    await client.untilReceived("hello");
    expect(upstream.received.at(-1)).not.toMatch(/upgrade/i);
  });

  test("gets a body's length where there is none, and an empty query", async () => {
    for (const [line, last] of [
      ["POST /up/plain?", "Content-Length: 0"],
      ["DELETE /up/plain?", "Via: 1.1 vilya-x"],
    ] as const) {
      const [method = "", path = ""] = line.split(" ");
      await get(path, "", method);
      const received = upstream.received.at(-1)?.replace(/vilya-[0-9a-f]{8}/, "vilya-x") ?? "";
      expect(received).toStartWith(`${line} HTTP/1.1\r\n`);
      expect(received).toEndWith(`${last}\r\n\r\n`);
    }
  });

  test("gets nothing that may be handed on no further", async () => {
    const count = upstream.received.length;
    expect(await get("/up/plain", "Max-Forwards: 0\r\n", "OPTIONS")).toStartWith("HTTP/1.1 204 ");
    expect(await get("/up/plain", "Max-Forwards: 0\r\n", "TRACE")).toStartWith("HTTP/1.1 501 ");
    expect(upstream.received.length).toBe(count);
  });

  test("passes trailers on to a client that keeps them", async () => {
    expect(await get("/up/chunked", "TE: trailers\r\n")).toEndWith("\r\n0\r\nX-Trailer: 1\r\n\r\n");
  });

  test("passes on more than may wait for a client", async () => {
    const answer = await get("/up/large");
    const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    expect(body.length).toBe(4_000_000);
    expect(Bun.hash(body)).toBe(Bun.hash("0123456789".repeat(400_000)));
  });

  test("passes on the length that an answer to HEAD would have", async () => {
    expect(await get("/up/head", "", "HEAD")).toBe(
      "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n",
    );
  });

  test.each(["nothing-close", "malformed", "both-framings", "splitting", "switching"])(
    "answers 502 for an upstream's answer that is %s",
    async (name) => {
      expect(await get(`/up/${name}`)).toStartWith("HTTP/1.1 502 ");
    },
  );

  test("answers 502 where nobody listens, and 504 for an upstream that stays silent", async () => {
    expect(await get("/gone")).toStartWith("HTTP/1.1 502 ");
    const { reason, errorStack } = await server.logged("upstream cannot be reached");
    expect([reason, errorStack]).toEqual(["ENOENT", undefined]);
    expect(await get("/up/late")).toStartWith("HTTP/1.1 504 ");
  });

  test("cuts an answer that the upstream has left unfinished", async () => {
    const answer = await get("/up/short-close");
    expect(answer).toEndWith("Content-Length: 10\r\nConnection: close\r\n\r\nhal");
  });

  test("streams a body to the upstream in the framing it came in, before it is complete", async () => {
    using client = await RawClient.connect(server.port);
    const count = upstream.sockets.length;
    client.send("POST /up/silent HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    await until("the first part", () => upstream.received[count]?.endsWith("5\r\nfirst\r\n") === true);
    client.send("4\r\nlast\r\n0\r\n\r\n");
    await until("the end", () => upstream.received[count]?.endsWith("4\r\nlast\r\n0\r\n\r\n") === true);
    expect(upstream.received[count]).toContain("\r\nTransfer-Encoding: chunked\r\n");

    client.send("");
    const known = await ask("POST /up/plain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    expect(known).toStartWith("HTTP/1.1 201 ");
    await until("the body", () => upstream.received.at(-1)?.endsWith("\r\n\r\nabc") === true);
    expect(upstream.received.at(-1)).toContain("\r\nContent-Length: 3\r\n");
  });

  test("has the time of its upstream in the access log", async () => {
    await get("/up/plain");
    await get("/up/late");
    const line = await until("both lines", () => {
      const path = join(server.directory, "access.log");
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
      return (
        lines.find((each) => /^\/up\/plain 201 \d+\.\d{3}$/.test(each)) !== undefined &&
        lines.find((each) => each.startsWith("/up/late 504 "))
      );
    });
    expect(Number(line.split(" ")[2])).toBeGreaterThanOrEqual(0.29);
  });

  test("answers 508 to a request that an upstream leads back here", async () => {
    await get("/strip/plain");
    const via = /Via: [^\r]+\r\n/.exec(upstream.received.at(-1) ?? "")?.[0] ?? "";
    expect(await get("/strip/plain", via)).toStartWith("HTTP/1.1 508 ");
    expect(await get("/strip/plain", "Via: 1.1 other\r\n")).toStartWith("HTTP/1.1 201 ");
  });

  test("closes the connection to the upstream when the client leaves", async () => {
    const count = upstream.sockets.length;
    {
      using client = await RawClient.connect(server.port);
      client.send("GET /strip/silent HTTP/1.1\r\nHost: a\r\n\r\n");
      await until("the request", () => upstream.received[count]?.includes("\r\n\r\n") === true);
    }
    await until("the end of the connection", () => upstream.sockets[count]?.readableEnded === true);
  });
});
