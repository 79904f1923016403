import { expect, test } from "bun:test";

import { block } from "../../support/hpack-text.ts";
import {
  content,
  headers,
  hello,
  ping,
  request,
  settings,
  splitHeaders,
  windowUpdate,
} from "../../support/http2-frames.ts";
import { HttpServer } from "../../support/http-server.ts";
import { RawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";

/** Three requests, two with bodies, and frames between them. */
const CONVERSATION = Buffer.concat([
  hello([4, 100_000]),
  headers(1, request("/a", "POST"), false),
  content(1, "x".repeat(1_500)),
  ping(),
  splitHeaders(3, block(request("/b")), [5, 11]),
  content(1, "end", true),
  windowUpdate(0, 10),
  headers(5, request("/c", "PUT"), false),
  settings([4, 1_000]),
  content(5, "body"),
  headers(5, [["x-sum", "1"]]),
]);

/** Octets at which something ends or begins, and every octet of the frames that are not content. */
const CUTS = Array.from({ length: CONVERSATION.length }, (_, at) => at).filter(
  (at) => CONVERSATION[at] !== 0x78 || at % 100 === 0,
);

test("a connection that ends at any octet is forgotten, with all that had come of its requests", async () => {
  using server = new HttpServer({ connectionCountMax: 1_000 });
  for (const cut of CUTS) {
    using client = await RawClient.connect(server.port);
    client.send(CONVERSATION.subarray(0, cut));
    client.shutDown();
  }
  await until("all connections to be forgotten", () => {
    // Whole requests are still answered: their apps have not been told to drop them.
    for (const received of server.requests) if (received.isComplete && !received.isAbandoned) received.answer("ok");
    server.clock.advance(100);
    return server.listener.connectionCount === 0;
  });
  expect(server.requests.filter(({ isComplete, isAbandoned }) => !isComplete && !isAbandoned)).toEqual([]);
  expect(server.errors).toEqual([]);
});

test("a connection that is reset at any octet is forgotten, with all that had come of its requests", async () => {
  using server = new HttpServer({ connectionCountMax: 1_000 });
  for (const cut of CUTS) {
    const client = await RawClient.connect(server.port);
    client.send(CONVERSATION.subarray(0, cut));
    client.reset();
  }
  await until("all connections to be forgotten", () => server.listener.connectionCount === 0);
  await until("every app to know", () => server.requests.every(({ isAbandoned }) => isAbandoned));
  expect(server.errors).toEqual([]);
});

test("requests that dribble octet by octet are answered like any other", async () => {
  using server = new HttpServer();
  server.respond = (received) => received.answer(received.target);
  using client = await RawClient.connect(server.port);
  for (const octet of CONVERSATION) {
    client.send(Buffer.from([octet]));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await until("three requests", () => server.requests.filter(({ isComplete }) => isComplete).length === 3);
  expect(server.requests.map(({ body }) => body.length)).toEqual([1_503, 0, 4]);
  for (const target of ["/a", "/b", "/c"]) await client.untilReceived(target);
});
