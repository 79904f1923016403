import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testAuthority } from "../support/certificates.ts";
import { fetchHttp3 } from "../support/http3-server.ts";
import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SHOW_REQUEST = join(import.meta.dir, "../support/workers/show-request.php");
const PROXY_HEADER = Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n");
const TLS = { ca: testAuthority().certificatePem };

/** That one of two fronts gets none of so many connections has a chance of one in a hundred thousand. */
const CONNECTION_COUNT = 18;

function certificateFiles(): Record<"a.crt" | "a.key", string> {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"], commonName: Bun.randomUUIDv7() });
  return { "a.crt": certificatePem, "a.key": keyPem };
}

function start(listeners: readonly object[]): Promise<VilyaServer> {
  const config = phpApp({
    fronts: 2,
    server: {
      listeners: listeners.map((each) => ({ host: "127.0.0.1", port: 0, ...each })),
      trusted_proxies: ["127.0.0.1"],
    },
    php: { worker_script: SHOW_REQUEST },
  });
  return startVilya({ config, files: certificateFiles() });
}

/** What clients have been shown, each once. */
async function commonNames({ port }: VilyaServer): Promise<readonly (string | null)[]> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTION_COUNT }, () => RawClient.connect(port, { tls: TLS })),
  );
  const names = new Set(clients.map(({ serverCommonName }) => serverCommonName));
  for (const client of clients) client[Symbol.dispose]();
  return [...names];
}

describe("Listeners of two fronts", () => {
  const tls = { certificates: [{ cert: "a.crt", key: "a.key" }] };

  test("show one certificate, and after a reload another one, whichever front accepts", async () => {
    await using server = await start([{ tls }]);
    const before = await commonNames(server);
    expect(before).toHaveLength(1);
    for (const [name, text] of Object.entries(certificateFiles())) writeFileSync(join(server.directory, name), text);
    server.signal("SIGHUP");
    await server.logged("reloaded");
    const after = await commonNames(server);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  test("believe the PROXY header, whichever front accepts", async () => {
    await using server = await start([{ proxy_protocol: "on", tls }]);
    const clients = await Promise.all(
      Array.from({ length: CONNECTION_COUNT }, () =>
        RawClient.connect(server.port, { preface: PROXY_HEADER, tls: TLS }),
      ),
    );
    for (const client of clients) {
      client.send("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
      expect(await client.untilEnd()).toContain('"remote_addr":"203.0.113.7:4711"');
      client[Symbol.dispose]();
    }
  });

  test("serve HTTP/3 by the first of them, and say so in both", async () => {
    await using server = await start([{ protocols: ["h1", "h2", "h3"], tls }]);
    const { port } = server;
    const isServed = async () => (await fetchHttp3(port, "/").catch(() => null))?.status === 200;
    expect(await isServed()).toBe(true);
    for (let count = 1; count <= CONNECTION_COUNT; count++) {
      const { headers } = await fetch(`https://127.0.0.1:${port}/`, { keepalive: false, tls: TLS });
      expect(headers.get("alt-svc")).toBe(`h3=":${port}"; ma=86400`);
    }
    // The second front has no UDP port: nobody over HTTP/3 misses it.
    server.signal("SIGKILL", (await server.frontPids(2))[1]);
    expect(await isServed()).toBe(true);
    await server.logged("front started", 3);
    expect(await isServed()).toBe(true);
    expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});
