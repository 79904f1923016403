import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SCRIPT = join(import.meta.dir, "../support/workers/stream.php");

function startStreams(count = 1): Promise<VilyaServer> {
  return startVilya({ config: phpApp({ php: { worker_script: SCRIPT }, workers: { count } }) });
}

function get(path: string, { version = "1.1", method = "GET" } = {}): string {
  return `${method} ${path} HTTP/${version}\r\nHost: a\r\n\r\n`;
}

describe("a streamed response", () => {
  test("leaves as it comes into being, in chunks, and its connection goes on", async () => {
    await using server = await startStreams();
    const file = join(server.directory, "gate");
    using client = await RawClient.connect(server.port);
    client.send(get(`/gate?file=${file}`));
    const begun = await client.untilReceived("one\n\r\n");
    expect(begun).toContain("Transfer-Encoding: chunked\r\n");
    expect(begun).toEndWith("\r\n\r\n4\r\none\n\r\n");
    writeFileSync(file, "");
    await client.untilReceived("4\r\ntwo\n\r\n0\r\n\r\n");
    client.send(get("/pid"));
    expect(await client.untilReceived("HTTP/1.1 200 OK\r\nDate")).not.toContain("Connection:");
  });

  test("sends events as EventSource reads them", async () => {
    await using server = await startStreams();
    const file = join(server.directory, "gate");
    const response = await fetch(`${server.url}/events?file=${file}`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    writeFileSync(file, "");
    expect(await response.text()).toBe(
      "event: tick\nid: 1\ndata: first\ndata: line\n\n: still here\n\nretry: 500\ndata: last\n\n",
    );
  });

  test("is delimited by the close for HTTP/1.0", async () => {
    await using server = await startStreams();
    using client = await RawClient.connect(server.port);
    client.send(get("/bytes?bytes=100000", { version: "1.0" }));
    const received = await client.untilEnd();
    expect(received).toContain("Connection: close\r\n");
    expect(received).not.toContain("Transfer-Encoding");
    expect(received.length - received.indexOf("\r\n\r\n") - 4).toBe(100_000);
  });

  test("has the length that it announces, and its connection goes on", async () => {
    await using server = await startStreams();
    using client = await RawClient.connect(server.port);
    client.send(get("/bytes?bytes=300000&length=300000") + get("/bytes?bytes=3&length=3"));
    const received = await client.untilReceived("\r\n\r\nxxx");
    await client.until("both bodies", ({ received: { length } }) => length > 300_000);
    expect(received).toContain("Content-Length: 300000\r\n");
    expect(received).not.toContain("Transfer-Encoding");
    await client.untilReceived("Content-Length: 3\r\n\r\nxxx");
  });

  test("of any size comes through whole, beside a worker's frame limit and credit", async () => {
    await using server = await startStreams();
    const response = await fetch(`${server.url}/bytes?bytes=50000000`);
    let byteCount = 0;
    for await (const chunk of response.body!) byteCount += chunk.length;
    expect(byteCount).toBe(50_000_000);
  });

  test("comes of a string, too, that does not fit a frame, with its length", async () => {
    await using server = await startStreams();
    const response = await fetch(`${server.url}/string?bytes=11000000&length=5`);
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "11000000"]);
    expect((await response.arrayBuffer()).byteLength).toBe(11_000_000);
  });

  test.each([
    ["HEAD", "/bytes?bytes=100000000", "HTTP/1.1 200 OK"],
    ["HEAD", "/bytes?bytes=5&length=5", "Content-Length: 5"],
    ["GET", "/status?status=204", "HTTP/1.1 204 No Content"],
    ["GET", "/status?status=304", "HTTP/1.1 304 Not Modified"],
  ])("to %s %s has no content, and ends its stream", async (method, path, line) => {
    await using server = await startStreams();
    using client = await RawClient.connect(server.port);
    client.send(get(path, { method }) + get("/pid"));
    await client.until("both answers", ({ received }) => /\r\n\r\n\d+$/.test(received));
    const [first, second, body] = client.received.split("\r\n\r\n");
    expect(first).toContain(line);
    expect(second).toStartWith("HTTP/1.1 200 OK");
    expect(body).toMatch(/^\d+$/);
  });

  test("is preceded by early hints, for clients that know them", async () => {
    await using server = await startStreams();
    const file = join(server.directory, "gate");
    using client = await RawClient.connect(server.port);
    client.send(get(`/hints?file=${file}`));
    expect(await client.untilReceived("b.js>; rel=preload\r\n\r\n")).toBe(
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n",
    );
    writeFileSync(file, "");
    await client.untilReceived("page");
    using old = await RawClient.connect(server.port);
    old.send(get(`/hints?file=${file}`, { version: "1.0" }));
    expect(await old.untilEnd()).toStartWith("HTTP/1.1 200 OK");
  });
});
