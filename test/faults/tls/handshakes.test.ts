import { describe, expect, test } from "bun:test";

import { testAuthority } from "../../support/certificates.ts";
import { descriptorCount } from "../../support/process-table.ts";
import { RawClient, type RawClientTls } from "../../support/raw-client.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import { startVilya, type VilyaServer } from "../../support/vilya.ts";

const TLS: RawClientTls = { ca: testAuthority().certificatePem };
/** At once, on a machine that stalls: much less than the deadline of a handshake. */
const PROMPT_MS = 5_000;
const GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
/** A TLS record that announces a ClientHello of 508 bytes and holds its first two. */
const HALF_A_HELLO = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);

function startSecure(tls: object, validDays?: readonly [number, number]): Promise<VilyaServer> {
  const { certificatePem, keyPem } = testAuthority().issue({
    names: ["127.0.0.1"],
    ...(validDays !== undefined && { validDays }),
  });
  const certificates = [{ cert: "a.crt", key: "a.key" }];
  return startVilya({
    config: { server: { listeners: [{ host: "127.0.0.1", port: 0, tls: { certificates } }], tls } },
    files: { "a.crt": certificatePem, "a.key": keyPem },
  });
}

/** How long a client that does as it should waits for its answer, handshake included, in milliseconds. */
async function answerTimeMs(server: VilyaServer): Promise<number> {
  const startMs = performance.now();
  using client = await RawClient.connect(server.port, { tls: TLS });
  client.send(GET);
  await client.untilReceived("HTTP/1.1 200");
  return performance.now() - startMs;
}

describe("1,000 handshakes that stall", () => {
  test("keep no other client waiting, give way to newer ones, and leave nothing behind", async () => {
    await using server = await startSecure({ max_handshakes: 500 });
    await answerTimeMs(server);
    const front = await server.frontPid();
    const before = descriptorCount(front);
    const stalled: RawClient[] = [];
    try {
      for (let count = 0; count < 1_000; count++) {
        const client = await RawClient.connect(server.port);
        if (count % 2 === 0) client.send(HALF_A_HELLO);
        stalled.push(client);
      }
      await until("the oldest to give way", () => stalled.filter((client) => client.isEnded).length >= 500);
      expect(stalled.slice(0, 500).every((client) => client.isEnded)).toBe(true);
      await until("their descriptors to be closed", () => descriptorCount(front) <= before + 500);
      for (let round = 0; round < 20; round++) expect(await answerTimeMs(server)).toBeLessThan(PROMPT_MS);
    } finally {
      for (const client of stalled) client[Symbol.dispose]();
    }
    await until("the descriptors to be closed", () => descriptorCount(front) <= before);
  });

  test("end at their deadline", async () => {
    await using server = await startSecure({ handshake_timeout: "300ms" });
    const front = await server.frontPid();
    const before = descriptorCount(front);
    using silent = await RawClient.connect(server.port);
    using halfway = await RawClient.connect(server.port);
    halfway.send(HALF_A_HELLO);
    await Promise.all([silent.untilEnd(), halfway.untilEnd()]);
    await until("the descriptors to be closed", () => descriptorCount(front) <= before);
  });
});

describe("peers that do not speak TLS", () => {
  test.each<[string, Uint8Array]>([
    ["garbage", Buffer.alloc(10_000, 7)],
    ["zeros", Buffer.alloc(10_000)],
    ["a record that is too long", Buffer.from([22, 3, 1, 255, 255, ...Array<number>(200).fill(1)])],
    ["an alert", Buffer.from([21, 3, 3, 0, 2, 2, 40])],
    ["SSH", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")],
    ["the HTTP/2 preface", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    ["SSL 2", Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10])],
  ])("%s costs its sender the connection, and nobody else anything", async (_, bytes) => {
    await using server = await startSecure({ handshake_timeout: STALL_PROOF_S });
    using client = await RawClient.connect(server.port);
    client.send(bytes);
    await client.until("the close", () => client.isEnded);
    expect(await answerTimeMs(server)).toBeLessThan(PROMPT_MS);
  });

  test("a connection that is cut at any place of its handshake leaves nothing behind", async () => {
    await using server = await startSecure({});
    const front = await server.frontPid();
    const hello = await recordHello();
    const before = descriptorCount(front);
    for (let length = 0; length < hello.length; length += 37) {
      using client = await RawClient.connect(server.port);
      client.send(hello.subarray(0, length));
      if (length % 2 === 0) client.reset();
    }
    await until("the descriptors to be closed", () => descriptorCount(front) <= before);
    expect(await answerTimeMs(server)).toBeLessThan(PROMPT_MS);
  });
});

test("an expired certificate is shown, and told of in the log: clients decide", async () => {
  await using server = await startSecure({}, [-10, -1]);
  await expect(RawClient.connect(server.port, { tls: TLS })).rejects.toThrow("expired");
  using careless = await RawClient.connect(server.port, { tls: { ...TLS, isStrict: false } });
  careless.send(GET);
  await careless.untilReceived("HTTP/1.1 200");
  expect(server.describe()).toContain("it expired on");
});

/** What a real client says first. */
async function recordHello(): Promise<Buffer> {
  const said = Promise.withResolvers<Buffer>();
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (_, bytes) => said.resolve(Buffer.from(bytes)) },
  });
  const client = RawClient.connect(listener.port, { tls: TLS }).catch(() => null);
  const hello = await said.promise;
  listener.stop(true);
  await client;
  return hello;
}
