import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { Http3Server } from "../../../test/support/http3-server.ts";
import type { ReceivedRequest } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import type { ResponseStream } from "../response-stream.ts";

const MIB = 1024 * 1024;

async function first(server: Http3Server): Promise<ReceivedRequest> {
  await until("the request", () => server.requests.length > 0);
  return server.requests[0]!;
}

/** Writes text into a body in parts. */
function write(body: ResponseStream | null, text: string): void {
  const bytes = Buffer.from(text);
  body!.write(bytes, 0, bytes.length);
}

/** A body that its test feeds. */
function feed(): { body: ReadableStream<Uint8Array>; source: ReadableStreamDefaultController<Uint8Array> } {
  let source!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      source = controller;
    },
  });
  return { body, source };
}

describe("the head of a request over HTTP/3", () => {
  test("reaches the app with its method, target, authority and fields, octet for octet", async () => {
    using server = new Http3Server();
    server.respond = (request) => request.answer("");
    const headers = { "X-Latin": "caf\u00e9", Cookie: "a=1; b=2" };
    await server.fetch("/a%2Fb/?x=%zz&y=a?b", { method: "REPORT", headers });
    const { method, target, authority, fields } = server.requests[0]!;
    expect([method, target]).toEqual(["REPORT", "/a%2Fb/?x=%zz&y=a?b"]);
    expect(authority).toBe(`127.0.0.1:${server.listener.port}`);
    expect(fields).toContainEqual(["x-latin", "caf\u00e9"]);
    expect(fields).toContainEqual(["cookie", "a=1; b=2"]);
  });

  test.each<[string, string, RequestInit, Partial<ServerConfig>, number]>([
    ["that is no authority", "/", { headers: { Host: "a b" } }, {}, 400],
    ["whose expectation is unknown", "/", { headers: { Expect: "wonders" } }, {}, 417],
    ["with a target too long", `/${"a".repeat(9_000)}`, {}, {}, 414],
    ["with a field too long", "/", { headers: { "X-Long": "a".repeat(9_000) } }, {}, 431],
    ["that announces a body too long", "/", { method: "PUT", body: "12345678901" }, { bodyBytesMax: 10 }, 413],
  ])("%s is refused", async (_, target, init, limits, status) => {
    using server = new Http3Server(limits);
    const response = await server.fetch(target, init);
    expect(response.status).toBe(status);
    expect(await response.text()).toStartWith(`${status} `);
    expect(server.requests.filter(({ isComplete }) => isComplete)).toHaveLength(0);
    expect(server.listener.counters.protocolErrors).toBe(1);
  });
});

