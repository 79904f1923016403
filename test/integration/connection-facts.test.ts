import { describe, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { testAuthority } from "../support/certificates.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";

const CERTIFICATE = testAuthority().issue({ names: ["127.0.0.1"] });
const FILES = { "site.crt": CERTIFICATE.certificatePem, "site.key": CERTIFICATE.keyPem };
const TLS = { certificates: [{ cert: "site.crt", key: "site.key" }] };
const SCRIPT = join(import.meta.dir, "../support/workers/concurrent.ts");

/** A worker whose hello names `features`, behind a port in the clear, one with TLS, and a Unix socket. */
function start(features: string): Promise<VilyaServer> {
  const listeners = [{ host: "127.0.0.1", port: 0 }, { host: "127.0.0.1", port: 0, tls: TLS }, { path: "front.sock" }];
  const env = { CONCURRENCY: "10", FEATURES: features };
  const php = { binary: process.execPath, worker_script: SCRIPT, env };
  return startVilya({ config: { runtime: "php", php, workers: { count: 1 }, server: { listeners } }, files: FILES });
}

async function askByHttp2(url: string): Promise<string> {
  const session = connectHttp2(url, { ca: testAuthority().certificatePem });
  let text = "";
  for await (const chunk of session.request({ ":path": "/connection" })) text += String(chunk);
  session.destroy();
  return text;
}

describe("a worker with the feature connection", () => {
  test("is told the version of HTTP and what its client has connected to", async () => {
    await using server = await start("stream,connection");
    const [clear = "", secure = ""] = server.urls;
    const addressOf = (url: string) => new URL(url).host;
    expect(await (await fetch(`${clear}/connection`)).text()).toBe(`1.1 ${addressOf(clear)}`);
    using client = await RawClient.connect(server.port);
    client.send("GET /connection HTTP/1.0\r\n\r\n");
    expect(await client.untilEnd()).toEndWith(`1.0 ${addressOf(clear)}`);
    expect(await askByHttp2(secure)).toBe(`2 ${addressOf(secure)}`);
    const unix = join(server.directory, "front.sock");
    expect(await (await fetch("http://a/connection", { unix })).text()).toBe(`1.1 ${unix}`);
  });

  test("is the only one that is", async () => {
    await using server = await start("stream");
    expect(await (await fetch(`${server.url}/connection`)).text()).toBe("none none");
  });
});
