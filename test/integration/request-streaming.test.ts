import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { request as requestClear } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as requestSecure } from "node:https";
import { join } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";

import { testAuthority } from "../support/certificates.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { residentBytes } from "../support/resident-bytes.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SCRIPT = join(import.meta.dir, "../support/workers/upload.php");

const LEVEL_ONE = join(import.meta.dir, "../support/workers/level-one.php");

/** Large enough that nobody holds it by accident. */
const LARGE_BYTES = 200_000_000;
const PIECE = Buffer.alloc(1_000_000, "0123456789");

const CERTIFICATE = testAuthority().issue({ names: ["127.0.0.1"] });
const FILES = { "site.crt": CERTIFICATE.certificatePem, "site.key": CERTIFICATE.keyPem };
const TLS_LISTENER = { host: "127.0.0.1", port: 0, tls: { certificates: [{ cert: "site.crt", key: "site.key" }] } };

interface UploadsOptions {
  readonly isSecure?: boolean;
  readonly workers?: Readonly<Record<string, unknown>>;
  readonly script?: string;
}

function startUploads({ isSecure = false, workers = {}, script = SCRIPT }: UploadsOptions = {}): Promise<VilyaServer> {
  const server = { max_body_size: "1GiB", ...(isSecure && { listeners: [TLS_LISTENER] }) };
  const config = phpApp({
    php: { worker_script: script },
    workers: { count: 1, stream_request: true, ...workers },
    server,
  });
  return startVilya({ config, files: FILES });
}

/** Writes as much as `LARGE_BYTES`, no faster than it is taken. */
async function writeLarge(target: Writable): Promise<void> {
  for (let left = LARGE_BYTES; left > 0; left -= PIECE.length) {
    if (!target.write(PIECE)) await new Promise<void>((resolve) => target.once("drain", resolve));
  }
  target.end();
}

/** `count hash` of what that is. */
function digestOfLarge(): string {
  const hash = createHash("sha256");
  for (let left = LARGE_BYTES; left > 0; left -= PIECE.length) hash.update(PIECE);
  return `${LARGE_BYTES} ${hash.digest("hex")}`;
}

async function textOf(source: Readable): Promise<string> {
  let text = "";
  for await (const chunk of source) text += String(chunk);
  return text;
}

async function uploadByHttp1(server: VilyaServer): Promise<string> {
  const isSecure = server.url.startsWith("https:");
  const options = { method: "POST", ...(isSecure && { ca: testAuthority().certificatePem }) };
  const { promise, resolve, reject } = Promise.withResolvers<Readable>();
  const request = (isSecure ? requestSecure : requestClear)(`${server.url}/hash`, options, resolve);
  request.on("error", reject);
  await writeLarge(request);
  return textOf(await promise);
}

async function uploadByHttp2(server: VilyaServer): Promise<string> {
  const session = connectHttp2(server.url, { ca: testAuthority().certificatePem });
  const stream: Duplex = session.request({ ":method": "POST", ":path": "/hash" });
  const [text] = await Promise.all([textOf(stream), writeLarge(stream)]);
  session.destroy();
  return text;
}

describe("a streamed request", () => {
  test.each([
    ["HTTP/1.1", false, uploadByHttp1],
    ["TLS", true, uploadByHttp1],
    ["HTTP/2", true, uploadByHttp2],
  ])("of 200 MB reaches its worker over %s in bounded memory", async (_, isSecure, upload) => {
    await using server = await startUploads({ isSecure });
    const front = await server.frontPid();
    const before = residentBytes(front);
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, residentBytes(front))), 5);
    const answer = await upload(server);
    clearInterval(timer);
    expect(answer).toStartWith(digestOfLarge());
    expect(peak - before).toBeLessThan(100 << 20);
  });

  test("reaches its worker with its head, chunk by chunk, with its trailers", async () => {
    await using server = await startUploads();
    using client = await RawClient.connect(server.port);
    client.send("POST /hash HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    client.send("2\r\nde\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n");
    const hash = createHash("sha256").update("abcde").digest("hex");
    await client.untilReceived(`5 ${hash} {"X-Sum":["1","2"]}`);
    client.send("POST /kind HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    await client.untilReceived("stream");
    expect(client.received).not.toContain("Connection: close");
  });

  test("is one where its route says so, behind a password too", async () => {
    const users = { eve: (await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 })).replaceAll("$", "$$") };
    const config = {
      apps: { up: { runtime: "php", php: { worker_script: SCRIPT }, workers: { count: 1 } } },
      routes: [
        { path: "/kind", method: "POST", app: "up", stream_request: true, auth: { users } },
        { path: "/kind", method: "PUT", app: "up" },
      ],
    };
    await using server = await startVilya({ config });
    const kind = async (method: string, credentials: string): Promise<string> => {
      const headers = { Authorization: `Basic ${btoa(credentials)}` };
      const response = await fetch(`${server.url}/kind`, { method, headers, body: "x" });
      return `${response.status} ${await response.text()}`;
    };
    expect(await kind("PUT", "eve:secret")).toBe("200 value");
    expect(await kind("POST", "eve:wrong")).toStartWith("401 ");
    expect(await kind("POST", "eve:secret")).toBe("200 stream");
    expect(await kind("POST", "eve:secret")).toBe("200 stream");
  });

  test("is asked for when a worker has it", async () => {
    await using server = await startUploads();
    using client = await RawClient.connect(server.port);
    client.send("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    await client.untilReceived("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    await client.untilReceived("first hello");
  });

  test("without a body is an ordinary one", async () => {
    await using server = await startUploads();
    expect(await outcomeOf(`${server.url}/kind`)).toBe("200 value");
  });

  test("waits in the queue with its head while all workers are busy", async () => {
    await using server = await startUploads();
    using first = await RawClient.connect(server.port);
    using second = await RawClient.connect(server.port);
    first.send("POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    await first.untilReceived("100 Continue");
    second.send("POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    first.send("hello");
    await first.untilReceived("HTTP/1.1 200 OK");
    await second.untilReceived("100 Continue");
    second.send("hello");
    await second.untilReceived("HTTP/1.1 200 OK");
  });

  test("reaches a worker of level 1 whole, by value", async () => {
    await using server = await startUploads({ script: LEVEL_ONE });
    const response = await fetch(server.url, { method: "POST", body: "x".repeat(500_000) });
    expect(await response.text()).toBe("500000 13");
  });
});
