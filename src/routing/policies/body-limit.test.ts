import { describe, expect, test } from "bun:test";

import { HttpServer } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import { MatchedRoute } from "../../http/matched-route.ts";
import { bodyLimit } from "./body-limit.ts";

const match = new MatchedRoute({ name: "r", path: "/*", parameterNames: [] }, []);

/** A server that takes longer bodies than the route does. */
function start(): HttpServer {
  const policy = bodyLimit(10);
  return new HttpServer({}, "clear", (app) => (exchange) => policy(exchange, match, app));
}

const CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n";

describe("bodyLimit", () => {
  test.each(["whole", "parts"] as const)("holds for a body of unknown length that is taken in %s", async (intake) => {
    using server = start();
    server.bodyIntake = intake;
    server.respond = (request) => {
      request.stream?.open(request, 100);
      if (request.isComplete) request.answer("taken");
    };
    using fits = await server.connect();
    fits.send(`${CHUNKED}5\r\nfghij\r\n0\r\n\r\n`);
    await until("the body", () => server.requests[0]?.body === "abcdefghij");
    using client = await server.connect();
    client.send(`${CHUNKED}6\r\n`);
    expect(await client.untilEnd()).toStartWith("HTTP/1.1 413 ");
    expect(server.requests[1]).toMatchObject({ isComplete: false, isAbandoned: true });
  });

  test("holds over HTTP/2, too", async () => {
    using server = start();
    using client = await server.connectHttp2();
    const stream = client.request("/", "POST", "12345678901");
    expect(await client.untilEnded(stream)).toMatchObject({ status: 413 });
  });
});
