import { afterAll, describe, expect, test } from "bun:test";

import { ERROR_CODE } from "../../src/protocols/http2/error-code.ts";
import { FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { content, headers, ping } from "../support/http2-frames.ts";
import { HTTP_TRANSPORTS, HttpServer, SMALL_SERVER } from "../support/http-server.ts";
import { ACCEPTED_REQUESTS, REFUSED_REQUESTS } from "./http2-requests.ts";
import { HTTP2_CASES } from "./http2-states.ts";

describe.each(HTTP_TRANSPORTS)("HTTP/2 over %s", (transport) => {
  const server = new HttpServer({ http2: { ...SMALL_SERVER.http2, resetCountMax: 1_000 } }, transport);
  server.respond = (received) => void (received.target === "/wait" || received.answer("ten octets"));
  afterAll(() => server[Symbol.dispose]());

  test.each(HTTP2_CASES.map((each) => [each.name, each] as const))(
    "%s",
    async (_name, { frames, expect: expected }) => {
      using client = await server.connectHttp2();
      // Before an error ends the connection, which would reset it with frames on their way: all at once.
      client.send(...frames, ping("last one"));
      if (expected === "alive") {
        await client.untilFrame(
          "the pong",
          ({ type, payload }) => type === FRAME_TYPE.ping && payload.toString() === "last one",
        );
        expect(client.goaways).toEqual([]);
      } else if ("connection" in expected) {
        expect(await client.untilClosed()).toBe(expected.connection);
      } else if ("stream" in expected) {
        await client.until("the reset", () => client.response(expected.stream).resetBy === expected.code);
        expect(client.goaways).toEqual([]);
      } else {
        expect(await client.untilEnded(1)).toMatchObject({ status: expected.response, body: "ten octets" });
        expect(client.goaways).toEqual([]);
      }
    },
  );

  test("answers every request that is one", async () => {
    using client = await server.connectHttp2();
    for (const { name, fields, isEndStream = true, method, target, contentLength = 0 } of ACCEPTED_REQUESTS) {
      const stream = client.nextStreamId();
      client.send(headers(stream, fields, isEndStream));
      if (!isEndStream) client.send(content(stream, "x".repeat(contentLength), true));
      expect([name, (await client.untilEnded(stream)).status]).toEqual([name, 200]);
      expect(server.requests.at(-1)).toMatchObject({ method, target });
    }
  });

  test("resets or refuses every request that is none, and goes on", async () => {
    using client = await server.connectHttp2();
    const before = server.requests.length;
    for (const { name, fields, isEndStream = true, status } of REFUSED_REQUESTS) {
      if (fields.some(([field]) => field === ":protocol")) continue; // This server has announced it.
      const stream = client.nextStreamId();
      client.send(headers(stream, fields, isEndStream));
      const { status: answered, resetBy } = await client.untilEnded(stream);
      if (status === null) expect([name, answered, resetBy]).toEqual([name, 0, ERROR_CODE.protocolError]);
      else expect([name, answered]).toEqual([name, status]);
    }
    expect(server.requests.length).toBe(before);
    expect(client.goaways).toEqual([]);
  });
});
