import { expect, test } from "bun:test";
import { openExchange } from "../../../test/support/routed-exchange.ts";
import { encodeProxyRequest } from "./proxy-request.ts";

test("encodeProxyRequest › keeps target and fields, frames the body, and says whom it is from", () => {
  const { exchange } = openExchange("PUT a.example/x%2F?q=1", {
    "X-A": "1",
    Connection: "X-Hop, close",
    "X-Hop": "1",
    "Content-Length": "9",
    Expect: "100-continue",
    "X-Forwarded-Proto": "https",
  });
  exchange.cameFrom({ remoteAddress: Buffer.from("[2001:db8::1]:443"), scheme: "https" });
  const common =
    "X-A: 1\r\nX-Forwarded-For: 2001:db8::1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\nVia: 1.1 vilya-xxxxxxxx\r\n";
  const first = "PUT /x%2F?q=1 HTTP/1.1\r\nHost: a.example\r\n";
  expect(
    [9, -1, null].map((bodyByteLength) =>
      encodeProxyRequest(exchange, { bodyByteLength, asksToSwitch: false, socketKey: null })
        .toString("latin1")
        .replace(/vilya-[0-9a-f]{8}/, "vilya-xxxxxxxx"),
    ),
  ).toEqual([
    `${first}${common}Content-Length: 9\r\n\r\n`,
    `${first}${common}Transfer-Encoding: chunked\r\n\r\n`,
    `${first}${common}Content-Length: 0\r\n\r\n`,
  ]);
});

test.each<[line: `${string} ${string}`, fields: Readonly<Record<string, string>>, length: string | null]>([
  ["GET a.example/", {}, null],
  ["GET a.example/", { "Content-Length": "0" }, "0"],
  ["DELETE a.example/", {}, null],
  ["POST a.example/", {}, "0"],
])("encodeProxyRequest › says that %s %p has no body: %p", (line, fields, expected) => {
  const { exchange } = openExchange(line, fields);
  if ("Content-Length" in fields) exchange.head.contentLength = 0;
  const request = encodeProxyRequest(exchange, { bodyByteLength: null, asksToSwitch: false, socketKey: null });
  expect(/^Content-Length: (\d+)\r$/m.exec(request.toString("latin1"))?.[1] ?? null).toBe(expected);
});

test("encodeProxyRequest › leaves out what CGI would take for what it adds", () => {
  const { exchange } = openExchange("GET a.example/", {
    X_Forwarded_For: "6.6.6.6",
    Content_Length: "9",
    X_Other: "1",
  });
  const request = encodeProxyRequest(exchange, { bodyByteLength: null, asksToSwitch: false, socketKey: null });
  const names = Array.from(request.toString("latin1").matchAll(/^(\w+): /gm), ([, name]) => name);
  expect(names).toEqual(["Host", "X_Other", "Via"]);
});

test.each<[line: `${string} ${string}`, given: string, passedOn: string | null]>([
  ["OPTIONS a.example/", "7", "6"],
  ["TRACE a.example/", "1", "0"],
  ["OPTIONS a.example/", "x", null],
  ["GET a.example/", "7", null],
])("encodeProxyRequest › counts Max-Forwards of %s down from %s to %p", (line, given, expected) => {
  const { exchange } = openExchange(line, { "Max-Forwards": given });
  const request = encodeProxyRequest(exchange, { bodyByteLength: null, asksToSwitch: false, socketKey: null });
  expect(/^Max-Forwards: (\d+)\r$/m.exec(request.toString("latin1"))?.[1] ?? null).toBe(expected);
});

test("encodeProxyRequest › lets no client have left out what it adds, nor Host", () => {
  const nominated = "close, Host, X-Forwarded-For, x-forwarded-proto,X-Forwarded-Host, Via, X-Hop";
  const { exchange } = openExchange("GET a.example/", { Host: "a.example", Connection: nominated, "X-Hop": "1" });
  const request = encodeProxyRequest(exchange, { bodyByteLength: null, asksToSwitch: false, socketKey: null }).toString(
    "latin1",
  );
  const names = Array.from(request.matchAll(/^([\w-]+): /gm), ([, name]) => name);
  expect(names).toEqual(["Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Via"]);
});

test("encodeProxyRequest › asks for a WebSocket as HTTP/1.1 does, also where the client has asked as HTTP/2 does", () => {
  const { exchange } = openExchange("GET a.example/chat", { Connection: "Upgrade", Upgrade: "websocket" });
  const bodyByteLength = null;
  const own = encodeProxyRequest(exchange, { bodyByteLength, asksToSwitch: true, socketKey: null }).toString("latin1");
  expect(own).toEndWith("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const keyed = encodeProxyRequest(exchange, { bodyByteLength, asksToSwitch: true, socketKey: "a2V5" });
  expect(keyed.toString("latin1")).toStartWith("GET /chat HTTP/1.1\r\n");
  expect(keyed.toString("latin1")).toContain("\r\nSec-WebSocket-Key: a2V5\r\n");
});

test("encodeProxyRequest › says that trailers are kept where the client does", () => {
  const { exchange } = openExchange("GET a.example/", { TE: "trailers" });
  exchange.head.takesTrailers = true;
  const request = encodeProxyRequest(exchange, { bodyByteLength: null, asksToSwitch: false, socketKey: null });
  expect(request.toString("latin1")).toEndWith("\r\nConnection: TE\r\nTE: trailers\r\n\r\n");
});
