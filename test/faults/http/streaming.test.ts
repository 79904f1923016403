import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { residentBytes } from "../../support/resident-bytes.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const WORKERS = join(import.meta.dir, "../../support/workers");
const LAST_CHUNK = "\r\n0\r\n\r\n";
const REPORTED = ["worker reported an error"];

interface StreamsOptions {
  readonly script?: "stream.php" | "stream-liar.php";
  readonly workers?: Readonly<Record<string, unknown>>;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly expectedErrors?: readonly string[];
}

function startStreams({
  script = "stream.php",
  workers,
  server = {},
  expectedErrors = [],
}: StreamsOptions = {}): Promise<VilyaServer> {
  const config = phpApp({ php: { worker_script: join(WORKERS, script) }, workers: { count: 1, ...workers }, server });
  return startVilya({ config, expectedErrors });
}

async function request(server: VilyaServer, path: string, version = "1.1"): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  client.send(`GET ${path} HTTP/${version}\r\nHost: a\r\n\r\n`);
  return client;
}

describe("a client of a stream", () => {
  test("that stops reading costs bounded memory, and its neighbour nothing", async () => {
    await using server = await startStreams({ workers: { count: 2 } });
    const front = await server.frontPid();
    expect(await outcomeOf(`${server.url}/bytes?bytes=1000`)).toStartWith("200 ");
    const before = residentBytes(front);
    using stalled = await request(server, "/bytes?bytes=400000000");
    await stalled.untilReceived("HTTP/1.1 200 OK");
    stalled.pause();
    const response = await fetch(`${server.url}/bytes?bytes=200000000`);
    let byteCount = 0;
    let peak = 0;
    for await (const chunk of response.body!) {
      byteCount += chunk.length;
      peak = Math.max(peak, residentBytes(front));
    }
    expect(byteCount).toBe(200_000_000);
    // A fifth of what was asked for: most of it is garbage of the fast client's that is not collected yet.
    expect(peak - before).toBeLessThan(120 << 20);
  });

  test.each([
    ["/until-gone", "yyy"],
    ["/silent-until-gone", "hello"],
  ])("that leaves %s in the middle ends it, and the worker serves on", async (path, begin) => {
    await using server = await startStreams();
    const file = join(server.directory, "gone");
    const pid = await outcomeOf(`${server.url}/pid`);
    const client = await request(server, `${path}?file=${file}`);
    // Not at the head: a body whose client leaves before it has begun is never run.
    await client.untilReceived(begin);
    client.reset();
    await until("the worker to be told", () => existsSync(file));
    expect(await outcomeOf(`${server.url}/pid`)).toBe(pid);
  });

  test("that takes nothing for the write timeout is cut, and its worker set free", async () => {
    await using server = await startStreams({ server: { write_timeout: "1s" } });
    const file = join(server.directory, "gone");
    using client = await request(server, `/until-gone?file=${file}`);
    await client.untilReceived("yyy");
    client.pause();
    await until("the worker to be told", () => existsSync(file));
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });

  test("that closes its side while nothing is sent is taken to have left", async () => {
    await using server = await startStreams();
    const file = join(server.directory, "gone");
    using client = await request(server, `/silent-until-gone?file=${file}`);
    await client.untilReceived("hello");
    client.shutDown();
    await until("the worker to be told", () => existsSync(file));
  });
});

