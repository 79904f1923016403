import { describe, expect, test } from "bun:test";

import { BunRoutes, type Route, type RoutedRequest } from "./bun-routes.ts";

function show({ params }: RoutedRequest): Response {
  return Response.json(params);
}

const ROUTES: Readonly<Record<string, Route>> = {
  "/": show,
  "/users": { GET: show, POST: () => new Response("created") },
  "/users/:id": show,
  "/users/me": new Response("me"),
  "/users/:id/posts/:post": show,
  "/:a/:b": show,
  "/users/*": new Response("any user"),
  "/off": false,
  "/off/*": { GET: false },
  "/a.b": new Response("dot"),
  "/files/*": new Response("files"),
};

const PATHS = [
  ...["/", "/users", "/users/", "/users/7", "/users/a%20b", "/users/me", "/users/7/posts/8", "/users/7/posts"],
  ...[
    "/x/y",
    "/x",
    "/off",
    "/off/x",
    "/off/x/y",
    "/a.b",
    "/aXb",
    "/files",
    "/files/",
    "/files/a/b",
    "/none",
    "/USERS/me",
  ],
];

async function answer(routes: BunRoutes, method: string, path: string): Promise<string> {
  const found = routes.find(method, path);
  if (found === null) return "nothing";
  if (typeof found.answer !== "function") return found.answer.text();
  const response = await found.answer({ params: found.params } as RoutedRequest, null as never);
  return response!.text();
}

describe("BunRoutes", () => {
  test("finds what Bun's own server finds", async () => {
    const routes = new BunRoutes(ROUTES);
    const fetch = (): Response => new Response("nothing");
    using server = Bun.serve({ port: 0, fetch, routes: ROUTES as Record<string, Response> });
    for (const path of PATHS) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const expected = await (await globalThis.fetch(new URL(path, server.url), { method })).text();
        expect([method, path, await answer(new BunRoutes(clones()), method, path)]).toEqual([method, path, expected]);
      }
    }
    expect(routes.find("HEAD", "/users")?.answer).toBe(show);
  });

  test("leaves a parameter as it is where it is no percent-encoded UTF-8", () => {
    expect(new BunRoutes(ROUTES).find("GET", "/users/%ff")?.params).toEqual({ id: "%ff" });
  });

  test("refuses a page that Bun would bundle", () => {
    expect(() => new BunRoutes({ "/": { index: "index.html" } as unknown as Route })).toThrow(
      "a page that Bun would bundle",
    );
  });
});

/** A body is read once. */
function clones(): Readonly<Record<string, Route>> {
  const pairs = Object.entries(ROUTES).map(([path, route]) => [
    path,
    route instanceof Response ? (route.clone() as Response) : route,
  ]);
  return Object.fromEntries(pairs) as Readonly<Record<string, Route>>;
}
