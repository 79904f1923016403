import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:tls";

import { testAuthority } from "../../test/support/certificates.ts";
import { openSockets } from "../../test/support/process-table.ts";
import { RawClient } from "../../test/support/raw-client.ts";
import { issueCredentials, issueOptions, TlsServer } from "../../test/support/tls-server.ts";
import { until } from "../../test/support/until.ts";
import type { PrefaceReader } from "./preface.ts";
import { TlsCredentials, TlsCredentialsError } from "./tls-credentials.ts";

/** A preface of one line that names the peer. */
class LineReader implements PrefaceReader {
  read(bytes: Buffer): { byteLength: number; remoteAddress: string } | null {
    const end = bytes.indexOf(10);
    if (end === -1) return null;
    if (bytes[0] === 33) throw new Error("no preface");
    return { byteLength: end + 1, remoteAddress: bytes.toString("latin1", 0, end) };
  }
}

function openPreface(): PrefaceReader {
  return new LineReader();
}

describe("TLS", () => {
  test("carries bytes both ways, and tells a handler only in `tls` that it does", async () => {
    using server = new TlsServer();
    using client = await server.connect({ protocols: ["http/1.1"] });
    client.send("hello");
    await until("a connection", () => server.handlers.length === 1);
    const [handler] = server.handlers;
    expect((await handler!.untilReceived(5)).toString()).toBe("hello");
    handler!.connection.output().writeBytes(Buffer.from("welcome"));
    await client.untilReceived("welcome");
    expect(handler!.connection.tls).toEqual({
      version: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      protocol: "http/1.1",
      serverName: "a.test",
      clientCertificate: null,
    });
    expect(handler!.connection.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("shows the certificate of the name that is asked for, and the first one otherwise", async () => {
    const credentials = issueCredentials([
      { names: ["127.0.0.1", "a.test"], commonName: "first" },
      { names: ["b.test"], commonName: "exact" },
      { names: ["*.b.test"], commonName: "wildcard" },
    ]);
    using server = new TlsServer({ credentials });
    const shown = async (serverName: string) => {
      using client = await server.connect({ serverName, isStrict: false });
      return client.serverCommonName;
    };
    expect(await shown("a.test")).toBe("first");
    expect(await shown("b.test")).toBe("exact");
    expect(await shown("B.TEST")).toBe("exact");
    expect(await shown("x.b.test")).toBe("wildcard");
    expect(await shown("x.y.b.test")).toBe("first");
    expect(await shown("127.0.0.1")).toBe("first");
  });

  test("prefers the protocols in its own order, and refuses who offers none of them", async () => {
    using server = new TlsServer({ tls: { protocols: ["h2", "http/1.1"] } });
    using both = await server.connect({ protocols: ["http/1.1", "h2"] });
    using one = await server.connect({ protocols: ["http/1.1"] });
    using none = await server.connect();
    expect([both, one, none].map((client) => client.protocol)).toEqual(["h2", "http/1.1", null]);
    await expect(server.connect({ protocols: ["spdy/3"] })).rejects.toThrow("NO_APPLICATION_PROTOCOL");
  });

  test("refuses a protocol version below its minimum", async () => {
    using server = new TlsServer({ credentials: issueCredentials([{ names: ["a.test"] }], { versionMin: "TLSv1.3" }) });
    using _modern = await server.connect();
    const old = connect({ host: "127.0.0.1", port: server.port, servername: "a.test", maxVersion: "TLSv1.2" });
    await expect(once(old, "secureConnect")).rejects.toThrow("PROTOCOL_VERSION");
    expect(server.failures).toEqual(["handshake"]);
  });

  test("closes with a close_notify, and does not wait for the peer's", async () => {
    const others = openSockets();
    using server = new TlsServer();
    using client = await server.connect();
    await until("a connection", () => server.connections.length === 1);
    const ends = openSockets().difference(others);
    expect(ends.size).toBe(3);
    server.connections[0]!.output().writeBytes(Buffer.from("bye"));
    server.connections[0]!.closeAfterFlush();
    expect(await client.untilEnd()).toBe("bye");
    // The listener's and the client's stay.
    await until("the descriptor to be closed", () => openSockets().intersection(ends).size === 2);
  });

  test("lingers: the peer sees the end and may still send", async () => {
    using server = new TlsServer();
    using client = await server.connect();
    await until("a connection", () => server.connections.length === 1);
    const [connection] = server.connections;
    connection!.output().writeBytes(Buffer.from("no"));
    connection!.linger(1_000, 1_000_000);
    expect(await client.untilEnd()).toBe("no");
    client.send("x".repeat(1_000));
    expect(connection!.isClosed).toBe(false);
    client.shutDown();
    await until("the close", () => connection!.isClosed);
  });

  test("holds back what a peer does not take, and goes on with what it takes", async () => {
    using server = new TlsServer();
    using client = await server.connect();
    await until("a connection", () => server.connections.length === 1);
    const [connection] = server.connections;
    client.pause();
    connection!.write(Buffer.alloc(16 << 20, "x"));
    expect(connection!.isAboveHighWater).toBe(true);
    client.resume();
    await client.until("all bytes", () => client.received.length === 16 << 20);
    expect(server.handlers[0]!.events).toEqual(["drain"]);
  });
});

describe("TLS › client certificates", () => {
  const authority = testAuthority().certificatePem;
  const credentials = issueCredentials([{ names: ["a.test"] }], { clientAuthoritiesPem: authority });
  const certificate = testAuthority().issue({ commonName: "device 7", organization: "Acme, Inc" });
  const stranger = testAuthority().issue({ commonName: "device 8", validDays: [-2, -1] });

  test("names the client by subject and fingerprint once it has verified", async () => {
    using server = new TlsServer({ credentials, tls: { clientCertificates: "required" } });
    using _client = await server.connect({ certificate });
    await until("a connection", () => server.connections.length === 1);
    expect(server.connections[0]!.tls!.clientCertificate).toEqual({
      subject: "O=Acme\\, Inc,CN=device 7",
      fingerprintSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("required: lets nobody in without one, or with one that does not verify", async () => {
    using server = new TlsServer({ credentials, tls: { clientCertificates: "required" } });
    using none = await server.connect();
    using expired = await server.connect({ certificate: stranger });
    await none.untilEnd();
    await expired.untilEnd();
    expect(server.failures).toEqual(["certificate", "certificate"]);
    expect(server.connections).toEqual([]);
  });

  test("optional: lets in who has none, but not who has a false one", async () => {
    using server = new TlsServer({ credentials, tls: { clientCertificates: "optional" } });
    using _none = await server.connect();
    using expired = await server.connect({ certificate: stranger });
    using _good = await server.connect({ certificate });
    await expired.untilEnd();
    await until("two connections", () => server.connections.length === 2);
    expect(server.connections.map(({ tls }) => tls!.clientCertificate?.subject ?? null)).toEqual([
      null,
      "O=Acme\\, Inc,CN=device 7",
    ]);
    expect(server.failures).toEqual(["certificate"]);
  });
});

describe("TLS › reload", () => {
  test("keeps what it has when the new one cannot be used", async () => {
    const options = issueOptions([{ names: ["a.test"], commonName: "old" }]);
    using server = new TlsServer({ credentials: new TlsCredentials(options) });
    const certificates = [{ ...options.certificates[0]!, keyPem: "" }];
    expect(() => server.listener.replaceCredentials({ ...options, certificates })).toThrow(TlsCredentialsError);
    using after = await server.connect();
    expect(after.serverCommonName).toBe("old");
  });

  test("shows the new certificate from the next handshake on, and drops nobody", async () => {
    using server = new TlsServer({ credentials: issueCredentials([{ names: ["a.test"], commonName: "old" }]) });
    using before = await server.connect();
    server.listener.replaceCredentials(issueOptions([{ names: ["a.test"], commonName: "new" }]));
    using after = await server.connect();
    using unnamed = await server.connect({ serverName: "127.0.0.1", isStrict: false });
    expect([before, after, unnamed].map((client) => client.serverCommonName)).toEqual(["old", "new", "new"]);
    before.send("still here");
    expect((await server.handlers[0]!.untilReceived(10)).toString()).toBe("still here");
  });
});

describe("TLS › peers that are slow or something else", () => {
  test("gives a handshake its deadline and not more", async () => {
    using server = new TlsServer();
    using silent = await RawClient.connect(server.port);
    using dribbling = await RawClient.connect(server.port);
    dribbling.send(Buffer.of(22, 3, 1));
    await until("two arrivals", () => server.listener.arrivalCount === 2);
    server.clock.advance(9_900);
    expect(server.failures).toEqual([]);
    server.clock.advance(200);
    await Promise.all([silent.untilEnd(), dribbling.untilEnd()]);
    expect(server.failures).toEqual(["deadline", "deadline"]);
    expect(server.listener.connectionCount).toBe(0);
  });

  test("lets the oldest stalled handshake give way when there are too many", async () => {
    using server = new TlsServer({ arrivals: { countMax: 2 } });
    using first = await RawClient.connect(server.port);
    await until("one arrival", () => server.listener.arrivalCount === 1);
    using second = await RawClient.connect(server.port);
    await until("two arrivals", () => server.listener.arrivalCount === 2);
    using _third = await server.connect();
    await first.untilEnd();
    expect(server.failures).toEqual(["limit"]);
    expect(second.isEnded).toBe(false);
  });

  test("counts handshakes as connections", async () => {
    using server = new TlsServer({ connectionCountMax: 1 });
    using _stalled = await RawClient.connect(server.port);
    await until("an arrival", () => server.listener.connectionCount === 1);
    using refused = await RawClient.connect(server.port);
    await refused.untilEnd();
    expect(server.listener.refusedCount).toBe(1);
  });

  test("closes on garbage, and on a peer that leaves in the middle", async () => {
    using server = new TlsServer();
    using garbage = await RawClient.connect(server.port);
    garbage.send(Buffer.alloc(64, 7));
    await garbage.untilEnd();
    using leaving = await RawClient.connect(server.port);
    leaving.send(Buffer.of(22, 3, 1, 2, 0, 1));
    leaving.shutDown();
    await leaving.untilEnd();
    expect(server.failures).toEqual(["handshake", "peer"]);
    expect(server.listener.connectionCount).toBe(0);
  });

  test("answers HTTP in the clear as it was told to", async () => {
    using server = new TlsServer({ tls: { clearTextAnswer: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") } });
    using client = await RawClient.connect(server.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect(server.failures).toEqual(["clear-text"]);
  });
});

describe("Arrival › preface", () => {
  test("is read before TLS, with the first of its bytes or without", async () => {
    using server = new TlsServer({ arrivals: { openPreface } });
    const tls = { ca: testAuthority().certificatePem, serverName: "a.test" };
    using client = await RawClient.connect(server.port, { preface: Buffer.from("203.0.113.7:4711\n"), tls });
    client.send("hello");
    await until("a connection", () => server.handlers.length === 1);
    await server.handlers[0]!.untilReceived(5);
    expect(server.connections[0]!.remoteAddress).toBe("203.0.113.7:4711");
    expect(server.connections[0]!.tls!.serverName).toBe("a.test");
  });

  test("is read in the clear, together with the first bytes", async () => {
    using server = new TlsServer({ arrivals: { openPreface, tls: undefined } });
    using client = await RawClient.connect(server.port);
    client.send("203.0.113.7:4711\nhello");
    await until("a connection", () => server.handlers.length === 1);
    expect((await server.handlers[0]!.untilReceived(5)).toString()).toBe("hello");
    expect(server.connections[0]!.remoteAddress).toBe("203.0.113.7:4711");
    expect(server.connections[0]!.tls).toBeNull();
    client.send(" again");
    await server.handlers[0]!.untilReceived(11);
  });

  test("closes the connection when it is none, never comes, or comes from nobody", async () => {
    using server = new TlsServer({ arrivals: { openPreface } });
    using wrong = await RawClient.connect(server.port);
    wrong.send("!\n");
    await wrong.untilEnd();
    using silent = await RawClient.connect(server.port);
    await until("an arrival", () => server.listener.arrivalCount === 1);
    server.clock.advance(10_100);
    await silent.untilEnd();
    expect(server.failures).toEqual(["preface", "deadline"]);
    using closed = new TlsServer({ arrivals: { openPreface: () => "refuse" } });
    using stranger = await RawClient.connect(closed.port);
    await stranger.untilEnd();
    expect(closed.failures).toEqual(["refused"]);
  });
});
