import { expect, test } from "bun:test";
import { join } from "node:path";

import { testAuthority } from "../support/certificates.ts";
import { Http1Peer } from "../support/http1-peer.ts";
import { Http2Client } from "../support/http2-client.ts";
import { Http2Peer } from "../support/http2-peer.ts";
import { Http3Peer } from "../support/http3-peer.ts";
import type { HttpPeer } from "../support/http-peer.ts";
import { phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya } from "../support/vilya.ts";

const SHOW_REQUEST = join(import.meta.dir, "../support/workers/show-request.php");
const TLS = { ca: testAuthority().certificatePem };
const SECURE = {
  host: "127.0.0.1",
  port: 0,
  protocols: ["h1", "h2", "h3"],
  tls: { certificates: [{ cert: "a.crt", key: "a.key" }] },
};

async function http2(port: number, scheme: "http" | "https"): Promise<HttpPeer> {
  const tls = scheme === "https" ? { tls: { ...TLS, protocols: ["h2"] } } : {};
  return new Http2Peer(await Http2Client.connect(port, { settings: Http2Peer.settings, ...tls }), scheme);
}

test("a PHP worker is asked the same over every version of HTTP, on several listeners that each have all of them", async () => {
  const { certificatePem, keyPem } = testAuthority().issue({ names: ["127.0.0.1"] });
  const listeners = [SECURE, SECURE, { host: "127.0.0.1", port: 0 }];
  const config = phpApp({ server: { listeners }, php: { worker_script: SHOW_REQUEST } });
  await using server = await startVilya({ config, files: { "a.crt": certificatePem, "a.key": keyPem } });
  const [first, second, clear] = server.urls.map((url) => Number(new URL(url).port)) as [number, number, number];
  const peers = await Promise.all([
    new Http1Peer(() => RawClient.connect(clear)),
    http2(clear, "http"),
    ...[first, second].flatMap((port) => [
      new Http1Peer(() => RawClient.connect(port, { tls: TLS })),
      http2(port, "https"),
      new Http3Peer(port),
    ]),
  ]);
  for (const [index, peer] of peers.entries()) {
    using _peer = peer;
    const fields = [["X-Word", "caf\u00e9"]] as const;
    const exchange = await peer.ask({ method: "PUT", target: "/a%2Fb?c=d", fields, content: "hello" });
    const answer = await until("the answer", () => exchange.answer.end === "complete" && exchange.answer);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      method: "PUT",
      uri: "/a%2Fb?c=d",
      scheme: index < 2 ? "http" : "https",
      host: peer.authority,
      body: Buffer.from("hello").toString("hex"),
      headers: { "X-Word": ["caf\u00e9"], "Content-Length": ["5"] },
    });
  }
});
