import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";

import { IDLE_COUNT_MAX } from "../../src/clients/http/upstream-connections.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

/** More than there are tests. */
const ROUTE_COUNT = 20;

/** A request that an upstream has got: on which of its connections, and what it may do with that. */
interface Asked {
  readonly connection: number;
  readonly line: string;
  readonly socket: Socket;
  answer(body: string, fields?: string): void;
}

/** An upstream that leaves its answers to the test. */
class Upstream {
  readonly asked: Asked[] = [];
  connectionCount = 0;
  respond: (asked: Asked) => void = (asked) => asked.answer("ok");
  readonly #server: Server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  readonly #sockets: Socket[] = [];

  async listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    const connection = this.connectionCount++;
    this.#sockets.push(socket);
    let received = "";
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end !== -1; end = received.indexOf("\r\n\r\n")) {
        const line = received.slice(0, received.indexOf(" HTTP/1.1\r\n"));
        received = received.slice(end + 4).replace(/^body/, "");
        const answer = (body: string, fields = ""): void =>
          void socket.write(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
        const asked: Asked = { connection, line, socket, answer };
        this.asked.push(asked);
        this.respond(asked);
      }
    });
  }
}

describe("connections to an upstream", () => {
  const upstream = new Upstream();
  let server: VilyaServer;
  let testCount = 0;

  beforeAll(async () => {
    const to = `http://127.0.0.1:${await upstream.listen()}`;
    const own = Array.from({ length: ROUTE_COUNT }, (_, index) => ({
      path: `/${index}`,
      proxy: { to, timeout: "5s" },
    }));
    const others = [
      { path: "/none", proxy: { to, keep_alive: 0 } },
      { path: "/short", proxy: { to, keep_alive: "20ms" } },
    ];
    server = await startVilya({ config: { routes: [...own, ...others] } });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    upstream.close();
  });

  beforeEach(() => {
    testCount++;
    upstream.asked.length = 0;
    upstream.respond = (asked) => asked.answer("ok");
  });

  /** Of this test: a route has connections of its own. */
  const path = (): string => `/${testCount}`;

  async function ask(method = "GET", target = path()): Promise<string> {
    const response = await fetch(server.url + target, { method, ...(method === "POST" && { body: "body" }) });
    return `${response.status} ${await response.text()}`;
  }

  /** Which connection each request came on, the first one being 0. */
  function connections(): readonly number[] {
    const known = [...new Set(upstream.asked.map(({ connection }) => connection))];
    return upstream.asked.map(({ connection }) => known.indexOf(connection));
  }

  test("are used again for requests that may run twice, and for no others", async () => {
    for (const method of ["GET", "GET", "POST", "POST", "GET"]) expect(await ask(method)).toBe("200 ok");
    expect(upstream.asked.map(({ line }) => line.split(" ")[0])).toEqual(["GET", "GET", "POST", "POST", "GET"]);
    expect(connections()).toEqual([0, 0, 1, 2, 2]);
  });

  test.each([
    ["says that it closes", (asked: Asked) => asked.answer("ok", "Connection: x, Close\r\n")],
    ["says that it keeps them for no time", (asked: Asked) => asked.answer("ok", "Keep-Alive: timeout=1, max=5\r\n")],
    ["sends more than it has announced", (asked: Asked) => void (asked.answer("ok"), asked.socket.write("HTTP/1.1 "))],
    ["ends its answer by its close", ({ socket }: Asked) => void socket.end("HTTP/1.1 200 OK\r\n\r\nok")],
    ["speaks HTTP/1.0", ({ socket }: Asked) => void socket.end("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")],
  ])("are not used again where the upstream %s", async (_, respond) => {
    upstream.respond = respond;
    expect([await ask(), await ask()]).toEqual(["200 ok", "200 ok"]);
    expect(connections()).toEqual([0, 1]);
  });

  test("are not kept where keep_alive is 0, and are closed when it is over", async () => {
    expect([await ask("GET", "/none"), await ask("GET", "/none")]).toEqual(["200 ok", "200 ok"]);
    expect(connections()).toEqual([0, 1]);
    expect(await ask("GET", "/short")).toBe("200 ok");
    await until("the close", () => upstream.asked[2]!.socket.readableEnded);
    expect(await ask("GET", "/short")).toBe("200 ok");
    expect(connections()).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ["closes", (socket: Socket) => void socket.end()],
    ["resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["times out", (socket: Socket) => void socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")],
  ])("lose nothing where the upstream %s one at the very moment of a request", async (_, end) => {
    expect(await ask()).toBe("200 ok");
    upstream.respond = (asked) => (asked === upstream.asked[1] ? end(asked.socket) : asked.answer("again"));
    expect(await ask()).toBe("200 again");
    expect(connections()).toEqual([0, 0, 1]);
  });

  test("that break inside of an answer are no reason to ask again", async () => {
    expect(await ask()).toBe("200 ok");
    upstream.respond = ({ socket }) => void socket.end("HTTP/1.1 200 OK\r\nContent-");
    expect(await ask()).toStartWith("502 ");
    expect(connections()).toEqual([0, 0]);
  });

  test("of a first request that is closed at once are no reason to ask again either", async () => {
    upstream.respond = ({ socket }) => void socket.end();
    expect(await ask()).toStartWith("502 ");
    expect(connections()).toEqual([0]);
  });

  test("that were answered before the request was whole are not used again", async () => {
    using client = await RawClient.connect(server.port);
    client.send(`POST ${path()} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await client.untilReceived("\r\n\r\nok");
    expect(await ask()).toBe("200 ok");
    expect(connections()).toEqual([0, 1]);
  });

  test("are kept up to a number", async () => {
    const waiting: Asked[] = [];
    upstream.respond = (asked) => void waiting.push(asked);
    const answers = Array.from({ length: IDLE_COUNT_MAX + 2 }, () => ask());
    await until("all requests", () => waiting.length === answers.length);
    for (const asked of waiting) asked.answer("ok");
    await Promise.all(answers);
    await until("the close of two", () => waiting.filter(({ socket }) => socket.readableEnded).length === 2);
  });
});