describe("the body of a request over HTTP/3", () => {
  test.each([
    ["in memory", 900],
    ["in a file", 90_000],
  ])("reaches the app whole, %s", async (_, byteCount) => {
    using server = new Http3Server();
    server.respond = (request) => request.answer(String(request.body.length));
    const response = await server.fetch("/", { method: "POST", body: "x".repeat(byteCount) });
    expect(await response.text()).toBe(String(byteCount));
  });

  test("without an announced length is taken up to the limit", async () => {
    using server = new Http3Server({ bodyBytesMax: 6 });
    server.respond = (request) => request.answer(request.body);
    const within = feed();
    const answer = server.fetch("/", { method: "POST", body: within.body });
    within.source.enqueue(Buffer.from("abcdef"));
    within.source.close();
    expect(await (await answer).text()).toBe("abcdef");
    const beyond = feed();
    const refusal = server.fetch("/", { method: "POST", body: beyond.body });
    beyond.source.enqueue(Buffer.from("abcdefg"));
    expect((await refusal).status).toBe(413);
  });

  test("that takes too long is refused", async () => {
    using server = new Http3Server();
    const { body, source } = feed();
    const answer = server.fetch("/", { method: "POST", body });
    source.enqueue(Buffer.from("a"));
    await first(server);
    server.clock.advance(61_000);
    expect((await answer).status).toBe(408);
    expect(server.listener.counters.timedOut).toBe(1);
  });

  test("that its client breaks off ends the exchange", async () => {
    using server = new Http3Server();
    const { body, source } = feed();
    const leave = new AbortController();
    const answer = server.fetch("/", { method: "POST", body, signal: leave.signal }).catch(() => null);
    source.enqueue(Buffer.from("a"));
    const request = await first(server);
    leave.abort();
    await until("the client's leave", () => request.isAbandoned);
    await answer;
    expect(server.listener.counters.abandoned).toBe(1);
  });

  test("that nobody reads is dropped behind the answer, and the next request is served", async () => {
    using server = new Http3Server({ bodyBytesMax: 100 * MIB });
    server.bodyIntake = "parts";
    server.respond = (request) => request.answer("no", 403);
    const response = await server.fetch("/", { method: "POST", body: Buffer.alloc(5 * MIB) });
    expect([response.status, await response.text()]).toEqual([403, "no"]);
    expect((await server.fetch("/")).status).toBe(403);
  });

  test("is handed on while it arrives, as far as its reader grants", async () => {
    using server = new Http3Server();
    server.bodyIntake = "parts";
    const { body, source } = feed();
    const answer = server.fetch("/", { method: "POST", body });
    source.enqueue(Buffer.from("abc"));
    const request = await first(server);
    request.stream!.open(request, 2);
    await until("what was granted", () => request.body === "ab");
    source.enqueue(Buffer.from("def"));
    source.close();
    request.stream!.grant(100);
    await until("the end", () => request.bodyEnd === "complete");
    expect(request.body).toBe("abcdef");
    request.answer("done");
    expect(await (await answer).text()).toBe("done");
  });

  test("that cannot be stored is 503, and an error in the log", async () => {
    using server = new Http3Server({ bodyDirectory: "/dev/null/none" });
    const response = await server.fetch("/", { method: "POST", body: "x".repeat(90_000) });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(server.log.named("request body cannot be stored")).toHaveLength(1);
  });
});

describe("the answer over HTTP/3", () => {
  test("carries the app's fields, its own length, and no type that the app has not given", async () => {
    using server = new Http3Server();
    const fields = { "X-App": "1", Connection: "X-Hop", "X-Hop": "1", "Content-Length": "99", "Set-Cookie": "a=1" };
    server.respond = (request) => request.answer("hello", 201, fields);
    const { status, headers } = await server.fetch("/");
    expect(status).toBe(201);
    const names = ["x-app", "connection", "x-hop", "content-length", "set-cookie", "content-type"];
    expect(names.map((name) => headers.get(name))).toEqual(["1", null, null, "5", "a=1", null]);
    expect(Date.parse(headers.get("date") ?? "")).toBeGreaterThan(0);
  });

  test("has its length however long it is, where the app has given its type", async () => {
    using server = new Http3Server();
    server.respond = (request) => request.answer("x".repeat(100_000), 200, { "Content-Type": "text/plain" });
    const response = await server.fetch("/");
    const { headers } = response;
    expect([headers.get("content-length"), headers.get("content-type")]).toEqual(["100000", "text/plain"]);
    expect((await response.text()).length).toBe(100_000);
  });

  test("to HEAD has no content, and the length of it", async () => {
    using server = new Http3Server();
    server.respond = (request) => request.answer("hello");
    const response = await server.fetch("/", { method: "HEAD" });
    expect([response.headers.get("content-length"), await response.text()]).toEqual(["5", ""]);
  });

  test("without content has none", async () => {
    using server = new Http3Server();
    server.respond = (request) => request.answer("", 204);
    const response = await server.fetch("/");
    expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([204, null, ""]);
  });

  test("with a status that the runtime cannot send is a server's error", async () => {
    using server = new Http3Server();
    server.respond = (request) => request.answer("odd", 799);
    const response = await server.fetch("/");
    expect([response.status, await response.text()]).toEqual([500, "odd"]);
  });

  test("of the engine's own names the error and when to come again", async () => {
    using server = new Http3Server();
    server.respond = ({ exchange }) => exchange.refuse(503, { retryAfterS: 7, errorId: "abc" });
    const response = await server.fetch("/");
    expect([response.headers.get("retry-after"), response.headers.get("content-type")]).toEqual(["7", "text/plain"]);
    expect(await response.text()).toBe("503 Service Unavailable\nError id: abc\n");
  });

  test("that the app fails to give is 500", async () => {
    using server = new Http3Server();
    server.respond = () => {
      throw new Error("a bug");
    };
    expect((await server.fetch("/")).status).toBe(500);
    expect(server.log.named("request handler failed")).toHaveLength(1);
  });

  test("goes without what is sent ahead of it", async () => {
    using server = new Http3Server();
    server.respond = (request) => {
      request.exchange.interim({ status: 103, fields: buildFieldBlock([["Link", "</a.css>"]]) });
      request.answer("done");
    };
    expect(await (await server.fetch("/")).text()).toBe("done");
  });
});

