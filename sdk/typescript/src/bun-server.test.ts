import { afterEach, describe, expect, test } from "bun:test";

import { BunServer } from "./bun-server.ts";
import type { Context } from "./context.ts";

const context = null as unknown as Context;

async function ask({ app }: BunServer, path: string, init?: RequestInit): Promise<Response> {
  const response = await app.fetch(new Request(`http://a.example${path}`, init), context, context);
  return response!;
}

describe("BunServer", () => {
  const { PORT } = process.env;
  afterEach(() => {
    if (PORT === undefined) delete process.env["PORT"];
    else process.env["PORT"] = PORT;
  });

  test("answers by its routes first, then by its fetch, and with 404", async () => {
    const routes = { "/": new Response("home"), "/file": new Blob(["file"], { type: "text/x" }) };
    const server = new BunServer({ routes, fetch: ({ url }) => new Response(`fetched ${new URL(url).pathname}`) });
    for (const _ of [1, 2]) expect(await (await ask(server, "/")).text()).toBe("home");
    const file = await ask(server, "/file");
    expect([file.headers.get("content-type"), await file.text()]).toEqual([routes["/file"].type, "file"]);
    expect(await (await ask(server, "/other")).text()).toBe("fetched /other");
    expect((await ask(new BunServer({ routes }), "/other")).status).toBe(404);
    expect(await ask(new BunServer({ routes, fetch: () => undefined }), "/other")).toBeUndefined();
  });

  test("hands routes their parameters and cookies, and sends what they set", async () => {
    const server = new BunServer({
      routes: {
        "/users/:id": ({ params, cookies }) => {
          cookies.set("seen", params["id"]!);
          return new Response(`${params["id"]} ${cookies.get("a")}`);
        },
      },
    });
    const response = await ask(server, "/users/7", { headers: { cookie: "a=1" } });
    expect([await response.text(), response.headers.getSetCookie()]).toEqual([
      "7 1",
      [expect.stringMatching(/^seen=7; Path=\//)],
    ]);
  });

  test("follows what it is reloaded with", async () => {
    const server = new BunServer({ fetch: () => new Response("before"), error: () => new Response("sorry") });
    const { app } = server;
    server.reload({ routes: { "/": () => new Response("behind") } });
    expect(await (await ask(server, "/")).text()).toBe("behind");
    expect(app.error?.(new Error("thrown"))).toBeUndefined();
  });

  test("has the members of Bun's, though it is the engine that listens", async () => {
    process.env["PORT"] = "4000";
    const server = new BunServer({ fetch: ({ url }) => new Response(url) });
    expect([server.port, server.hostname, server.url.href]).toEqual([4_000, "localhost", "http://localhost:4000/"]);
    expect(new BunServer({ port: "80", hostname: "a.example" }).url.href).toBe("http://a.example/");
    expect(await (await server.fetch("/path"))?.text()).toBe("http://localhost:4000/path");
    expect([server.subscriberCount(), server.pendingRequests, server.pendingWebSockets]).toEqual([0, 0, 0]);
    server.publish("topic", "nobody is there");
    server.ref();
    server.unref();
    await server.stop();
  });
});
