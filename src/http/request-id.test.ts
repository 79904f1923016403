import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../test/support/build-request-head.ts";
import { createRequestId } from "./request-id.ts";

function idFor(...values: readonly string[]): string {
  const fields = values.map((value) => ["X-Request-Id", value] as const);
  return createRequestId(
    buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "a", fields }),
  );
}

describe("createRequestId", () => {
  test.each(["abc-123", "0af7651916cd43dd8448eb211c80319c", "a".repeat(128)])("takes the client's %s", (id) => {
    expect(idFor(id)).toBe(id);
  });

  test.each(["", "-x", "a b", 'a"b', "a\x1b[2J", "a/../b", "ü", "a".repeat(129)])("makes its own for %j", (id) => {
    expect(idFor(id)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("makes a new one for each request", () => {
    expect(new Set(Array.from({ length: 10_000 }, () => idFor())).size).toBe(10_000);
  });
});
