import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya } from "../support/vilya.ts";

const REQUEST_WORKER = join(import.meta.dir, "../support/workers/show-request.php");

interface ShownRequest {
  readonly method: string;
  readonly uri: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly remote_addr: string;
  readonly host: string;
  readonly scheme: string;
  readonly timeout_ms: number;
  readonly worker_id: number;
  readonly runtime_version: string;
}

describe("a worker", () => {
  test("gets the request as the client sent it", async () => {
    await using server = await startVilya({
      config: phpApp({ php: { worker_script: REQUEST_WORKER }, workers: { count: 1, timeout: 7 } }),
    });
    using client = await RawClient.connect(server.port);
    client.send(
      "PATCH //a/../b%2F%c3?x=1&x=%00 HTTP/1.1\r\nhost: a.example:81\r\nX-tWo: 1\r\nX-TWO:  2 \r\nx-raw: \xe9\xff\r\ncontent-length: 4\r\nConnection: close\r\n\r\n\x00\xff\r\n",
    );
    const received = await client.untilEnd();
    const shown = JSON.parse(received.slice(received.indexOf("\r\n\r\n") + 4)) as ShownRequest;
    expect(shown).toMatchObject({
      method: "PATCH",
      uri: "//a/../b%2F%c3?x=1&x=%00",
      path: "//a/../b%2F%c3",
      query: "x=1&x=%00",
      body: "00ff0d0a",
      host: "a.example:81",
      scheme: "http",
      timeout_ms: 7_000,
    });
    expect(shown.headers).toEqual({
      Host: ["a.example:81"],
      "X-Two": ["1", "2"],
      "X-Raw": ["\u00e9\u00ff"],
      "Content-Length": ["4"],
      Connection: ["close"],
    });
    expect(shown.remote_addr).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(shown.worker_id).toBeGreaterThan(0);
    expect(shown.runtime_version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test("gets bodies whole, whether they waited in memory or in a file", async () => {
    const server = { max_body_size: "4MiB", body_memory: "64KiB" };
    await using vilya = await startVilya({ config: phpApp({ server }) });
    for (const size of [0, 1, 65_536, 65_537, 4 << 20]) {
      const body = Buffer.alloc(size, "0123456789abcdef-");
      const response = await fetch(`${vilya.url}/echo`, { method: "POST", body });
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    }
  });

  test("never sees a body over the limit: 413, announced or chunked", async () => {
    await using server = await startVilya({ config: phpApp({ server: { max_body_size: 1000 } }) });
    const announced = await fetch(`${server.url}/echo`, { method: "POST", body: Buffer.alloc(1001) });
    expect(announced.status).toBe(413);
    using client = await RawClient.connect(server.port);
    client.send(
      `POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`,
    );
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 413 ");
    const fitting = await fetch(`${server.url}/echo`, { method: "POST", body: Buffer.alloc(1000) });
    expect((await fitting.arrayBuffer()).byteLength).toBe(1000);
  });

  test("cannot be sent a frame over the frame limit: 413, and it serves on", async () => {
    await using server = await startVilya({
      config: phpApp({ workers: { count: 1, frame_size: "512KiB" }, server: { max_body_size: "512KiB" } }),
    });
    const response = await fetch(`${server.url}/echo`, { method: "POST", body: Buffer.alloc(524_200) });
    expect(response.status).toBe(413);
    expect((await fetch(`${server.url}/`)).status).toBe(200);
  });
});
