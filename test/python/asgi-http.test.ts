import { describe, expect, test } from "bun:test";

import { servePython, traceOf } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";

describe("an ASGI application", () => {
  test("gets a scope as the specification has it", async () => {
    await using server = await servePython("asgi_app:app");
    const response = await fetch(`${server.url}/scope/%C3%A9%2F%ff?a=%20&b`, {
      headers: { "X-Name": "value", Cookie: "a=1" },
    });
    expect(await response.json()).toMatchObject({
      type: "http",
      asgi: { version: "3.0", spec_version: "2.5" },
      http_version: "1.1",
      method: "GET",
      scheme: "http",
      path: "/scope/\u00e9/\ufffd",
      raw_path: "b:/scope/%C3%A9%2F%ff",
      query_string: "b:a=%20&b",
      root_path: "",
      headers: expect.arrayContaining([
        ["b:host", `b:127.0.0.1:${server.port}`],
        ["b:x-name", "b:value"],
        ["b:cookie", "b:a=1"],
      ]),
      client: ["127.0.0.1", expect.any(Number)],
      server: ["127.0.0.1", server.port],
      extensions: { "http.response.pathsend": {}, "http.response.early_hint": {} },
      state: { made_at_start: ["shared"] },
    });
  });

  test("is told of its start and its end, and gets a copy of its state with each request", async () => {
    const server = await servePython("asgi_app:app");
    await using _ = server;
    expect(await (await fetch(`${server.url}/state`)).json()).toEqual([null, "shared"]);
    expect(await (await fetch(`${server.url}/state`)).json()).toEqual([null, "shared", "seen"]);
    expect(traceOf(server)).toEqual(["startup"]);
    const [pid = 0] = await server.workerPids();
    server.signal("SIGTERM");
    await until("the shutdown of the application", () => traceOf(server).includes("shutdown"));
    await until("the end of the worker", () => !server.processes().includes(pid));
  });

  test("takes bodies of every size, and sends them", async () => {
    await using server = await servePython("asgi_app:app", {
      config: { server: { max_body_size: "32MB" } },
    });
    const echo = await fetch(`${server.url}/echo`, { method: "PATCH", body: "\u00e9\0" });
    expect([echo.status, echo.headers.get("x-method"), await echo.text()]).toEqual([200, "PATCH", "\u00e9\0"]);
    expect(echo.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const body = new Uint8Array(20_000_000).fill(7);
    expect(await (await fetch(`${server.url}/length`, { method: "POST", body })).text()).toBe("20000000");
    expect((await (await fetch(`${server.url}/large?9000000`)).bytes()).length).toBe(9_000_000);
    expect((await (await fetch(`${server.url}/many?100`)).bytes()).length).toBe(5_000_000);
    const head = await fetch(`${server.url}/large?1000`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("sends trailers to clients that keep them, and is told which do", async () => {
    await using server = await servePython("asgi_app:app");
    for (const [te, end] of [
      ["TE: trailers\r\n", "\r\n4\r\nrows\r\n0\r\nx-rows: 1\r\nx-rows: 2\r\n\r\n"],
      ["", "\r\n\r\nrows"],
    ] as const) {
      using client = await RawClient.connect(server.port);
      client.send(`GET /trailers HTTP/1.1\r\nHost: a\r\n${te}Connection: close\r\n\r\n`);
      expect(await client.untilEnd()).toEndWith(end);
    }
  });

  test("runs many requests at a time", async () => {
    await using server = await servePython("asgi_app:app");
    const answers = Array.from({ length: 20 }, async () => (await fetch(`${server.url}/meet?20`)).text());
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => "met"));
  });

  test("that fails costs one request: 500 with an id, and the reason in the log", async () => {
    await using server = await servePython("asgi_app:app", { expectedErrors: ["worker reported an error"] });
    const reasons = {
      raise: "the secret reason",
      begin: "behind the start",
      silent: "returned without a response",
      text: "bytes are needed",
      long: "it is longer than its Content-Length",
      short: "it is shorter than its Content-Length",
    };
    for (const [index, [path, reason]] of Object.entries(reasons).entries()) {
      const response = await fetch(`${server.url}/${path}`);
      const text = await response.text();
      expect([response.status, text.includes(reason)]).toEqual([500, false]);
      expect(text).toContain("Error id");
      expect(await server.logged("worker reported an error", index + 1)).toMatchObject({
        error: expect.stringContaining(reason),
      });
    }
    expect((await fetch(`${server.url}/scope`)).status).toBe(200);
  });

  test("whose body breaks in the middle is cut, never ended cleanly", async () => {
    await using server = await servePython("asgi_app:app", { expectedErrors: ["worker reported an error"] });
    for (const [index, path] of ["break", "cut"].entries()) {
      using client = await RawClient.connect(server.port);
      client.send(`GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(await client.untilEnd()).not.toEndWith("0\r\n\r\n");
      await server.logged("worker reported an error", index + 1);
    }
  });

  test("that ends its process costs what it ran, and is replaced", async () => {
    await using server = await servePython("asgi_app:app", { expectedErrors: ["worker crashed"] });
    const [pid] = await server.workerPids();
    expect((await fetch(`${server.url}/exit`)).status).toBe(502);
    await until("another worker", async () => {
      const [other] = await server.workerPids();
      return other !== undefined && other !== pid;
    });
    expect((await fetch(`${server.url}/scope`)).status).toBe(200);
  });

  test("may print: it stands in the log", async () => {
    await using server = await servePython("asgi_app:app");
    expect(await (await fetch(`${server.url}/print`)).text()).toBe("printed");
    await until("both lines", () =>
      ["printed to stdout", "printed to stderr"].every((line) => server.log.some(({ line: seen }) => seen === line)),
    );
  });
});
