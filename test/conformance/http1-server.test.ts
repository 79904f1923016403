import { describe, expect, test } from "bun:test";

import { HttpServer, SMALL_SERVER } from "../support/http-server.ts";
import { RawClient } from "../support/raw-client.ts";
import { CONFORMANCE_BODY_BYTES_MAX, CONFORMANCE_LIMITS, type Http1Case } from "./http1-case.ts";
import { HTTP1_PIPELINES } from "./http1-pipelines.ts";
import { HTTP1_REQUESTS } from "./http1-requests.ts";

function startServer(): HttpServer {
  const server = new HttpServer({
    listeners: [{ ...SMALL_SERVER.listeners[0]!, protocols: ["h1"] }],
    limits: CONFORMANCE_LIMITS,
    bodyBytesMax: CONFORMANCE_BODY_BYTES_MAX,
  });
  server.respond = (request) => request.answer("served");
  return server;
}

/** Final statuses in the order of their responses; interim ones do not count. */
function finalStatuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map((match) => Number(match[1]));
}

function statusOf(expected: Http1Case["expect"]): number {
  return "ok" in expected ? 200 : expected.status;
}

async function finished(client: RawClient, answerCount: number, closes: boolean): Promise<string> {
  if (closes) return client.untilEnd();
  await client.until(`${answerCount} answers`, ({ received }) => finalStatuses(received).length >= answerCount);
  return client.received;
}

describe("HTTP/1 over a socket", () => {
  for (const { name, bytes, expect: expected } of HTTP1_REQUESTS) {
    test(name, async () => {
      using server = startServer();
      using client = await RawClient.connect(server.port);
      client.send(bytes);
      const closes = "ok" in expected ? expected.ok.isKeepAlive === false : expected.closes;
      const received = await finished(client, 1, closes);
      expect(finalStatuses(received)).toEqual([statusOf(expected)]);
      expect(server.errors).toEqual([]);
      if ("ok" in expected) {
        const { method, target, host, fields, body } = expected.ok;
        expect(server.requests).toMatchObject([{ method, target, authority: host, fields, body, isComplete: true }]);
      } else {
        expect(server.requests.filter(({ isComplete }) => isComplete)).toEqual([]);
        expect(received).toContain("Connection: close\r\n");
      }
    });
  }
});

describe("HTTP/1 over a socket, pipelined", () => {
  for (const { name, bytes, expect: expected } of HTTP1_PIPELINES) {
    test(name, async () => {
      using server = startServer();
      using client = await RawClient.connect(server.port);
      client.send(bytes);
      const closes = expected.some((each) => !("ok" in each));
      const received = await finished(client, expected.length, closes);
      expect(finalStatuses(received)).toEqual(expected.map(statusOf));
      expect(server.errors).toEqual([]);
    });
  }
});
