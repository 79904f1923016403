import { type ExpectedRequest, type Http1Case, type Http1Pipeline, head } from "./http1-case.ts";
import { HTTP1_BODIES } from "./http1-bodies.ts";
import { HTTP1_ACCEPTED_HEADS } from "./http1-accepted-heads.ts";

const REFUSED = { status: 400, closes: true };

/** Every request that may be followed by another, one behind the other. */
const EVERYTHING: readonly Http1Case[] = [...HTTP1_ACCEPTED_HEADS, ...HTTP1_BODIES].filter(
  ({ expect }) => "ok" in expect && expect.ok.isKeepAlive !== false,
);

/** Several requests on one connection. RFC 9112 §9.3.2. */
export const HTTP1_PIPELINES: readonly Http1Pipeline[] = [
  { name: "three requests at once", bytes: get("/a") + get("/b") + get("/c"), expect: [ok("/a"), ok("/b"), ok("/c")] },
  { name: "an empty line between requests", bytes: `${get("/a")}\r\n${get("/b")}`, expect: [ok("/a"), ok("/b")] },
  { name: "two empty lines between requests", bytes: `${get("/a")}\r\n\r\n${get("/b")}`, expect: [ok("/a"), REFUSED] },
  { name: "a bad request behind a good one", bytes: `${get("/a")}G@T / HTTP/1.1\r\n\r\n`, expect: [ok("/a"), REFUSED] },
  {
    name: "a body longer than announced, whose rest is no request",
    bytes: `${post("2", "ab")}cd\r\n\r\n`,
    expect: [posted("2", "ab"), REFUSED],
  },
  {
    name: "a body shorter than announced, which swallows the next request's start",
    bytes: post("5", "ab") + get("/a"),
    expect: [posted("5", "abGET"), REFUSED],
  },
  {
    name: "a body and a request behind it",
    bytes: post("3", "abc") + get("/a"),
    expect: [posted("3", "abc"), ok("/a")],
  },
  {
    name: "every request there is",
    bytes: EVERYTHING.map(({ bytes }) => bytes).join(""),
    expect: EVERYTHING.map(({ expect }) => expect),
  },
];

function get(target: string): string {
  return head(`GET ${target} HTTP/1.1`, "Host: a.example");
}

function ok(target: string): { ok: ExpectedRequest } {
  return { ok: { method: "GET", target, host: "a.example", fields: [["Host", "a.example"]], body: "" } };
}

function post(length: string, body: string): string {
  return head("POST / HTTP/1.1", "Host: a.example", `Content-Length: ${length}`) + body;
}

function posted(length: string, body: string): { ok: ExpectedRequest } {
  const fields = [
    ["Host", "a.example"],
    ["Content-Length", length],
  ] as const;
  return { ok: { method: "POST", target: "/", host: "a.example", fields, body } };
}
