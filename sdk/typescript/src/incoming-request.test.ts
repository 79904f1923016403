import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { acceptIncomingRequests } from "./accept-requests.ts";
import { acceptStandIns } from "./accept-stand-ins.ts";
import { AppServer } from "./app-server.ts";
import { Context } from "./context.ts";
import { contextOf, toRequest, UnrepresentableRequestError } from "./incoming-request.ts";
import { FrameWriter } from "./frame-writer.ts";
import { UnreadMap, type WireMap } from "./msgpack-reader.ts";
import type { RequestBody } from "./request-body.ts";

const controller = new AbortController();
const waiting: unknown[] = [];
/** The clients whose requests have become WebSockets. */
const upgraded: unknown[] = [];

/** As they come in a frame, which nobody has read. */
function unread(headers: Record<string, readonly string[]>): UnreadMap {
  const writer = new FrameWriter();
  writer.begin(Object.keys(headers).length);
  for (const [name, values] of Object.entries(headers)) {
    writer.key(name);
    writer.array(values.length);
    for (const value of values) writer.text(value);
  }
  writer.end();
  return new UnreadMap(writer.take().subarray(4));
}

function requestOf(given: WireMap, body: RequestBody | null = null): Request {
  const headers = unread({ "X-Name": ["a", "b"], Cookie: ["c=1"] });
  const wire = { method: "GET", uri: "/", host: "a.example", scheme: "http", headers, ...given };
  const owner = {
    signal: controller.signal,
    pending: new Set<Promise<unknown>>(),
    act() {},
    sendInterim() {},
    addTrailer() {},
    upgrade: () => upgraded.push(given["remote_addr"]) > 0,
  };
  const context = new Context(wire, owner);
  context.waitUntil = (work): void => void waiting.push(work);
  return toRequest(wire, body, context);
}

describe("toRequest", () => {
  test.each([
    ["/", "http://a.example/"],
    ["/a%2fb?c=%20&d", "http://a.example/a%2fb?c=%20&d"],
    ["//b.example/c", "http://a.example//b.example/c"],
    ["*", "http://a.example/"],
    ["http://b.example/c", "http://b.example/c"],
    ["/\u00c3\u00a9", "http://a.example/%C3%A9"],
    ["/\u00ff", "http://a.example/%FF"],
  ])("makes a URL of %p", (uri, url) => {
    expect(requestOf({ uri }).url).toBe(url);
  });

  test("keeps headers, and joins what was repeated", () => {
    expect(Object.fromEntries(requestOf({}).headers)).toEqual({ "x-name": "a, b", cookie: "c=1" });
  });

  test("names a host where an HTTP/1.0 client has not", () => {
    expect(requestOf({ host: "" }).url).toBe("http://localhost/");
  });

  test.each(["GET", "HEAD"])("has no body for %s", async (method) => {
    const request = requestOf({ method }, Buffer.from("body"));
    expect([request.body, await request.text()]).toEqual([null, ""]);
  });

  test.each([
    ["bytes", Buffer.from("body")],
    ["a file", new Blob(["body"])],
    ["a stream", new Response("body").body!],
  ])("takes a body of %s", async (_, body) => {
    expect(await requestOf({ method: "POST" }, body).text()).toBe("body");
  });

  test.each(["PATCH", "OPTIONS", "PURGE", "PROPFIND"])("keeps the method %s", (method) => {
    expect(requestOf({ method }).method).toBe(method);
  });

  test("takes the CONNECT that asks for a WebSocket for the GET of HTTP/1.1", () => {
    const { method, headers } = requestOf({ method: "CONNECT", uri: "/chat", websocket: true });
    expect([method, headers.get("upgrade"), headers.get("connection")]).toEqual(["GET", "websocket", "Upgrade"]);
  });

  test.each([
    ["TRACE", "/"],
    ["CONNECT", "a.example:443"],
    ["GET", "http://[/"],
    ["get", "/"],
    ["delete", "/"],
    ["Patch", "/"],
    ["UNHEARD-OF", "/"],
  ])("refuses what the platform cannot say: %s %s", (method, uri) => {
    expect(() => requestOf({ method, uri })).toThrow(UnrepresentableRequestError);
  });
});

