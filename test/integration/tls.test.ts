import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";

import { testAuthority } from "../support/certificates.ts";
import { phpApp } from "../support/php-app.ts";
import { RawClient, type RawClientTls } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const SHOW_REQUEST = join(import.meta.dir, "../support/workers/show-request.php");
const REPOSITORY = join(import.meta.dir, "../..");
const CA = testAuthority().certificatePem;
const TLS: RawClientTls = { ca: CA };

function certificateFiles(names: readonly string[] = ["127.0.0.1", "a.test"]): Record<"a.crt" | "a.key", string> {
  const { certificatePem, keyPem } = testAuthority().issue({ names, commonName: `issued ${Bun.randomUUIDv7()}` });
  return { "a.crt": certificatePem, "a.key": keyPem };
}

const LISTENER = { host: "127.0.0.1", port: 0 };
const CERTIFICATES = { certificates: [{ cert: "a.crt", key: "a.key" }] };

function portOf(url: string | undefined): number {
  return Number(new URL(url ?? "").port);
}

async function shownTo(client: RawClient, headers = ""): Promise<Record<string, unknown>> {
  client.send(`GET /x HTTP/1.1\r\nHost: a.test\r\n${headers}Connection: close\r\n\r\n`);
  const received = await client.untilEnd();
  return JSON.parse(received.slice(received.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>;
}

describe("an instance with TLS", () => {
  test("serves its app over TLS, over HTTP in the clear, and on a Unix socket", async () => {
    const listeners = [{ ...LISTENER, tls: CERTIFICATES }, LISTENER, { path: "v.sock" }];
    const config = phpApp({ server: { listeners }, php: { worker_script: SHOW_REQUEST } });
    await using server = await startVilya({ config, files: certificateFiles() });
    const [secure, clear] = server.urls;
    using client = await RawClient.connect(portOf(secure), { tls: TLS });
    const overTls = await shownTo(client);
    expect(overTls).toMatchObject({ scheme: "https", host: "a.test" });
    expect(overTls).not.toHaveProperty("tls");
    using clearClient = await RawClient.connect(portOf(clear));
    expect(await shownTo(clearClient)).toMatchObject({ scheme: "http" });
    const answer = await fetch("http://a.test/x", { unix: join(server.directory, "v.sock") });
    expect(await answer.json()).toMatchObject({ scheme: "http", remote_addr: "unix:" });
  });

  test("speaks HTTP/2 to who asks for it", async () => {
    const config = { server: { listeners: [{ ...LISTENER, tls: CERTIFICATES }] } };
    await using server = await startVilya({ config, files: certificateFiles() });
    const { port } = server;
    using both = await RawClient.connect(port, { tls: { ...TLS, protocols: ["http/1.1", "h2"] } });
    using old = await RawClient.connect(port, { tls: { ...TLS, protocols: ["http/1.1"] } });
    expect([both.protocol, old.protocol]).toEqual(["h2", "http/1.1"]);
  });

  test.each([
    ["ECDHE-ECDSA-AES128-GCM-SHA256", true],
    ["ECDHE-ECDSA-AES128-SHA", false],
  ])("takes %s of TLS 1.2 as HTTP/2 does: %p", async (ciphers, isTaken) => {
    const config = { server: { listeners: [{ ...LISTENER, tls: CERTIFICATES }] } };
    await using server = await startVilya({ config, files: certificateFiles() });
    const options = { host: "127.0.0.1", port: server.port, ca: CA, ciphers, maxVersion: "TLSv1.2" } as const;
    const outcome = await new Promise<boolean>((resolve) => {
      const socket = connectTls(options, () => resolve(socket.authorized));
      socket.once("error", () => resolve(false)).once("secureConnect", () => socket.end());
    });
    expect(outcome).toBe(isTaken);
  });

  test("tells the app who a client is by its certificate", async () => {
    const tls = { ...CERTIFICATES, client_certificates: "required", client_ca: "ca.crt" };
    const config = phpApp({ server: { listeners: [{ ...LISTENER, tls }] }, php: { worker_script: SHOW_REQUEST } });
    await using server = await startVilya({ config, files: { ...certificateFiles(), "ca.crt": CA } });
    const certificate = testAuthority().issue({ commonName: "device 7", organization: "Acme" });
    using client = await RawClient.connect(server.port, { tls: { ...TLS, certificate } });
    expect(await shownTo(client)).toMatchObject({
      tls: {
        version: "TLSv1.3",
        client_subject: "O=Acme,CN=device 7",
        client_fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    using stranger = await RawClient.connect(server.port, { tls: TLS });
    expect(await stranger.untilEnd()).toBe("");
  });

  test("sends clients in the clear to https, but for its health", async () => {
    const listeners = [
      { ...LISTENER, redirect_https: 8443 },
      { ...LISTENER, tls: CERTIFICATES },
    ];
    await using server = await startVilya({ config: { server: { listeners } }, files: certificateFiles() });
    using client = await RawClient.connect(server.port);
    client.send("POST //x/..%2f?y=1&z=//evil.test HTTP/1.1\r\nHost: a.test:80\r\nContent-Length: 2\r\n\r\nhi");
    await client.untilReceived("\r\n\r\n");
    expect(client.received).toStartWith("HTTP/1.1 308 ");
    expect(client.received).toContain("\r\nLocation: https://a.test:8443//x/..%2f?y=1&z=//evil.test\r\n");
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    using nameless = await RawClient.connect(server.port);
    nameless.send("GET / HTTP/1.0\r\n\r\n");
    expect(await nameless.untilEnd()).toStartWith("HTTP/1.1 400 ");
  });

  test("tells who speaks HTTP in the clear what is spoken", async () => {
    const config = { server: { listeners: [{ ...LISTENER, tls: CERTIFICATES }] } };
    await using server = await startVilya({ config, files: certificateFiles() });
    using client = await RawClient.connect(server.port);
    client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    expect(await client.untilEnd()).toContain("This port speaks HTTPS");
  });
});

describe("certificates", () => {
  async function commonNameOf({ port }: VilyaServer): Promise<string | null> {
    using client = await RawClient.connect(port, { tls: TLS });
    return client.serverCommonName;
  }

  test("are reloaded on SIGHUP: connections stand, what does not load is refused, and a new front has what is shown", async () => {
    const config = { server: { listeners: [{ ...LISTENER, tls: CERTIFICATES }] } };
    await using server = await startVilya({
      config,
      files: certificateFiles(),
      expectedErrors: ["configuration refused", "not reloaded, everything stays as it is", "front died"],
    });
    const first = await commonNameOf(server);
    using standing = await RawClient.connect(server.port, { tls: TLS });
    const renew = (files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(server.directory, name), text);
      server.signal("SIGHUP");
    };
    renew(certificateFiles());
    await server.logged("certificates reloaded");
    const second = await commonNameOf(server);
    expect(second).not.toBe(first);
    standing.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await standing.untilReceived("HTTP/1.1 200");

    renew({ "a.crt": "half a certif" });
    await server.logged("not reloaded, everything stays as it is");
    expect(await commonNameOf(server)).toBe(second);

    const front = await server.frontPid();
    server.signal("SIGKILL", front);
    await server.frontPid(front);
    await server.logged("front started", 2);
    expect(await commonNameOf(server)).toBe(second);
  });

  test("that cannot be used keep the instance from starting, all of them named", async () => {
    const tls = {
      certificates: [
        { cert: "gone.crt", key: "a.key" },
        { cert: "a.crt", key: "b.key" },
      ],
    };
    const files = { ...certificateFiles(), "b.key": certificateFiles()["a.key"] };
    await using server = await startVilya({
      config: { server: { listeners: [{ ...LISTENER, tls }] } },
      files,
      waitFor: "exit",
    });
    const { exitCode, stderr } = await server.stop(null);
    expect(exitCode).toBe(78);
    expect(stderr).toContain("gone.crt does not exist");
    expect(stderr).toContain("it belongs to another certificate");
    expect(stderr).not.toContain("PRIVATE KEY");
  });

  test("with ciphers that TLS does not know are refused by a check as by a start", async () => {
    const tls = { ...CERTIFICATES, ciphers: "ROT13:!CAESAR" };
    const config = { server: { listeners: [{ ...LISTENER, tls }] } };
    await using server = await startVilya({ config, files: certificateFiles(), waitFor: "exit" });
    const check = Bun.spawnSync([join(REPOSITORY, "bin/vilya"), "config", "check"], { cwd: server.directory });
    const { exitCode, stderr } = await server.stop(null);
    expect([exitCode, check.exitCode]).toEqual([78, 78]);
    const message = "cannot use the ciphers ROT13:!CAESAR: TLS knows none of them";
    expect([stderr, check.stderr.toString()]).toEqual([
      expect.stringContaining(message),
      expect.stringContaining(message),
    ]);
  });
});

describe("behind proxies", () => {
  const server = { trusted_proxies: ["127.0.0.0/8"] };
  const app = (listener: object, more: object = {}) =>
    phpApp({
      server: { ...server, ...more, listeners: [{ ...LISTENER, ...listener }] },
      php: { worker_script: SHOW_REQUEST },
    });
  const V1 = Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n");

  test("the client is who the PROXY header names, before TLS and in the clear", async () => {
    const listeners = [
      { ...LISTENER, proxy_protocol: "on", tls: CERTIFICATES },
      { ...LISTENER, proxy_protocol: "optional" },
    ];
    const config = phpApp({ server: { ...server, listeners }, php: { worker_script: SHOW_REQUEST } });
    await using vilya = await startVilya({ config, files: certificateFiles() });
    const [secure, clear] = vilya.urls;
    using overTls = await RawClient.connect(portOf(secure), { preface: V1, tls: TLS });
    expect(await shownTo(overTls)).toMatchObject({ remote_addr: "203.0.113.7:4711", scheme: "https" });
    using inClear = await RawClient.connect(portOf(clear), { preface: V1 });
    expect(await shownTo(inClear)).toMatchObject({ remote_addr: "203.0.113.7:4711", scheme: "http" });
    using direct = await RawClient.connect(portOf(clear));
    expect((await shownTo(direct))["remote_addr"]).toMatch(/^127\.0\.0\.1:/);
    using missing = await RawClient.connect(portOf(secure));
    missing.send("GET / HTTP/1.1\r\n\r\n");
    expect(await missing.untilEnd()).toBe("");
  });

  test("the client is who trusted headers name, and a redirect knows that TLS ended at the proxy", async () => {
    await using vilya = await startVilya({ config: app({ redirect_https: 443 }) });
    const headers =
      "X-Forwarded-For: 1.1.1.1, 203.0.113.7, 127.0.0.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test\r\nForwarded: for=9.9.9.9\r\n";
    using client = await RawClient.connect(vilya.port);
    expect(await shownTo(client, headers)).toMatchObject({
      remote_addr: "203.0.113.7:0",
      scheme: "https",
      host: "shop.test",
      headers: { Host: ["a.test"] },
    });
  });

  test("nobody is believed who is not trusted", async () => {
    await using vilya = await startVilya({ config: app({}, { trusted_proxies: ["10.0.0.0/8"] }) });
    using client = await RawClient.connect(vilya.port);
    const shown = await shownTo(client, "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\n");
    expect(shown).toMatchObject({ scheme: "http", host: "a.test" });
    expect(shown["remote_addr"]).toMatch(/^127\.0\.0\.1:/);
  });
});
