import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const WORKERS = join(import.meta.dir, "../support/workers");
const MIB = 1024 * 1024;
const BODY = Buffer.alloc(1_000_000, "0123456789");
const SHA1 = createHash("sha1").update(BODY).digest("hex");

interface FilesOptions {
  readonly script?: string;
  readonly takesFiles?: boolean;
  readonly expectedErrors?: readonly string[];
}

/** A server that keeps bodies in `bodies/`, below its own directory. */
async function startFiles({
  script = "upload.php",
  takesFiles = true,
  expectedErrors = [],
}: FilesOptions = {}): Promise<VilyaServer> {
  return startVilya({
    config: phpApp({
      php: { worker_script: join(WORKERS, script), env: { BODY_FILES: takesFiles ? "1" : "0" } },
      workers: { count: 1, timeout: "20s" },
      server: { body_dir: "bodies" },
    }),
    files: { "bodies/.keep": "" },
    expectedErrors,
  });
}

function post(server: VilyaServer, path: string, body: Buffer = BODY): Promise<string> {
  return fetch(`${server.url}${path}`, { method: "POST", body }).then(
    async (response) => `${response.status} ${await response.text()}`,
    () => "failed",
  );
}

/** The bodies that the server has in files now. */
function bodyFiles(server: VilyaServer): readonly string[] {
  const parent = join(server.directory, "bodies");
  return readdirSync(parent, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("vilya-body-"));
}

/** Waits until a worker has the file; returns its path. */
async function heldPath(file: string): Promise<readonly [path: string, mode: string, directoryMode: string]> {
  await until("the worker to have the body", () => existsSync(file));
  return JSON.parse(readFileSync(file, "utf8")) as [string, string, string];
}

describe("a large body", () => {
  test("is a private file until its request is answered", async () => {
    await using server = await startFiles();
    const file = join(server.directory, "held");
    const outcome = post(server, `/path?file=${file}`);
    const [path, mode, directoryMode] = await heldPath(file);
    expect([mode, directoryMode]).toEqual(["100600", "40700"]);
    expect(statSync(path).size).toBe(BODY.length);
    writeFileSync(`${file}-go`, "");
    expect(await outcome).toBe(`200 ${SHA1}`);
    await until("the file's end", () => bodyFiles(server).length === 0);
  });

  test.each([true, false])(
    "of exactly 10 MiB gets through by the defaults; taken as a file: %s",
    async (takesFiles) => {
      await using server = await startFiles({ takesFiles });
      const body = Buffer.alloc(10 * MIB, "x");
      expect(await post(server, "/kind", body)).toBe(takesFiles ? "200 file" : "200 value");
      const hash = createHash("sha256").update(body).digest("hex");
      expect(await post(server, "/hash", body)).toBe(`200 ${body.length} ${hash} []`);
      expect(await post(server, "/kind", Buffer.alloc(10 * MIB + 1))).toStartWith("413 ");
      await until("the files' end", () => bodyFiles(server).length === 0);
    },
  );

  test("is a value where it is small, and for workers of level 1", async () => {
    await using files = await startFiles();
    expect(await post(files, "/kind", Buffer.alloc(1000))).toBe("200 value");
    await using old = await startFiles({ script: "level-one.php" });
    expect(await post(old, "/")).toBe("200 1000000 13");
    expect(await post(old, "/", Buffer.alloc(10 * MIB))).toStartWith("413 ");
  });

  test.each([true, false])("has its trailers, which came behind it; taken as a file: %s", async (takesFiles) => {
    await using server = await startFiles({ takesFiles });
    using client = await RawClient.connect(server.port);
    client.send("POST /hash HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    const piece = BODY.toString("latin1", 0, 100_000);
    for (let left = 3; left > 0; left--) client.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    client.send("0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n");
    await client.untilReceived('{"X-Sum":["1","2"]}');
  });

  test("may be moved by its worker, which then keeps it", async () => {
    await using server = await startFiles();
    mkdirSync(join(server.directory, "kept"));
    const kept = join(server.directory, "kept/upload");
    expect(await post(server, `/move?file=${kept}`)).toBe("200 moved");
    expect(await post(server, "/kind")).toBe("200 file");
    expect(statSync(kept).size).toBe(BODY.length);
  });

  test("stays until its worker is done when its client leaves", async () => {
    await using server = await startFiles();
    const file = join(server.directory, "held");
    const client = await RawClient.connect(server.port);
    client.send(`POST /path?file=${file} HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY.length}\r\n\r\n`);
    for (let at = 0; at < BODY.length;) {
      at += client.sendSome(BODY.subarray(at));
      await Bun.sleep(0);
    }
    const [path] = await heldPath(file);
    client.reset();
    await until("an answer behind that", async () => (await fetch(`${server.url}/health`)).ok);
    expect(existsSync(path)).toBe(true);
    writeFileSync(`${file}-go`, "");
    await until("the file's end", () => !existsSync(path));
    expect(await post(server, "/kind")).toBe("200 file");
  });

  test("goes with a worker that dies", async () => {
    await using server = await startFiles({ expectedErrors: ["worker crashed"] });
    const file = join(server.directory, "held");
    const outcome = post(server, `/path?file=${file}`);
    const [path] = await heldPath(file);
    const [worker] = await server.workerPids();
    server.signal("SIGKILL", worker);
    expect(await outcome).toStartWith("502 ");
    await until("the file's end", () => !existsSync(path));
  });

  test("goes with a front that dies, at the latest when the next one starts", async () => {
    await using server = await startFiles();
    const file = join(server.directory, "held");
    const outcome = post(server, `/path?file=${file}`);
    const [path] = await heldPath(file);
    server.signal("SIGKILL", await server.frontPid());
    expect(await outcome).toBe("failed");
    await server.logged("abandoned request bodies removed");
    expect(existsSync(dirname(path))).toBe(false);
    expect(await post(server, "/kind")).toStartWith("200 ");
  });
});
