import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:tls";

import { type IssuedCertificate, testAuthority } from "../../test/support/certificates.ts";
import { issueOptions, TlsServer } from "../../test/support/tls-server.ts";
import { until } from "../../test/support/until.ts";
import { TlsCredentials } from "./tls-credentials.ts";

describe("TLS › sessions", () => {
  test("are resumed by their tickets, across a reload that renews another certificate than the first too", async () => {
    const before = issueOptions([{ names: ["a.test"] }, { names: ["b.test"] }]);
    const [kept] = before.certificates;
    const [renewed] = issueOptions([{ names: ["b.test"] }]).certificates;
    using server = new TlsServer({ credentials: new TlsCredentials(before) });
    const { session } = await visit(server);
    expect((await visit(server, { session })).isReused).toBe(true);
    server.listener.replaceCredentials({ ...before, certificates: [kept!, renewed!] });
    expect((await visit(server, { session })).isReused).toBe(true);
  });

  test("begin anew, once, after a reload that renews the first certificate or asks for other clients", async () => {
    const before = issueOptions([{ names: ["a.test"] }]);
    using server = new TlsServer({ credentials: new TlsCredentials(before) });
    const { session } = await visit(server);
    expect((await visit(server, { session })).isReused).toBe(true);
    server.listener.replaceCredentials(issueOptions([{ names: ["a.test"] }]));
    const { session: renewed, isReused } = await visit(server, { session });
    expect(isReused).toBe(false);
    expect((await visit(server, { session: renewed })).isReused).toBe(true);
    server.listener.replaceCredentials({ ...before, clientAuthoritiesPem: testAuthority().certificatePem });
    expect((await visit(server, { session })).isReused).toBe(false);
  });

  test("of a listener that asks for no certificates let nobody in where they are required", async () => {
    const options = issueOptions([{ names: ["a.test"] }], { clientAuthoritiesPem: testAuthority().certificatePem });
    using open = new TlsServer({ credentials: new TlsCredentials(options) });
    const { session } = await visit(open);
    const closed = { credentials: new TlsCredentials(options), tls: { clientCertificates: "required" } } as const;
    using server = new TlsServer(closed);
    const socket = connect({ host: "127.0.0.1", port: server.port, servername: "a.test", session, ...TRUST });
    await once(socket, "error");
    await until("the refusal", () => server.failures.length === 1);
    expect(server.connections).toEqual([]);
  });

  test("keep who a client is", async () => {
    const authority = testAuthority();
    const options = issueOptions([{ names: ["a.test"] }], { clientAuthoritiesPem: authority.certificatePem });
    const closed = { credentials: new TlsCredentials(options), tls: { clientCertificates: "required" } } as const;
    using server = new TlsServer(closed);
    const certificate = authority.issue({ commonName: "device 7" });
    const { session } = await visit(server, { certificate });
    expect((await visit(server, { certificate, session })).isReused).toBe(true);
    expect(server.connections.map(({ tls }) => tls!.clientCertificate?.subject)).toEqual([
      "CN=device 7",
      "CN=device 7",
    ]);
  });
});

const TRUST = { ca: testAuthority().certificatePem } as const;

/** How a client comes back. */
interface Visit {
  readonly serverName?: string;
  readonly session?: Buffer;
  readonly certificate?: IssuedCertificate;
}

/** One connection of a client that keeps its session: the tickets of TLS 1.3 come with the server's first bytes. */
async function visit(
  { port, connections }: TlsServer,
  { serverName = "a.test", session, certificate }: Visit = {},
): Promise<{ session: Buffer; isReused: boolean }> {
  const own = certificate && { cert: certificate.certificatePem, key: certificate.keyPem };
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: serverName,
    ...TRUST,
    ...own,
    ...(session && { session }),
  });
  const ticketed = once(socket, "session");
  const count = connections.length;
  await until("a connection", () => connections.length > count);
  connections.at(-1)!.output().writeBytes(Buffer.from("hello"));
  const [ticket] = (await ticketed) as [Buffer];
  const isReused = socket.isSessionReused();
  socket.destroy();
  return { session: ticket, isReused };
}
