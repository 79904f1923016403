import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { testAuthority } from "../support/certificates.ts";
import { fetchHttp3 } from "../support/http3-server.ts";
import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const WORKERS = join(import.meta.dir, "../support/workers");
const LISTENER = {
  host: "127.0.0.1",
  port: 0,
  protocols: ["h1", "h2", "h3"],
  tls: { certificates: [{ cert: "a.crt", key: "a.key" }] },
};
const TLS = { ca: testAuthority().certificatePem };

function certificateFiles(): Record<"a.crt" | "a.key", string> {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"], commonName: Bun.randomUUIDv7() });
  return { "a.crt": certificatePem, "a.key": keyPem };
}

function start(workerScript: string, server: object = {}): Promise<VilyaServer> {
  const config = phpApp({
    server: { listeners: [LISTENER], ...server },
    php: { worker_script: join(WORKERS, workerScript) },
  });
  return startVilya({ config, files: certificateFiles() });
}

describe("an instance with HTTP/3", () => {
  test("serves its app over HTTP/3, and says so over HTTP/1.1 and HTTP/2", async () => {
    await using server = await start("show-request.php");
    const { port } = server;
    const answer = await fetchHttp3(port, "/x?y=1", { method: "POST", body: "hello" });
    expect(await answer.json()).toMatchObject({
      method: "POST",
      uri: "/x?y=1",
      scheme: "https",
      host: `127.0.0.1:${port}`,
      remote_addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    const altSvc = `h3=":${port}"; ma=86400`;
    expect(answer.headers.get("alt-svc")).toBeNull();
    for (const protocol of ["http1.1", "http2"] as const) {
      const { headers } = await fetch(`https://127.0.0.1:${port}/`, { protocol, tls: TLS });
      expect(headers.get("alt-svc")).toBe(altSvc);
    }
  });

  test("shows the certificates of a reload, and serves on", async () => {
    await using server = await start("show-request.php");
    expect((await fetchHttp3(server.port, "/")).status).toBe(200);
    for (const [name, text] of Object.entries(certificateFiles())) writeFileSync(join(server.directory, name), text);
    server.signal("SIGHUP");
    await server.logged("HTTP/3 certificates replaced");
    expect((await fetchHttp3(server.port, "/")).status).toBe(200);
  });

  test("is served by the new front after a reload with another configuration, and nothing is an error meanwhile", async () => {
    await using server = await start("show-request.php");
    const { port } = server;
    expect((await fetchHttp3(port, "/")).status).toBe(200);
    const old = await server.frontPid();
    const file = join(server.directory, "vilya.yaml");
    const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...config, workers: { count: 2, timeout: 31 } }));
    server.signal("SIGHUP");
    await server.logged("reloaded");
    await server.logged("front retired");
    const served = await until("HTTP/3 of the new front", async () => {
      const answer = await fetchHttp3(port, "/").catch(() => null);
      return answer?.status === 200;
    });
    expect(served).toBe(true);
    expect(await server.frontPid()).not.toBe(old);
  });

  test("finishes what is in flight when it stops", async () => {
    await using server = await start("stream.php");
    const file = join(server.directory, "gate");
    const answer = await fetchHttp3(server.port, `/gate?file=${encodeURIComponent(file)}`);
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe("one\n");
    const stopped = server.stop();
    writeFileSync(file, "");
    expect(Buffer.from((await reader.read()).value).toString()).toBe("two\n");
    expect((await reader.read()).done).toBe(true);
    expect((await stopped).exitCode).toBe(0);
  });
});

describe("the protocols of a listener", () => {
  test.each([
    [["h1"], "http/1.1"],
    [["h2"], "h2"],
  ])("%p are what TLS agrees on", async (protocols, agreed) => {
    const config = { server: { listeners: [{ ...LISTENER, protocols }] } };
    await using server = await startVilya({ config, files: certificateFiles() });
    using client = await RawClient.connect(server.port, { tls: { ...TLS, protocols: ["h2", "http/1.1"] } });
    expect(client.protocol).toBe(agreed);
  });

  test("are all that is spoken in the clear", async () => {
    const listener = { host: "127.0.0.1", port: 0 };
    const listeners = [
      { ...listener, protocols: ["h1"] },
      { ...listener, protocols: ["h2"] },
    ];
    await using server = await startVilya({ config: { server: { listeners } } });
    const [old, recent] = server.urls.map((url) => Number(new URL(url).port));
    using prior = await RawClient.connect(old!);
    prior.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(await prior.untilEnd()).toStartWith("HTTP/1.1 505 ");
    using plain = await RawClient.connect(recent!);
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await plain.untilEnd()).not.toContain("HTTP/1.1");
  });
});
