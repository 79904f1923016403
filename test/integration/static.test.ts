import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SCRIPT = join(import.meta.dir, "../support/workers/sendfile.php");

function start(): Promise<VilyaServer> {
  return startVilya({
    files: { "public/index.html": "<h1>Hello</h1>", "public/index.php": "<?php secret", "stored/a.txt": "stored" },
    config: {
      runtime: "php",
      php: { worker_script: SCRIPT },
      workers: { count: 1 },
      static: { root: "public", sendfile: { "/stored": "stored" } },
      compress: { enabled: true },
    },
  });
}

describe("static files before a PHP app", () => {
  test("are served, and everything else is the app's, compressed", async () => {
    await using server = await start();
    expect(await (await fetch(`${server.url}/`)).text()).toBe("<h1>Hello</h1>");
    expect(await (await fetch(`${server.url}/index.php`)).text()).toStartWith("from the worker");
    const answer = await fetch(`${server.url}/text`, {
      headers: { "Accept-Encoding": "gzip" },
      decompress: false,
    } as RequestInit);
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(1_000);
  });

  test.each(["/file", "/streamed-file"])("are sent for %s, which names one, and the worker goes on", async (path) => {
    await using server = await start();
    const file = join(server.directory, "stored/a.txt");
    const answer = await fetch(`${server.url}${path}?file=${file}`);
    expect([answer.status, await answer.text(), answer.headers.get("x-sendfile")]).toEqual([200, "stored", null]);
    expect((await fetch(`${server.url}${path}?file=${file}.gone`)).status).toBe(404);
    expect(await (await fetch(`${server.url}/pid`)).text()).toMatch(/^\d+$/);
  });

  test("are not sent for an answer that is no success, and nobody learns of their place", async () => {
    await using server = await start();
    const answer = await fetch(`${server.url}/gone-file?file=${join(server.directory, "stored/a.txt")}`);
    expect([answer.status, await answer.text(), answer.headers.get("x-sendfile")]).toEqual([410, "gone", null]);
    expect(answer.headers.get("content-type")).toBe("text/plain");
  });

  test("hold no worker while a slow client takes one", async () => {
    await using server = await start();
    const file = join(server.directory, "stored/large.bin");
    await Bun.write(file, Buffer.alloc(64 * 1024 * 1024));
    using client = await RawClient.connect(server.port);
    client.pause();
    client.send(`GET /file?file=${file} HTTP/1.1\r\nHost: a\r\n\r\n`);
    // The only worker answers the next request while the file is far from sent.
    const pid = await until("an answer", async () => await (await fetch(`${server.url}/pid`)).text());
    expect(pid).toMatch(/^\d+$/);
    expect(client.received.length).toBeLessThan(64 * 1024 * 1024);
  });
});