describe("a request of the engine", () => {
  const { Request: PlatformRequest, fetch: platformFetch } = globalThis;
  const { write } = Bun;
  const files = Blob.prototype as Blob & { write: unknown };
  const { write: writeTo } = files;
  const transform = Object.getOwnPropertyDescriptor(HTMLRewriter.prototype, "transform")!;
  beforeEach(() => {
    acceptIncomingRequests();
    acceptStandIns();
  });
  afterEach(() => {
    globalThis.Request = PlatformRequest;
    globalThis.fetch = platformFetch;
    PlatformRequest.prototype.constructor = PlatformRequest;
    Bun.write = write;
    files.write = writeTo;
    Object.defineProperty(HTMLRewriter.prototype, "transform", transform);
  });

  test("is a Request to who looks", () => {
    const request = requestOf({});
    expect(request).toBeInstanceOf(PlatformRequest);
    expect(request).toBeInstanceOf(Request);
    expect(Object.prototype.toString.call(request)).toBe("[object Request]");
    expect(Bun.inspect(request)).toBe(Bun.inspect(new PlatformRequest(request)));
    for (const each of [request, new Request(request)]) expect(each.constructor).toBe(Request);
    expect([Request.name, Request.length]).toEqual([PlatformRequest.name, PlatformRequest.length]);
  });

  test("lists its members as the platform's does, and lets middleware write over its methods", async () => {
    const request = requestOf({ method: "POST" }, Buffer.from("body"));
    const membersOf = (listed: Request): string[] => {
      const names: string[] = [];
      for (const name in listed) names.push(name);
      return names.toSorted();
    };
    expect(membersOf(request)).toEqual(membersOf(new PlatformRequest("http://a.example/")));
    expect(Reflect.set(request, "json", () => Promise.resolve("other"))).toBe(true);
    expect([await request.json(), Object.keys(request)]).toEqual(["other", ["json"]]);
    const added = { context: 1, platform: 2, params: 3, user: 4 };
    expect(Object.assign(requestOf({}), added)).toMatchObject(added);
  });

  test("has every property of the platform's, with the same values", () => {
    const init = { method: "PUT", headers: [["X-Name", "a"]] as [string, string][] };
    const ours = requestOf({ method: "PUT", uri: "/a?b=c", headers: unread({ "X-Name": ["a"] }) });
    const theirs = new PlatformRequest("http://a.example/a?b=c", init);
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(PlatformRequest.prototype))) {
      const [got, expected] = [ours, theirs].map((request) => Reflect.get(request, name) as unknown);
      if (member.get === undefined) expect(typeof got).toBe("function");
      else if (name === "headers") expect([...(got as Headers)]).toEqual([...(expected as Headers)]);
      else if (name !== "signal") expect(got).toEqual(expected);
    }
  });

  test("keeps what is done to its headers", () => {
    const request = requestOf({});
    request.headers.set("X-Name", "changed");
    expect(new Request(request).headers.get("x-name")).toBe("changed");
    expect(request.clone().headers.get("x-name")).toBe("changed");
  });

  test("reads its body once, and a clone reads it, too", async () => {
    const request = requestOf({ method: "POST" }, Buffer.from('{"a":1}'));
    const clone = request.clone();
    expect([await request.json(), await clone.text()]).toEqual([{ a: 1 }, '{"a":1}']);
    expect(request.bodyUsed).toBe(true);
    expect(request.text()).rejects.toThrow();
  });

  test("gives the form that the engine has read, and that of the platform otherwise", async () => {
    const read = requestOf({ method: "POST", form: { a: ["1"] } });
    expect((await read.formData()).get("a")).toBe("1");
    const headers = unread({ "Content-Type": ["application/x-www-form-urlencoded"], "Content-Length": ["70"] });
    const readToo = requestOf({ method: "POST", headers, form: { a: ["1"] } });
    const copies = [readToo.clone(), new Request(readToo)];
    for (const copy of copies)
      expect([(await copy.formData()).get("a"), copy.headers.has("content-length")]).toEqual(["1", false]);
    expect((await requestOf({ method: "POST", headers }, Buffer.from("a=2")).formData()).get("a")).toBe("2");
  });

  test("can be sent on, made anew and extended", async () => {
    using server = Bun.serve({ port: 0, fetch: async (got) => new Response(`${got.method} ${await got.text()}`) });
    const host = `127.0.0.1:${server.port}`;
    expect(await (await fetch(requestOf({ method: "POST", host }, Buffer.from("body")))).text()).toBe("POST body");
    expect(await (await fetch(requestOf({ host }), { method: "DELETE" })).text()).toBe("DELETE ");
    const anew = new Request(requestOf({ method: "POST" }, Buffer.from("body")), { headers: { "x-a": "b" } });
    expect([anew.method, anew.headers.get("x-a"), await anew.text()]).toEqual(["POST", "b", "body"]);
    class Tagged extends Request {
      readonly tag = "tag";
    }
    const tagged = new Tagged(requestOf({}));
    expect([tagged.tag, tagged instanceof Tagged, tagged.url]).toEqual(["tag", true, "http://a.example/"]);
    expect(() => (Request as unknown as () => void)()).toThrow("new is needed");
  });

  test("is made anew with another body once its own has been read", async () => {
    using server = Bun.serve({ port: 0, fetch: async (got) => new Response(`${got.method} ${await got.text()}`) });
    const request = requestOf({ method: "POST", host: `127.0.0.1:${server.port}` }, Buffer.from("body"));
    const init: RequestInit = { body: `${await request.text()}!` };
    const anew = new Request(request, init);
    expect([anew.method, anew.headers.get("x-name"), await anew.text()]).toEqual(["POST", "a, b", "body!"]);
    expect(await (await fetch(request, init)).text()).toBe("POST body!");
    expect(await new Request(request).text()).toBe("");
    expect(() => new Request(request, { method: "PUT" })).toThrow();
  });

  test("is what another is made with", async () => {
    const given = (): Request => requestOf({ method: "POST" }, Buffer.from("body"));
    const other = given();
    for (const anew of [new Request("http://b.example/", given()), new Request(other, other)]) {
      expect([anew.method, anew.headers.get("x-name"), await anew.text()]).toEqual(["POST", "a, b", "body"]);
    }
    const { signal } = new AbortController();
    expect(new Request(given(), { signal }).signal.aborted).toBe(false);
  });

  test("is written to files by its body", async () => {
    const path = join(tmpdir(), `vilya-${Bun.randomUUIDv7()}`);
    await Bun.write(path, requestOf({ method: "POST" }, Buffer.from("one")));
    expect(await Bun.file(path).text()).toBe("one");
    await Bun.file(path).write(requestOf({ method: "POST" }, Buffer.from("two")));
    expect(await Bun.file(path).text()).toBe("two");
    await Bun.file(path).delete();
  });

  test("is aborted with its context, and what was made of it as well", () => {
    const request = requestOf({});
    const [clone, copy] = [request.clone(), new Request(request)];
    controller.abort();
    expect([request.signal.aborted, clone.signal.aborted, copy.signal.aborted]).toEqual([true, true, true]);
  });

  test.each([
    ["192.0.2.1:5000", "192.0.2.1"],
    ["[2001:db8::1]:5000", "2001:db8::1"],
    ["unix:", "unix:"],
  ])("has the client's address, of %p", (address, ip) => {
    const request = requestOf({ remote_addr: address }) as Request & { ip: string; waitUntil: (work: unknown) => void };
    const { waitUntil } = request;
    waitUntil("work");
    expect([request.ip, waiting.pop()]).toEqual([ip, "work"]);
  });

  test("is found by its context's server, whichever context is asked", () => {
    const acted: unknown[] = [];
    const server = new AppServer();
    server.connect((action) => void acted.push(action));
    const request = requestOf({ remote_addr: "192.0.2.1:5000" });
    const address = { address: "192.0.2.1", family: "IPv4", port: 5_000 } as const;
    const other = contextOf(requestOf({ remote_addr: "192.0.2.2:6000" }))!;
    expect([server.requestIP(request), other.requestIP(request)]).toEqual([address, address]);
    expect([other.requestIP()?.port, server.requestIP(new Request(request))]).toEqual([6_000, null]);
    expect([server.upgrade(request), other.upgrade(request), server.upgrade(new Request(request))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(upgraded).toEqual(["192.0.2.1:5000", "192.0.2.1:5000"]);
    server.publish("topic", "text");
    expect(acted).toEqual([{ do: "publish", topic: "topic", data: "text" }]);
  });

  test("may be given another address by middleware", () => {
    const request = requestOf({ remote_addr: "192.0.2.1:5000" }) as Request & { ip: string; waitUntil: unknown };
    request.ip = "198.51.100.7";
    request.waitUntil = null;
    expect([request.ip, request.waitUntil]).toEqual(["198.51.100.7", null]);
  });
});
