import { describe, expect, test } from "bun:test";

import { Http3Server } from "../../../test/support/http3-server.ts";
import type { ReceivedRequest } from "../../../test/support/http-server.ts";
import { issueOptions } from "../../../test/support/tls-server.ts";
import { until } from "../../../test/support/until.ts";
import { Http3Listener } from "./http3-listener.ts";

const hello = (request: ReceivedRequest): void => request.answer("hello");

describe("Http3Listener", () => {
  test("serves requests over HTTP/3, from their client's address", async () => {
    using server = new Http3Server();
    server.respond = hello;
    const response = await server.fetch("/");
    expect([response.status, await response.text()]).toEqual([200, "hello"]);
    expect(server.requests[0]!.exchange.remoteAddress.toString()).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(server.requests[0]!.exchange.scheme).toBe("https");
    expect(server.listener.counters).toMatchObject({ requests: 1, responses: 1, abandoned: 0 });
  });

  test("says which port it cannot have, and takes it when it is free", async () => {
    using server = new Http3Server();
    server.respond = hello;
    const { port } = server.listener;
    const successor = new Http3Listener({ ...server.options, address: { host: "127.0.0.1", port } });
    expect(successor.isListening).toBe(false);
    const [failure] = server.log.named("HTTP/3 not served yet");
    expect(failure?.fields["error"]).toMatchObject({
      code: "VILYA_HTTP3_LISTEN",
      message: expect.stringContaining(`127.0.0.1:${port}: `),
    });
    server.listener.stopListening();
    await server.listener.whenEmpty();
    await until("the port", () => {
      server.clock.advance(500);
      return successor.isListening;
    });
    expect(await (await server.fetch("/")).text()).toBe("hello");
    expect(server.log.named("HTTP/3 not served yet")).toHaveLength(1);
    expect(successor.closeConnections()).toBe(0);
  });

  test("waits without an error for a port that a front leaves within its grace, and no longer", () => {
    using server = new Http3Server({ graceTimeoutMs: 1_000 });
    const { port } = server.listener;
    const address = { host: "127.0.0.1", port };
    const successor = new Http3Listener({ ...server.options, address, isSuccessor: true });
    server.clock.advance(10_900);
    expect(server.log.named("HTTP/3 waits for its port")).toHaveLength(1);
    expect(server.log.named("HTTP/3 not served yet")).toHaveLength(0);
    server.clock.advance(200);
    expect(server.log.named("HTTP/3 not served yet")).toHaveLength(1);
    expect(successor.isListening).toBe(false);
    successor.stopListening();
  });

  test("refuses requests beyond max_connections", async () => {
    using server = new Http3Server({ connectionCountMax: 1 });
    const first = server.fetch("/first");
    await until("the first request", () => server.requests.length === 1);
    const second = await server.fetch("/second");
    expect([second.status, second.headers.get("retry-after"), await second.text()]).toEqual([
      503,
      "1",
      "503 Service Unavailable\n",
    ]);
    hello(server.requests[0]!);
    expect(await (await first).text()).toBe("hello");
    server.respond = hello;
    expect((await server.fetch("/third")).status).toBe(200);
  });

  test("finishes what is in flight when it is stopped", async () => {
    using server = new Http3Server();
    const answer = server.fetch("/");
    await until("the request", () => server.requests.length === 1);
    server.listener.announceClose();
    server.listener.stopQueueing();
    server.listener.stopAccepting();
    let isEmpty = false;
    const empty = server.listener.whenEmpty().then(() => (isEmpty = true));
    expect(isEmpty).toBe(false);
    hello(server.requests[0]!);
    expect(await (await answer).text()).toBe("hello");
    await empty;
    expect(server.listener.closeConnections()).toBe(0);
  });

  test("cuts what is left at the end of the grace, and tells the app", async () => {
    using server = new Http3Server();
    const leave = new AbortController();
    const answer = server.fetch("/", { signal: leave.signal }).catch(() => null);
    await until("the request", () => server.requests.length === 1);
    server.listener.stopAccepting();
    const empty = server.listener.whenEmpty();
    expect(server.listener.closeConnections()).toBe(1);
    await empty;
    await until("the client's leave", () => server.requests[0]!.isAbandoned);
    leave.abort();
    await answer;
  });

  test("shows other certificates once what is in flight has ended, on the same port", async () => {
    using server = new Http3Server();
    const { port } = server.listener;
    const answer = server.fetch("/before");
    await until("the request", () => server.requests.length === 1);
    server.listener.replaceCredentials(issueOptions([{ names: ["127.0.0.1"] }, { names: ["b.test"] }]));
    hello(server.requests[0]!);
    expect(await (await answer).text()).toBe("hello");
    await until("the new certificates", () => {
      server.clock.advance(50);
      return server.log.named("HTTP/3 certificates replaced").length === 1;
    });
    expect(server.log.named("HTTP/3 not served yet")).toEqual([]);
    server.respond = hello;
    expect(await (await server.fetch("/after")).text()).toBe("hello");
    expect(server.listener.port).toBe(port);
  });

  test("goes on with the certificates it has when others do not load", async () => {
    using server = new Http3Server();
    server.respond = hello;
    const [a, b] = issueOptions([{ names: ["a.test"] }, { names: ["b.test"] }]).certificates;
    const mixed = [{ ...a!, keyPem: b!.keyPem }];
    expect(() => server.listener.replaceCredentials({ ...issueOptions([]), certificates: mixed })).toThrow(
      "belongs to another certificate",
    );
    expect((await server.fetch("/")).status).toBe(200);
  });
});
