import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Http2Client } from "../support/http2-client.ts";
import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya } from "../support/vilya.ts";

const WORKER = join(import.meta.dir, "../support/workers/show-request.php");

describe("routes of a running server", () => {
  test("lead to two apps, redirects and fixed answers, and stop with all pools", async () => {
    await using server = await startVilya({
      config: {
        apps: {
          shop: { runtime: "php", php: { worker_script: WORKER }, workers: { count: 1 } },
          status: { runtime: "stub" },
        },
        routes: [
          { path: "/shop/{id:int}", app: "shop" },
          { path: "/status/*", method: "GET", app: "status" },
          { path: "/old/{rest:path}", redirect: { to: "/shop/{rest}" } },
          { path: "/robots.txt", respond: { status: 200, body: "User-agent: *\n" } },
          { path: "/s/{id}", rewrite: "/shop/{id}" },
        ],
      },
    });
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(server.url + path, { redirect: "manual", ...init });
      return { status: response.status, headers: response.headers, body: await response.text() };
    };
    expect(JSON.parse((await get("/shop/7?a=1")).body)).toMatchObject({
      path: "/shop/7",
      query: "a=1",
      route: "/shop/{id:int}",
      params: { id: "7" },
    });
    expect(JSON.parse((await get("/s/8?a=1", { method: "POST", body: "x" })).body)).toMatchObject({
      method: "POST",
      uri: "/shop/8?a=1",
      path: "/shop/8",
      body: "78",
    });
    expect((await get("/status/x")).body).toContain("Hello from the stub");
    expect((await get("/old/7?b=2")).headers.get("location")).toBe("/shop/7?b=2");
    expect(await get("/robots.txt")).toMatchObject({ status: 200, body: "User-agent: *\n" });
    expect((await get("/shop/x")).status).toBe(404);
    const refused = await get("/status/x", { method: "POST", body: "x" });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect((await get("/health")).status).toBe(200);

    using client = await RawClient.connect(server.port);
    client.send("GET /status/..%2f..%2fshop/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 400 ");
  });

  test("tell a client that waits for 100 at once what does not depend on its body", async () => {
    await using server = await startVilya({
      config: {
        routes: [
          { path: "/fixed", respond: { status: 200, body: "fixed" } },
          { path: "/get", method: "GET", respond: { status: 200, body: "got" } },
          { path: "/files/*", static: { root: import.meta.dir, strip_prefix: "/files" } },
        ],
      },
    });
    const expected = [
      ["/fixed", 200],
      ["/get", 405],
      ["/files/routes.test.ts", 405],
      ["/nowhere", 404],
      ["/health", 404],
    ] as const;
    using h2 = await Http2Client.connect(server.port);
    for (const [path, status] of expected) {
      const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n`;
      using waiting = await RawClient.connect(server.port);
      waiting.send(`${head}Expect: 100-continue\r\n\r\n`);
      // What is sent behind it could not be told from the next request.
      expect(await waiting.untilEnd()).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\nConnection: close\r\n`));
      using sending = await RawClient.connect(server.port);
      sending.send(`${head}Expect: 100-continue\r\n\r\nabcGET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect((await sending.untilEnd()).match(/HTTP\/1.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`, "HTTP/1.1 200"]);
      const response = await h2.untilEnded(h2.request(path, "POST", null, [["expect", "100-continue"]]));
      expect([response.status, response.interims]).toEqual([status, []]);
    }
  });

  test("let through only who may pass, and change what goes in and out on the way", async () => {
    const hash = await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 });
    await using server = await startVilya({
      config: {
        runtime: "php",
        php: { worker_script: WORKER },
        workers: { count: 1 },
        routes: [
          {
            path: "/back/*",
            app: "default",
            auth: { users: { eve: hash }, realm: "back" },
            request_headers: { set: { "X-User-Area": "back" } },
            response_headers: { set: { "X-Frame-Options": "DENY" }, remove: ["Content-Type"] },
            request_id: true,
            error_pages: { enabled: true },
            rate_limit: { requests: 100, per: "1m" },
          },
          { path: "/closed", app: "default", maintenance: { enabled: true } },
        ],
      },
    });
    const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
    const refused = await get("/back/x", { Accept: "text/html" });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe('Basic realm="back", charset="UTF-8"');
    expect(refused.headers.get("x-frame-options")).toBe("DENY");
    expect(await refused.text()).toContain("<h1>401 Unauthorized</h1>");

    const credentials = {
      Authorization: `Basic ${btoa("eve:secret")}`,
      "X-Request-Id": "id-1",
      traceparent: "00-a-b-01",
    };
    for (const turn of ["verified", "remembered"]) {
      const passed = await get("/back/x", credentials);
      expect([turn, passed.status, passed.headers.get("x-request-id")]).toEqual([turn, 200, "id-1"]);
      expect(passed.headers.get("ratelimit-limit")).toBe("100");
      expect(await passed.json()).toMatchObject({
        headers: { "X-User-Area": ["back"], "X-Request-Id": ["id-1"], Traceparent: ["00-a-b-01"] },
      });
    }
    const closed = await get("/closed");
    expect([closed.status, closed.headers.get("retry-after")]).toEqual([503, "60"]);
  });

  test("give a worker as much time as the route says", async () => {
    const routes = [
      { path: "/sleep", query: { ms: "60000" }, app: "default", timeout: "200ms" },
      { path: "/*", app: "default" },
    ];
    await using server = await startVilya({ config: phpApp({ routes, workers: { count: 1 } }) });
    const patient = await fetch(`${server.url}/sleep?ms=400`);
    expect(patient.status).toBe(200);
    const startMs = performance.now();
    const cut = await fetch(`${server.url}/sleep?ms=60000`);
    expect(cut.status).toBe(504);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});
