import { describe, expect, test } from "bun:test";
import { connect } from "node:net";

import { buildFieldBlock } from "../../test/support/build-field-block.ts";
import { AbandonedWriteError } from "../kernel/poison-guard.ts";
import { HttpServer } from "../../test/support/http-server.ts";
import { RawClient } from "../../test/support/raw-client.ts";
import { until } from "../../test/support/until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const PROXY = "PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n";

/** A client whose PROXY header is half sent while the server stops accepting. */
async function halfArrived(server: HttpServer): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  client.send(PROXY.slice(0, 20));
  await until("an arrival", () => server.listener.arrivalCount === 1);
  server.listener.announceClose();
  server.listener.stopAccepting();
  return client;
}

describe("HttpListener", () => {
  test("counts what came to nothing before it was a connection, and is not empty before that is gone", async () => {
    using server = new HttpServer({}, "tls");
    using _silent = await RawClient.connect(server.port);
    await until("an arrival", () => server.listener.arrivalCount === 1);
    expect(server.listener.connectionCount).toBe(1);
    const empty = server.listener.whenEmpty();
    server.clock.advance(10_100);
    await empty;
    expect(server.listener.counters.failedArrivals).toBe(1);
    expect(server.errors).toEqual([]);
  });

  test("answers one request of a client that was arriving when accepting stopped", async () => {
    using server = new HttpServer({}, "proxy");
    server.respond = (request) => request.answer("ok");
    using client = await halfArrived(server);
    client.send(PROXY.slice(20) + GET);
    const received = await client.untilEnd();
    expect(received).toContain("200 OK");
    expect(received).toContain("Connection: close");
    await server.listener.whenEmpty();
  });

  test("does not wait for it as long as for an idle client when it asks for nothing", async () => {
    using server = new HttpServer({}, "proxy");
    using client = await halfArrived(server);
    client.send(PROXY.slice(20));
    await until("a connection", () => server.listener.arrivalCount === 0);
    server.clock.advance(10_100);
    await client.untilEnd();
    await server.listener.whenEmpty();
  });

  test("closes what is arriving with everything else", async () => {
    using server = new HttpServer({}, "tls");
    using client = await RawClient.connect(server.port);
    await until("an arrival", () => server.listener.arrivalCount === 1);
    expect(server.listener.closeConnections()).toBe(0);
    await client.untilEnd();
    expect(server.listener.connectionCount).toBe(0);
  });

  test.each([
    ["what a peer does to its connection is no error", new AbandonedWriteError(), []],
    ["what a handler fails with is one", new Error("a bug"), ["connection handler failed"]],
  ] as const)("resets a connection that cannot go on: %s", async (_, error, errors) => {
    using server = new HttpServer();
    server.respond = () => {
      throw error;
    };
    using client = await RawClient.connect(server.port);
    client.send(GET);
    expect(await client.untilEnd()).toBe("");
    expect(server.errors).toEqual([...errors]);
  });

  test.each([
    ["1.0", "reset"],
    ["1.1", "closed"],
  ] as const)("cuts a stream over HTTP/%s so that it does not look complete", async (version, end) => {
    using server = new HttpServer();
    server.respond = ({ exchange }) => {
      const body = exchange.begin({ status: 200, fields: buildFieldBlock([]) }, () => {})!;
      body.write(Buffer.from("part"), 0, 4);
    };
    const client = connect(server.port, "127.0.0.1");
    const ended = Promise.withResolvers<"closed" | "reset">();
    client.on("error", () => ended.resolve("reset")).on("end", () => ended.resolve("closed"));
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    client.write(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
    await until("the first part", () => received.includes("part"));
    expect(server.listener.closeConnections()).toBe(1);
    expect(await ended.promise).toBe(end);
    expect(received).not.toContain("\r\n0\r\n\r\n");
    client.destroy();
  });
});
