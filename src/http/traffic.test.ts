import { describe, expect, test } from "bun:test";

import { HttpServer } from "../../test/support/http-server.ts";
import { RawClient } from "../../test/support/raw-client.ts";
import { until } from "../../test/support/until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

describe("Traffic", () => {
  test("counts connections and their bytes by what is spoken, while they are open and when they are gone", async () => {
    using server = new HttpServer();
    server.respond = (request) => request.answer("ok");
    const none = { connectionCount: 0, closedCount: 0, receivedBytes: 0, sentBytes: 0 };
    expect(server.listener.traffic).toEqual({ none, h1: none, h2: none, websocket: none });
    using _silent = await RawClient.connect(server.port);
    const client = await RawClient.connect(server.port);
    client.send(GET);
    await until("an answer", () => client.received.includes("ok"));
    const open = server.listener.traffic;
    expect(open.none).toEqual({ ...none, connectionCount: 1 });
    expect(open.h1).toEqual({
      connectionCount: 1,
      closedCount: 0,
      receivedBytes: GET.length,
      sentBytes: client.received.length,
    });
    client[Symbol.dispose]();
    await until("the close", () => server.listener.connectionCount === 1);
    expect(server.listener.traffic.h1).toEqual({ ...open.h1, connectionCount: 0, closedCount: 1 });
    using _http2 = await server.connectHttp2();
    await until("the greeting", () => server.listener.traffic.h2.receivedBytes > 0);
    expect(server.listener.traffic.h2.connectionCount).toBe(1);
  });
});
