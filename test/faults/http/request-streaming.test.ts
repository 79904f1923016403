import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { RawClient } from "../../support/raw-client.ts";
import { residentBytes } from "../../support/resident-bytes.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const SCRIPT = join(import.meta.dir, "../../support/workers/upload.php");

interface UploadsOptions {
  readonly workers?: Readonly<Record<string, unknown>>;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly expectedErrors?: readonly string[];
}

function startUploads({ workers, server, expectedErrors = [] }: UploadsOptions = {}): Promise<VilyaServer> {
  const config = phpApp({
    php: { worker_script: SCRIPT },
    workers: { count: 1, stream_request: true, ...workers },
    server: { max_body_size: "1GiB", ...server },
  });
  return startVilya({ config, expectedErrors });
}

/** Sends the head of an upload and its first bytes. */
async function begin(server: VilyaServer, path: string, framing = "Content-Length: 100000000"): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  const first = framing.startsWith("Content-Length") ? "first" : "5\r\nfirst\r\n";
  client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${first}`);
  return client;
}

/** Sends until nothing more is taken; returns how much that was. */
async function fill(client: RawClient): Promise<number> {
  const burst = Buffer.alloc(1_000_000, "x");
  let sent = 0;
  let takenLast = -1;
  await until("a full socket", async () => {
    const taken = client.sendSome(burst);
    sent += taken;
    const isFull = taken === 0 && takenLast === 0;
    takenLast = taken;
    await Bun.sleep(5);
    return isFull || sent > 90_000_000;
  });
  return sent;
}

describe("a client of a streamed request", () => {
  test("that resets in the middle has its handler ended, and the worker serves on", async () => {
    await using server = await startUploads();
    const file = join(server.directory, "begun");
    const pid = await outcomeOf(`${server.url}/pid`);
    const client = await begin(server, `/begun?file=${file}`);
    await until("the worker to have begun", () => existsSync(file));
    client.reset();
    await until("the handler to be told", () => existsSync(`${file}-broken`));
    expect(readFileSync(`${file}-broken`, "utf8")).toContain("broken off");
    expect(await outcomeOf(`${server.url}/pid`)).toBe(pid);
  });

  test("that stops sending is cut after the read timeout, and its worker set free", async () => {
    await using server = await startUploads({ server: { read_timeout: "300ms" }, workers: { timeout: "20s" } });
    const file = join(server.directory, "begun");
    const pid = await outcomeOf(`${server.url}/pid`);
    using client = await begin(server, `/begun?file=${file}`);
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 408 ");
    await until("the handler to be told", () => existsSync(`${file}-broken`));
    expect(await outcomeOf(`${server.url}/pid`)).toBe(pid);
  });

  test("that sends more than is allowed is answered 413, and its handler ended", async () => {
    await using server = await startUploads({ server: { max_body_size: "10B" } });
    const file = join(server.directory, "begun");
    using client = await begin(server, `/begun?file=${file}`, "Transfer-Encoding: chunked");
    await until("the worker to have begun", () => existsSync(file));
    client.send("6\r\nsecond\r\n");
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 413 ");
    await until("the handler to be told", () => existsSync(`${file}-broken`));
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });

  test("that announces more than is allowed is answered 413 before a worker hears of it", async () => {
    await using server = await startUploads({ server: { max_body_size: "10B" } });
    const file = join(server.directory, "begun");
    using client = await begin(server, `/begun?file=${file}`, "Content-Length: 11");
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 413 ");
    expect(existsSync(file)).toBe(false);
  });

  test("that sends more than its Content-Length has that taken for the next request", async () => {
    await using server = await startUploads();
    using client = await begin(server, "/hash", "Content-Length: 5");
    client.send("extra\r\n\r\n");
    const received = await client.untilEnd();
    expect(received).toContain("\r\n\r\n5 ");
    expect(received).toContain("HTTP/1.1 400 ");
  });

  test("that has its answer early is not read to the end", async () => {
    await using server = await startUploads();
    for (const path of ["/unread", "/first"]) {
      using client = await begin(server, path);
      const received = await client.untilReceived(path === "/first" ? "first first" : "not needed");
      expect(received).toContain("Connection: close\r\n");
      await client.untilEnd();
    }
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });
});

describe("a worker of a streamed request", () => {
  test("that never reads pauses its client, costs bounded memory, and is ended by the timeout", async () => {
    await using server = await startUploads({ workers: { count: 2, timeout: STALL_PROOF_S, stop_timeout: "200ms" } });
    const front = await server.frontPid();
    const file = join(server.directory, "never");
    using client = await begin(server, `/never?file=${file}`);
    await until("the worker to have begun", () => existsSync(file));
    const before = residentBytes(front);
    const sent = await fill(client);
    expect(sent).toBeLessThan(30_000_000);
    expect(residentBytes(front) - before).toBeLessThan(30 << 20);
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    expect(await client.untilReceived("504")).toStartWith("HTTP/1.1 504 ");
  });

  test("is not ended by its timeout while its client is slow", async () => {
    await using server = await startUploads({ workers: { count: 2, timeout: STALL_PROOF_S, stop_timeout: "100ms" } });
    const file = join(server.directory, "begun");
    using client = await begin(server, `/begun?file=${file}`, "Content-Length: 10");
    await until("the worker to have begun", () => existsSync(file));
    // A request that is over the same timeout shows that it has passed.
    expect(await outcomeOf(`${server.url}/never?file=${file}-other`)).toStartWith("504 ");
    client.send("later");
    await client.untilReceived("HTTP/1.1 200 OK");
  });

  test("that is killed in the middle costs its request, which runs nowhere else", async () => {
    await using server = await startUploads({ workers: { count: 2 }, expectedErrors: ["worker crashed"] });
    const file = join(server.directory, "begun");
    using client = await RawClient.connect(server.port);
    client.send(`PUT /begun?file=${file} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst`);
    await until("the worker to have begun", () => existsSync(file));
    const worker = readFileSync(file, "utf8");
    server.signal("SIGKILL", Number(worker));
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 502 ");
    await until("a new worker", async () => (await server.workerPids()).length === 2);
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    expect(readFileSync(file, "utf8")).toBe(worker);
  });
});
