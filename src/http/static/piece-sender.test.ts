import { describe, expect, test } from "bun:test";
import { rmSync, truncateSync } from "node:fs";

import { assertNoLeaks, snapshot } from "../../../test/support/leak-check.ts";
import { bodyOf, fieldOf, requestText, StaticServer } from "../../../test/support/static-server.ts";
import { until } from "../../../test/support/until.ts";

/** More than is kept in memory, and more than sockets hold. */
const LARGE_BYTES = 64 * 1024 * 1024;

describe("PieceSender", () => {
  test("a file that shrinks while it is sent cuts the answer, and the client sees it", async () => {
    using server = new StaticServer();
    const path = server.file("large.bin", Buffer.alloc(LARGE_BYTES));
    using client = await server.connect();
    client.send(requestText("/large.bin"));
    client.pause();
    await until("the first part", () => server.http.listener.counters.responses === 1);
    truncateSync(path, 10);
    client.resume();
    const received = await client.untilEnd();
    expect(fieldOf(received, "Content-Length")).toBe(String(LARGE_BYTES));
    expect(bodyOf(received).length).toBeLessThan(LARGE_BYTES);
  });

  test("a large file arrives byte for byte, however unevenly it is taken, and the next request is answered", async () => {
    using server = new StaticServer();
    const content = Buffer.alloc(8 * 1024 * 1024);
    for (let at = 0; at < content.length; at += 65_536) crypto.getRandomValues(content.subarray(at, at + 65_536));
    server.file("large.bin", content);
    server.file("small.txt", "small");
    using client = await server.connect();
    client.send(requestText("/large.bin") + requestText("/small.txt"));
    for (let share = 1; share <= 8; share++) {
      await client.until("the next part", ({ received }) => received.length > (content.length * share) / 9);
      client.pause();
      await new Promise((resolve) => setImmediate(resolve));
      client.resume();
    }
    await client.until("the next answer", ({ received }) => received.endsWith("\r\n\r\nsmall"));
    const body = Buffer.from(bodyOf(client.received), "latin1").subarray(0, content.length);
    expect(Bun.hash(body)).toBe(Bun.hash(content));
  });

  test("a file that is deleted or replaced while it is sent is sent to its end", async () => {
    using server = new StaticServer();
    const path = server.file("large.bin", Buffer.alloc(LARGE_BYTES, "a"));
    using client = await server.connect();
    client.send(requestText("/large.bin", ["Connection: close"]));
    client.pause();
    await until("the first part", () => server.http.listener.counters.responses === 1);
    rmSync(path);
    server.file("large.bin", Buffer.alloc(LARGE_BYTES, "b"));
    client.resume();
    const body = bodyOf(await client.untilEnd());
    expect([body.length, body.includes("b")]).toEqual([LARGE_BYTES, false]);
  });

  test("a client that does not read costs little memory, and its file is closed when it leaves", async () => {
    using server = new StaticServer();
    const path = server.file("large.bin", "");
    truncateSync(path, 1024 * 1024 * 1024);
    await server.ask("/missing"); // From now on the root is open.
    const before = snapshot();
    Bun.gc(true);
    const residentBefore = process.memoryUsage.rss();
    {
      using clients = new DisposableStack();
      for (let index = 0; index < 20; index++) {
        const client = clients.use(await server.connect());
        client.pause();
        client.send(requestText("/large.bin"));
        await until("the answer", () => server.http.listener.counters.responses === index + 2);
      }
      await until("little memory to be held", () => {
        Bun.gc(true);
        return process.memoryUsage.rss() - residentBefore < 64 * 1024 * 1024;
      });
    }
    await assertNoLeaks(before);
  });
});