describe("an answer in parts over HTTP/3", () => {
  function begin(request: ReceivedRequest, taken: number[] = []): ResponseStream | null {
    return request.exchange.begin({ status: 200, fields: buildFieldBlock([]) }, (count) => void taken.push(count));
  }

  test("leaves part by part, each of them taken as the client reads", async () => {
    using server = new Http3Server();
    const taken: number[] = [];
    const answer = server.fetch("/");
    const body = begin(await first(server), taken);
    write(body, "one");
    const reader = (await answer).body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe("one");
    write(body, "three");
    expect(Buffer.from((await reader.read()).value).toString()).toBe("three");
    body!.end();
    expect((await reader.read()).done).toBe(true);
    expect(taken).toEqual([3, 5]);
  });

  test("to HEAD is its head alone", async () => {
    using server = new Http3Server();
    const answer = server.fetch("/", { method: "HEAD" });
    expect(begin(await first(server))).toBeNull();
    expect(await (await answer).text()).toBe("");
  });

  test("that is aborted is never a clean end: the client is left without one", async () => {
    using server = new Http3Server();
    const answer = server.fetch("/");
    const body = begin(await first(server));
    write(body, "half");
    const reader = (await answer).body!.getReader();
    await reader.read();
    body!.abort();
    let isOver = false;
    const over = reader.read().finally(() => (isOver = true));
    server.respond = (request) => request.answer("next");
    expect(await (await server.fetch("/")).text()).toBe("next");
    expect(isOver).toBe(false);
    await reader.cancel();
    await over;
  });

  test("tells its source when the client leaves", async () => {
    using server = new Http3Server();
    const leave = new AbortController();
    const answer = server.fetch("/", { signal: leave.signal });
    const request = await first(server);
    write(begin(request), "one");
    await answer;
    leave.abort();
    await until("the client's leave", () => request.isAbandoned);
    expect(server.listener.counters.abandoned).toBe(1);
  });

  test("to a client that reads nothing takes no more than its windows, and ends after write_timeout", async () => {
    using server = new Http3Server();
    const taken: number[] = [];
    const leave = new AbortController();
    const answer = server.fetch("/", { signal: leave.signal });
    const request = await first(server);
    const body = begin(request, taken);
    const part = Buffer.alloc(256 * 1024);
    write(body, "x");
    await answer;
    let written = 0;
    let takenBytes = -1;
    await until("shut windows", () => {
      const before = takenBytes;
      takenBytes = taken.reduce((sum, count) => sum + count, 0);
      if (takenBytes >= written) {
        body!.write(part, 0, part.length);
        written += part.length;
      }
      return written > 64 * MIB || (takenBytes === before && takenBytes < written);
    });
    expect(written).toBeLessThan(32 * MIB);
    server.clock.advance(61_000);
    expect([request.isAbandoned, server.listener.counters.timedOut]).toEqual([true, 1]);
    leave.abort();
  });
});
