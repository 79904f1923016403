import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { acceptOf, asksForWebSocket, type HandshakeMethod, readHandshake } from "./handshake.ts";

const FIELDS = {
  Host: "example.com",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};

type Changes = Readonly<Record<string, string | readonly string[] | null>>;

/** A good request, with fields changed, several times over, or (`null`) left out. */
function request(changes: Changes = {}, method = "GET") {
  const fields = Object.entries<string | readonly string[] | null>({ ...FIELDS, ...changes }).flatMap(
    ([name, value]) => (value === null ? [] : [value].flat().map((one) => [name, one] as const)),
  );
  const rest = { target: "/chat", path: "/chat", query: "", authority: "example.com" };
  return buildRequestHead({ method, ...rest, fields });
}

function statusOf(changes: Changes, by: HandshakeMethod = "upgrade"): number {
  const answer = readHandshake(request(changes), by);
  return answer.isAcceptable ? 101 : answer.status;
}

describe("readHandshake", () => {
  test("answers the key of RFC 6455 §1.3 as it says", () => {
    expect(acceptOf("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(readHandshake(request(), "upgrade")).toEqual({
      isAcceptable: true,
      accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      protocols: [],
      extensions: [],
    });
  });

  test.each([
    ["lists and letter case", { Upgrade: "h2c, WebSocket", Connection: "keep-alive, uPgRaDe" }],
    ["lists over several lines", { Upgrade: ["h2c", "websocket"], Connection: ["keep-alive", "Upgrade"] }],
  ])("takes %s in Upgrade and Connection", (_name, changes) => {
    expect(statusOf(changes)).toBe(101);
  });

  test.each<[string, Changes, number]>([
    ["no Upgrade", { Upgrade: null }, 400],
    ["another Upgrade", { Upgrade: "h2c" }, 400],
    ["a version in Upgrade", { Upgrade: "websocket/13" }, 400],
    ["no Connection", { Connection: null }, 400],
    ["a Connection without upgrade", { Connection: "keep-alive" }, 400],
    ["no key", { "Sec-WebSocket-Key": null }, 400],
    ["two keys", { "Sec-WebSocket-Key": ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="] }, 400],
    ["a key of 15 bytes", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j" }, 400],
    ["a key that is not base64", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub2!jZQ==" }, 400],
    ["an empty key", { "Sec-WebSocket-Key": "" }, 400],
    ["no version", { "Sec-WebSocket-Version": null }, 400],
    ["version 8", { "Sec-WebSocket-Version": "8" }, 426],
    ["several versions", { "Sec-WebSocket-Version": ["13", "8"] }, 426],
    ["a list of versions", { "Sec-WebSocket-Version": "13, 8" }, 426],
    ["version 013", { "Sec-WebSocket-Version": "013" }, 426],
    ["a subprotocol twice", { "Sec-WebSocket-Protocol": ["chat", "chat"] }, 400],
    ["a subprotocol that is no token", { "Sec-WebSocket-Protocol": "chat v1" }, 400],
    ["a subprotocol with a parameter", { "Sec-WebSocket-Protocol": "chat;v=1" }, 400],
    ["malformed extensions", { "Sec-WebSocket-Extensions": "permessage-deflate; =1" }, 400],
  ])("refuses %s", (_name, changes, status) => {
    expect(statusOf(changes)).toBe(status);
  });

  test("refuses another method, a body, and HTTP/1.0", () => {
    expect(readHandshake(request({}, "POST"), "upgrade")).toMatchObject({ isAcceptable: false, status: 400 });
    const withBody = request();
    withBody.contentLength = 1;
    expect(readHandshake(withBody, "upgrade")).toMatchObject({ isAcceptable: false, status: 400 });
    const old = request();
    old.versionMinor = 0;
    expect([asksForWebSocket(old), readHandshake(old, "upgrade")]).toMatchObject([false, { status: 400 }]);
  });

  test("lists subprotocols in the client's order, over several lines", () => {
    const answer = readHandshake(request({ "Sec-WebSocket-Protocol": ["chat.v2, chat.v1", "", "mqtt"] }), "upgrade");
    expect(answer).toMatchObject({ protocols: ["chat.v2", "chat.v1", "mqtt"] });
  });

  test("asks an extended CONNECT for no key and no Upgrade, but for the version", () => {
    const plain = { Upgrade: null, Connection: null, "Sec-WebSocket-Key": null };
    expect(readHandshake(request(plain, "CONNECT"), "extended-connect")).toMatchObject({
      isAcceptable: true,
      accept: null,
    });
    expect(statusOf({ ...plain, "Sec-WebSocket-Version": null }, "extended-connect")).toBe(400);
    expect(statusOf({ ...plain, "Sec-WebSocket-Version": "12" }, "extended-connect")).toBe(426);
  });

  test("tells a request that asks for a WebSocket from one that does not", () => {
    expect(asksForWebSocket(request())).toBe(true);
    expect(asksForWebSocket(request({ Upgrade: "h2c" }))).toBe(false);
    expect(asksForWebSocket(request({ Upgrade: null }))).toBe(false);
  });
});