describe("a stream that breaks off", () => {
  test.each([
    ["is never complete: chunked", "/die", "1.1"],
    ["is never complete: of a known length", "/die?length=10&", "1.1"],
    ["is never complete: delimited by the close", "/die", "1.0"],
  ])("%s", async (_, path, version) => {
    await using server = await startStreams();
    const file = join(server.directory, "gate");
    using client = await request(server, `${path}${path.includes("?") ? "" : "?"}file=${file}`, version);
    await client.untilReceived("part");
    writeFileSync(file, "");
    const received = await client.untilEnd();
    expect(received).not.toContain(LAST_CHUNK);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    if (version === "1.0") expect(await endOfHttp10(server.port, `/die?file=${file}`)).toBe("reset");
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });

  test.each([
    ["throws", "/throw"],
    ["sends more than it announced", "/bytes?bytes=10&length=9"],
    ["sends less than it announced", "/bytes?bytes=10&length=11"],
  ])("because its body %s is cut and logged, and the worker serves on", async (_, path) => {
    await using server = await startStreams({ expectedErrors: REPORTED });
    const pid = await outcomeOf(`${server.url}/pid`);
    using client = await request(server, path);
    const received = await client.untilEnd();
    expect(received).toStartWith("HTTP/1.1 200 OK");
    expect(received).not.toContain(LAST_CHUNK);
    expect(received).not.toContain("secret");
    await server.logged("worker reported an error");
    expect(await outcomeOf(`${server.url}/pid`)).toBe(pid);
  });

  test("because its worker is silent for too long is cut, and the worker replaced", async () => {
    await using server = await startStreams({ workers: { stream_idle_timeout: STALL_PROOF_S, stop_timeout: "100ms" } });
    using client = await request(server, `/gate?file=${join(server.directory, "never")}`);
    await client.untilReceived("one");
    expect(await client.untilEnd()).not.toContain(LAST_CHUNK);
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });

  test("goes on past the timeout of a request", async () => {
    await using server = await startStreams({ workers: { count: 2, timeout: STALL_PROOF_S, stop_timeout: "100ms" } });
    const file = join(server.directory, "gate");
    using client = await request(server, `/gate?file=${file}`);
    await client.untilReceived("one");
    // A request that is over the same timeout, from after the head on, shows that it has passed.
    expect(await outcomeOf(`${server.url}/hints?file=${file}`)).toStartWith("504 ");
    writeFileSync(file, "");
    await client.untilReceived(LAST_CHUNK);
  });
});

describe("a worker that lies about its stream", () => {
  test.each([
    ["/over-credit", "VILYA_WORKER_CREDIT_EXCEEDED"],
    ["/chunk-before-credit", "VILYA_WORKER_STREAM_INVALID"],
    ["/two-heads", "VILYA_WORKER_STREAM_INVALID"],
    ["/response-in-stream", "VILYA_WORKER_STREAM_INVALID"],
  ])("%s is retired, and the next request served", async (path, code) => {
    await using server = await startStreams({ script: "stream-liar.php" });
    expect(await outcomeOf(`${server.url}${path}`)).toMatch(/^failed|^502 /);
    const entry = await server.logged("worker crashed");
    expect(JSON.stringify(entry)).toContain(code);
    expect(await outcomeOf(`${server.url}/`)).toStartWith("200 ");
  });

  test("with a head that would split gets its client a 500, and serves on", async () => {
    await using server = await startStreams({ script: "stream-liar.php", expectedErrors: REPORTED });
    const pid = await outcomeOf(`${server.url}/`);
    expect(await outcomeOf(`${server.url}/split`)).toStartWith("500 ");
    expect(await outcomeOf(`${server.url}/`)).toBe(pid);
  });

  test("that does not heed a cancel is replaced after the timeout", async () => {
    await using server = await startStreams({ script: "stream-liar.php", workers: { timeout: STALL_PROOF_S } });
    const pid = await outcomeOf(`${server.url}/`);
    const client = await request(server, "/deaf");
    await client.untilReceived("part");
    client.reset();
    const after = await outcomeOf(`${server.url}/`);
    expect(after).toStartWith("200 ");
    expect(after).not.toBe(pid);
  });
});

test("requests that were written ahead behind a stream run elsewhere, each once", async () => {
  await using server = await startStreams({ script: "stream-liar.php", workers: { count: 2, prefetch: 8 } });
  const file = join(server.directory, "gate");
  using first = await request(server, `/fast-stream?file=${file}`);
  using second = await request(server, `/fast-stream?file=${file}`);
  const waiting = Array.from({ length: 6 }, () => outcomeOf(`${server.url}/`));
  await first.untilReceived("part");
  await second.untilReceived("part");
  writeFileSync(file, "");
  for (const outcome of await Promise.all(waiting)) expect(outcome).toStartWith("200 ");
  await first.untilReceived(LAST_CHUNK);
  await second.untilReceived(LAST_CHUNK);
});

/** Sends an HTTP/1.0 request and returns how the connection ended, which is all that tells the end of its body. */
async function endOfHttp10(port: number, path: string): Promise<"closed" | "reset"> {
  const { promise, resolve } = Promise.withResolvers<"closed" | "reset">();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => resolve("reset")).on("end", () => resolve("closed"));
  socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
  socket.resume();
  const end = await promise;
  socket.destroy();
  return end;
}
