import { describe, expect, test } from "bun:test";

import { servePython, traceOf } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";

describe("a WSGI application", () => {
  test("gets an environ as PEP 3333 has it", async () => {
    await using server = await servePython("wsgi_app", { config: { python: { root_path: "/environ" } } });
    // Of two fields that would become one variable the one that a proxy may vouch for wins.
    const headers = { "X-Name": "value", X_Name: "forged", Cookie: "a=1", Proxy: "http://evil.example" };
    const response = await fetch(`${server.url}/environ/environ/%C3%A9?a=%20`, { headers });
    const environ = (await response.json()) as Record<string, unknown>;
    expect(environ).toMatchObject({
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "/environ",
      PATH_INFO: "/environ/\u00c3\u00a9",
      QUERY_STRING: "a=%20",
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(server.port),
      SERVER_PROTOCOL: "HTTP/1.1",
      REMOTE_ADDR: "127.0.0.1",
      HTTP_X_NAME: "value",
      HTTP_COOKIE: "a=1",
      "wsgi.url_scheme": "http",
      "wsgi.multithread": true,
    });
    expect(environ).not.toHaveProperty("HTTP_PROXY");
  });

  test("takes bodies of every size, and sends them", async () => {
    await using server = await servePython("wsgi_app", { config: { server: { max_body_size: "32MB" } } });
    const echo = await fetch(`${server.url}/echo`, { method: "POST", body: "\u00e9\0" });
    expect([echo.status, echo.headers.get("x-latin"), await echo.text()]).toEqual([201, "caf\u00e9", "\u00e9\0"]);
    expect(echo.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const body = new Uint8Array(20_000_000).fill(7);
    expect(await (await fetch(`${server.url}/length`, { method: "POST", body })).text()).toBe("20000000");
    const lines = await fetch(`${server.url}/lines`, { method: "POST", body: "a\nb\nc" });
    expect(await lines.json()).toEqual(["a\n", "b\n", "c", "", ""]);
  });

  test("may stream its body", async () => {
    await using server = await servePython("wsgi_app");
    expect(await (await fetch(`${server.url}/parts`)).text()).toBe("one two three");
    await until("the end of what it returned", () => traceOf(server).includes("closed"));
    expect(await (await fetch(`${server.url}/write`)).text()).toBe("written, returned");
  });

  test("takes a body that arrives while it runs", async () => {
    const workers = { count: 1, stream_request: true };
    await using server = await servePython("wsgi_app", {
      config: { workers, server: { max_body_size: "32MB" } },
    });
    const body = new Uint8Array(5_000_000).fill(7);
    expect(await (await fetch(`${server.url}/length`, { method: "POST", body })).text()).toBe("5000000");
  });

  test("runs as many requests at a time as it has threads", async () => {
    await using server = await servePython("wsgi_app", { config: { python: { threads: 4 } } });
    const answers = Array.from({ length: 4 }, async () => (await fetch(`${server.url}/meet`)).text());
    expect(await Promise.all(answers)).toEqual(["met", "met", "met", "met"]);
  });

  test("that fails costs one request: 500 with an id, and the reason in the log", async () => {
    await using server = await servePython("wsgi_app", { expectedErrors: ["worker reported an error"] });
    const reasons = { raise: "the secret reason", silent: "has not called start_response" };
    for (const [index, [path, reason]] of Object.entries(reasons).entries()) {
      const response = await fetch(`${server.url}/${path}`);
      const text = await response.text();
      expect([response.status, text.includes(reason)]).toEqual([500, false]);
      expect(await server.logged("worker reported an error", index + 1)).toMatchObject({
        error: expect.stringContaining(reason),
      });
    }
    using client = await RawClient.connect(server.port);
    client.send("GET /break HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.untilEnd()).not.toEndWith("0\r\n\r\n");
  });

  test("learns from its next part that the client has left, and what it returned is closed", async () => {
    await using server = await servePython("wsgi_app");
    using client = await RawClient.connect(server.port);
    client.send("GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("ticks", ({ received }) => received.split("tick").length > 3);
    client.reset();
    await until("the end of what it returned", () => traceOf(server).includes("closed"));
  });
});
