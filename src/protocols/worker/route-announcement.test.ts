import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { ANNOUNCED_ROUTES_MAX, readRouteAnnouncement, type RouteAnnouncement } from "./route-announcement.ts";

function read(value: MsgpackValue): RouteAnnouncement | string {
  const cursor = new MsgpackCursor();
  const bytes = encodeValue(value);
  cursor.reset(bytes, 0, bytes.length);
  return readRouteAnnouncement(cursor);
}

const route = (path: string, ...methods: readonly string[]): MsgpackValue => [path, methods];

describe("readRouteAnnouncement", () => {
  test("reads a table and its routes in their order", () => {
    expect(read([2 ** 32 - 1, [route("/", "GET", "HEAD"), route("/{a}")]])).toEqual({
      table: 2 ** 32 - 1,
      routes: [
        { path: "/", methods: ["GET", "HEAD"] },
        { path: "/{a}", methods: [] },
      ],
    });
    expect(read([0, []])).toEqual({ table: 0, routes: [] });
  });

  test("takes as many routes as are allowed", () => {
    const routes = Array.from({ length: ANNOUNCED_ROUTES_MAX }, () => route("/"));
    expect(read([1, routes])).toHaveProperty("routes.length", ANNOUNCED_ROUTES_MAX);
    expect(read([1, [...routes, route("/")]])).toContain("4097 routes");
  });

  test.each([
    ["a text", "routes"],
    ["one value", [1]],
    ["a table that is a text", ["1", []]],
    ["a table that is negative", [-1, []]],
    ["a table of more than 32 bits", [2 ** 32, []]],
    ["routes that are no list", [1, "x"]],
    ["a route that is a text", [1, ["/"]]],
    ["a route of one value", [1, [["/"]]]],
    ["a path that is a number", [1, [[1, []]]]],
    ["methods that are a text", [1, [["/", "GET"]]]],
    ["a method that is a number", [1, [["/", [1]]]]],
  ] as readonly (readonly [string, MsgpackValue])[])("says what is wrong with %s", (_, value) => {
    expect(read(value)).toBeString();
  });
});
