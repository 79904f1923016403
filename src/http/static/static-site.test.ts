import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";

import { bodyOf, fieldOf, StaticServer, statusOf } from "../../../test/support/static-server.ts";
import { until } from "../../../test/support/until.ts";

describe("StaticSite", () => {
  test("serves a changed, replaced or deleted file as it is now", async () => {
    using server = new StaticServer();
    server.file("a.txt", "one");
    const before = await server.ask("/a.txt");
    server.file("a.txt", "two");
    const after = await server.ask("/a.txt", [`If-None-Match: ${fieldOf(before, "ETag")}`]);
    // The same size and time: only the change time tells.
    expect(bodyOf(await server.ask("/a.txt"))).toBe("two");
    expect(statusOf(after)).toBe(304);
    server.file("a.txt", "three", new Date(0));
    expect(bodyOf(await server.ask("/a.txt", [`If-None-Match: ${fieldOf(before, "ETag")}`]))).toBe("three");
    rmSync(server.root, { recursive: true });
    expect(statusOf(await server.ask("/a.txt"))).toBe(404);
  });

  test("keeps small files in memory up to its limit, and forgets those that changed in time", async () => {
    using server = new StaticServer({ revalidateMs: 5, cacheBytesMax: 50_000 });
    for (let index = 0; index < 10; index++) server.file(`${index}.txt`, "x".repeat(10_000));
    for (let index = 0; index < 10; index++) await server.ask(`/${index}.txt`);
    expect(server.site.cachedBytes).toBeGreaterThan(20_000);
    expect(server.site.cachedBytes).toBeLessThanOrEqual(50_000);
    server.file("9.txt", "changed", new Date(0));
    await until("the change", async () => bodyOf(await server.ask("/9.txt")) === "changed");
  });
});
