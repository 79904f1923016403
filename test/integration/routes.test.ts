import { describe, expect, test } from "bun:test";
import { join } from "node:path";
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
});
