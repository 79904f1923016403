import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../test/support/build-request-head.ts";
import { AnnouncedRoutes } from "./announced-routes.ts";

const ROUTES = [
  { path: "/users/me", methods: ["GET"] },
  { path: "/users/{p1:int}", methods: ["GET"] },
  { path: "/users/{p1}", methods: ["GET", "PUT"] },
  { path: "/users/{p1}/posts/{p3}", methods: [] },
  { path: "/files/{p1:path}", methods: ["GET"] },
  { path: "/dir/", methods: ["GET"] },
];

interface Found {
  readonly table: number;
  readonly index: number;
  readonly values: readonly string[];
}

function find(path: string, method = "GET"): Found | null {
  const head = buildRequestHead({ method, target: path, path, query: "", authority: "a", fields: [] });
  const match = AnnouncedRoutes.of({ table: 7, routes: ROUTES })!.find(head);
  if (match === null) return null;
  const { table, index, bytes, ranges } = match;
  const values = ranges.flatMap((start, at) => (at % 2 === 0 ? [bytes.toString("latin1", start, ranges[at + 1])] : []));
  return { table, index, values };
}

describe("AnnouncedRoutes", () => {
  test.each([
    ["/users/42", 1, ["42"]],
    ["/users/ada", 2, ["ada"]],
    ["/users/7/posts/x", 3, ["7", "x"]],
    ["/files/a/b", 4, ["a/b"]],
    ["/files/", 4, [""]],
  ] as const)("finds %s", (path, index, values) => {
    expect(find(path)).toEqual({ table: 7, index, values: [...values] });
  });

  test("goes on to a route that has the method", () => {
    expect(find("/users/42", "PUT")?.index).toBe(2);
    expect(find("/users/7/posts/x", "PURGE")?.index).toBe(3);
    expect(find("/users/42", "POST")).toBeNull();
  });

  test.each([
    ["a path without parameters", "/users/me"],
    ["another one", "/dir/"],
    ["what has to be decoded", "/users/a%20b"],
    ["bytes that are no ASCII", "/users/gr\u00fc"],
    ["a number that a worker may still take for one", "/users/1234567890123456"],
    ["what lies above the rest of a path", "/files"],
    ["a path that is none", "*"],
    ["no path", ""],
  ])("leaves to the worker: %s", (_, path) => {
    expect(find(path)).toBeNull();
  });

  test("leaves methods to the worker that are not in upper case", () => {
    expect(find("/users/me", "get")).toBeNull();
  });

  test.each(["/a//b", "/{id:uuid}", "/{rest:path}/end", "/a{id}", "nowhere"])("takes no table with %s", (path) => {
    expect(AnnouncedRoutes.of({ table: 1, routes: [...ROUTES, { path, methods: [] }] })).toBeNull();
  });
});
