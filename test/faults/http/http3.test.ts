import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { testAuthority } from "../../support/certificates.ts";
import { fetchHttp3 } from "../../support/http3-server.ts";
import { phpApp } from "../../support/php-app.ts";
import { until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const LISTENER = {
  host: "127.0.0.1",
  port: 0,
  protocols: ["h1", "h3"],
  tls: { certificates: [{ cert: "a.crt", key: "a.key" }] },
};

function start(server: object = {}): Promise<VilyaServer> {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"] });
  const config = phpApp({
    server: { listeners: [LISTENER], ...server },
    workers: { count: 2 },
    php: { worker_script: join(import.meta.dir, "../../support/workers/stream.php") },
  });
  return startVilya({ config, files: { "a.crt": certificatePem, "a.key": keyPem } });
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

describe("over HTTP/3", () => {
  test("a client that stops reading 1 GB costs bounded memory, and its neighbour nothing", async () => {
    await using server = await start();
    const front = await server.frontPid();
    const leave = new AbortController();
    expect((await fetchHttp3(server.port, "/bytes?bytes=1000")).status).toBe(200);
    const before = residentBytes(front);
    const stalled = await fetchHttp3(server.port, "/bytes?bytes=1000000000", { signal: leave.signal });
    await stalled.body!.getReader().read();
    const response = await fetchHttp3(server.port, "/bytes?bytes=50000000");
    let byteCount = 0;
    let peak = 0;
    for await (const chunk of response.body!) {
      byteCount += chunk.length;
      peak = Math.max(peak, residentBytes(front));
    }
    expect(byteCount).toBe(50_000_000);
    expect(peak - before).toBeLessThan(64 << 20);
    leave.abort();
  });

  test("the worker of a client that left learns of it", async () => {
    await using server = await start();
    const file = join(server.directory, "gone");
    const leave = new AbortController();
    const path = `/silent-until-gone?file=${encodeURIComponent(file)}`;
    const answer = await fetchHttp3(server.port, path, { signal: leave.signal });
    await answer.body!.getReader().read();
    leave.abort();
    await until("the news at the worker", () => existsSync(file));
  });

  test("a worker that dies in the middle of a stream leaves it without an end, never with a clean one", async () => {
    await using server = await start();
    const file = join(server.directory, "die");
    const answer = await fetchHttp3(server.port, `/die?file=${encodeURIComponent(file)}`);
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe("part");
    let isOver = false;
    const over = reader.read().finally(() => (isOver = true));
    writeFileSync(file, "");
    await server.logged("worker crashed");
    expect((await fetchHttp3(server.port, "/pid")).status).toBe(200);
    expect(isOver).toBe(false);
    await reader.cancel();
    await over;
  });

  test("a stop cuts what outlives the grace, and says so", async () => {
    await using server = await start({ grace_timeout: "200ms" });
    const leave = new AbortController();
    const path = `/silent-until-gone?file=${encodeURIComponent(join(server.directory, "gone"))}`;
    const answer = await fetchHttp3(server.port, path, { signal: leave.signal });
    await answer.body!.getReader().read();
    const { exitCode } = await server.stop();
    expect(exitCode).toBe(3);
    leave.abort();
  });
});
