import { describe, expect, test } from "bun:test";

import { toRequest, UnrepresentableRequestError } from "./incoming-request.ts";
import type { RequestBody } from "./request-body.ts";

const { signal } = new AbortController();

function requestOf(wire: Record<string, string>, body: RequestBody | null = null): Request {
  const fields = { "X-Name": ["a", "b"], Cookie: ["c=1"] };
  return toRequest(
    { method: "GET", uri: "/", host: "a.example", scheme: "http", headers: fields, ...wire },
    body,
    signal,
  );
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

  test.each(["GET", "HEAD", "get"])("has no body for %s", async (method) => {
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

  test.each([
    ["TRACE", "/"],
    ["CONNECT", "a.example:443"],
    ["GET", "http://[/"],
  ])("refuses what the platform cannot say: %s %s", (method, uri) => {
    expect(() => requestOf({ method, uri })).toThrow(UnrepresentableRequestError);
  });
});
