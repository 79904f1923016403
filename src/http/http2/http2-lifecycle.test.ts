import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import {
  content,
  headers,
  hello,
  ping,
  request,
  splitHeaders,
  windowUpdate,
} from "../../../test/support/http2-frames.ts";
import { block } from "../../../test/support/hpack-text.ts";
import { Http2Client } from "../../../test/support/http2-client.ts";
import { HttpServer } from "../../../test/support/http-server.ts";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { FRAME_TYPE } from "../../protocols/http2/frame.ts";
import { SETTING } from "../../protocols/http2/settings.ts";

/** Waits until everything sent before has been read. */
async function untilRead(client: Http2Client): Promise<void> {
  const text = `ping${String(client.frames.length).padStart(4, "0")}`;
  client.send(ping(text));
  await client.untilFrame("the pong", ({ type, payload }) => type === FRAME_TYPE.ping && payload.toString() === text);
}

describe("Http2Connection › deadlines", () => {
  test("says good-bye to a connection without requests at the idle deadline, pings or not", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    server.clock.advance(50_000);
    await client.untilEnded(client.request());
    for (let pinged = 0; pinged < 74; pinged += 10) {
      await untilRead(client);
      expect(client.goaways).toEqual([]);
      server.clock.advance(9_000);
    }
    await untilRead(client);
    server.clock.advance(4_000);
    expect(await client.untilClosed()).toBe(ERROR_CODE.noError);
    expect(client.goaways).toEqual([{ lastStreamId: 1, errorCode: ERROR_CODE.noError }]);
  });

  test("does not hurry the app", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    server.clock.advance(1_000_000);
    server.requests[0]!.answer("at last");
    expect((await client.untilEnded(stream)).body).toBe("at last");
  });

  test.each([
    ["a preface", hello().subarray(0, 20)],
    ["SETTINGS", hello().subarray(0, 24)],
    ["a frame's header", Buffer.concat([hello(), ping().subarray(0, 2)])],
    ["a header block", Buffer.concat([hello(), splitHeaders(1, block(request()), [4]).subarray(0, 20)])],
  ])("gives up %s that does not arrive whole, however often bytes come", async (_name, start) => {
    using server = new HttpServer();
    using client = new Http2Client(await RawClient.connect(server.port));
    client.raw.send(start.subarray(0, -1));
    await until("the connection", () => server.listener.connectionCount === 1);
    server.clock.advance(1_000);
    client.raw.send(start.subarray(-1));
    await until("the close", () => {
      server.clock.advance(1_000);
      return server.listener.connectionCount === 0 || client.raw.isEnded;
    });
    expect(server.requests).toEqual([]);
  });

  test("begins anew with each head: many that are cut by packets are not one that is slow", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    for (let round = 0; round < 5; round++) {
      const [first, second] = [client.nextStreamId(), client.nextStreamId()];
      const bytes = Buffer.concat([headers(first, request()), headers(second, request())]);
      client.raw.send(bytes.subarray(0, -3));
      await client.untilEnded(first);
      server.clock.advance(9_000);
      client.raw.send(bytes.subarray(-3));
      await client.untilEnded(second);
    }
    expect(client.goaways).toEqual([]);
  });

  test("answers 408 to a body that takes too long, and to no other", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer(received.body);
    using client = await server.connectHttp2();
    const slow = client.request("/slow", "POST", null);
    await until("the request", () => server.requests.length === 1);
    server.clock.advance(30_000);
    const late = client.request("/late", "POST", null);
    client.send(content(slow, "dribbled"));
    await until("the other request", () => server.requests.length === 2);
    server.clock.advance(30_100);
    expect(await client.untilEnded(slow)).toMatchObject({ status: 408 });
    expect(server.requests[0]).toMatchObject({ isComplete: false, isAbandoned: true });
    client.send(content(late, "in time", true));
    expect(await client.untilEnded(late)).toMatchObject({ status: 200, body: "in time" });
    expect(server.listener.counters.timedOut).toBe(1);
  });

  test("gives up a stream whose window stays shut, and only it", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("x".repeat(1_000));
    using client = await server.connectHttp2([[SETTING.initialWindowSize, 100]]);
    const [stalled, slow] = [client.request(), client.request()];
    for (let second = 0; second < 60; second += 10) {
      await untilRead(client);
      server.clock.advance(10_100);
      client.send(windowUpdate(slow, 100));
    }
    expect(await client.untilEnded(stalled)).toMatchObject({ resetBy: ERROR_CODE.cancel });
    client.send(windowUpdate(slow, 1_000));
    expect((await client.untilEnded(slow)).body.length).toBe(1_000);
    expect(server.listener.counters.timedOut).toBe(1);
  });

  test("cuts a connection whose own window stays shut", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("x".repeat(70_000));
    using client = await server.connectHttp2([[SETTING.initialWindowSize, 1_000_000]]);
    client.request();
    await client.until("the window's content", () => client.response(1).body.length === 65_535);
    server.clock.advance(59_000);
    await untilRead(client);
    server.clock.advance(1_100);
    await client.untilClosed();
    expect(server.listener.counters.timedOut).toBe(1);
  });
});

describe("Http2Connection › draining", () => {
  test("leaves in two steps: what is asked before the second is served", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    await client.untilEnded(client.request());
    server.listener.announceClose();
    const asked = await client.untilFrame("a ping", ({ type, flags }) => type === FRAME_TYPE.ping && flags === 0);
    expect(client.goaways).toEqual([{ lastStreamId: 2 ** 31 - 1, errorCode: ERROR_CODE.noError }]);
    expect((await client.untilEnded(client.request())).body).toBe("ok");
    client.send(ping(asked.payload.toString("latin1"), true));
    await client.untilClosed();
    expect(client.goaways.at(-1)).toEqual({ lastStreamId: 3, errorCode: ERROR_CODE.noError });
    client.raw.shutDown();
    await server.listener.whenEmpty();
  });

  test("finishes what is in flight, and does not serve what comes behind the second step", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    server.listener.announceClose();
    server.listener.stopAccepting();
    await client.until("the second step", () => client.goaways.at(-1)?.lastStreamId === stream);
    const [refused, upload] = [client.request("/late"), client.request("/late", "POST", null)];
    client.send(content(upload, "body", true));
    await untilRead(client);
    server.requests[0]!.answer("done");
    expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "done" });
    await client.untilClosed();
    expect(server.requests.length).toBe(1);
    expect([client.response(refused).status, client.response(upload).status]).toEqual([0, 0]);
    client.raw.shutDown();
    await server.listener.whenEmpty();
  });

  test("closes connections without requests when accepting stops, and answers one that has just come", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    using idle = await server.connectHttp2();
    using fresh = await server.connectHttp2();
    await idle.untilEnded(idle.request());
    await untilRead(fresh);
    using silent = await RawClient.connect(server.port);
    await until("three connections", () => server.listener.connectionCount === 3);
    server.listener.announceClose();
    server.listener.stopAccepting();
    await idle.untilClosed();
    expect((await fresh.untilEnded(fresh.request())).body).toBe("ok");
    await fresh.untilClosed();
    server.clock.advance(600);
    expect(await silent.untilEnd()).toBe("");
    server.clock.advance(2_000); // Who was answered may take this long to read it.
    await server.listener.whenEmpty();
  });

  test("lets a client that connects during the drain ask once", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    server.listener.announceClose();
    using client = await server.connectHttp2();
    await untilRead(client);
    expect(client.goaways).toEqual([]);
    await client.untilEnded(client.request());
    await client.until("the announcement", () => client.goaways.length === 1);
  });

  test("takes leave after the last request a connection may carry", async () => {
    using server = new HttpServer({ requestsPerConnectionMax: 2 });
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    await client.untilEnded(client.request());
    expect(client.goaways).toEqual([]);
    await client.untilEnded(client.request());
    const asked = await client.untilFrame("a ping", ({ type, flags }) => type === FRAME_TYPE.ping && flags === 0);
    expect(client.goaways[0]?.lastStreamId).toBe(2 ** 31 - 1);
    client.send(ping(asked.payload.toString("latin1"), true));
    expect(await client.untilClosed()).toBe(ERROR_CODE.noError);
  });

  test("takes leave of a client that does not hear, when it has asked for far more", async () => {
    using server = new HttpServer({ requestsPerConnectionMax: 2 });
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    for (let count = 0; count < 102; count++) await client.untilEnded(client.request());
    expect(await client.untilClosed()).toBe(ERROR_CODE.noError);
    expect(server.requests.length).toBe(102);
  });
});

describe("Http2Connection › answers in parts", () => {
  const head = { status: 200, fields: buildFieldBlock([["X-A", "1"]]) };
  const part = Buffer.alloc(40_000, "x");

  test("sends each part when it is there, and the end behind the last", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    let taken = 0;
    const body = server.requests[0]!.exchange.begin(head, (count) => (taken += count))!;
    await client.until("the head", () => client.response(stream).status === 200);
    expect(client.response(stream).fields).toContainEqual(["x-a", "1"]);
    for (const text of ["one", "two"]) {
      body.write(Buffer.from(text), 0, 3);
      await client.until(`part ${text}`, () => client.response(stream).body.endsWith(text));
    }
    expect([taken, client.response(stream).isEnded]).toEqual([6, false]);
    body.end();
    expect((await client.untilEnded(stream)).frameBytes).toEqual([3, 3, 0]);
  });

  test("counts what waits for a window as not taken", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2([[SETTING.initialWindowSize, 50_000]]);
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    let taken = 0;
    const body = server.requests[0]!.exchange.begin(head, (count) => (taken += count))!;
    body.write(part, 0, part.length);
    body.write(part, 0, part.length);
    body.end();
    expect(taken).toBe(50_000);
    client.send(windowUpdate(stream, 10_000));
    await until("more to be taken", () => taken === 60_000);
    client.send(windowUpdate(stream, 100_000), windowUpdate(0, 100_000));
    expect((await client.untilEnded(stream)).body.length).toBe(80_000);
    expect(taken).toBe(80_000);
  });

  test("resets a stream whose body stays incomplete", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    const body = server.requests[0]!.exchange.begin(head, () => {})!;
    body.write(part, 0, 3);
    body.abort();
    expect(await client.untilEnded(stream)).toMatchObject({ isEnded: false, resetBy: ERROR_CODE.internalError });
  });

  test("takes the end of a client's side for its leaving", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    client.request();
    await until("the request", () => server.requests.length === 1);
    server.requests[0]!.exchange.begin(head, () => {});
    server.requests[0]!.onEnd = "drop";
    client.raw.shutDown();
    await until("the app to know", () => server.requests[0]!.isAbandoned);
    await client.untilClosed();
  });

  test("tells the app that a client has left a stream, and writes nothing more", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    const body = server.requests[0]!.exchange.begin(head, () => {})!;
    client.send(Buffer.from([0, 0, 4, FRAME_TYPE.rstStream, 0, 0, 0, 0, stream, 0, 0, 0, 8]));
    await until("the app to know", () => server.requests[0]!.isAbandoned);
    body.write(part, 0, 3);
    body.end();
    await untilRead(client);
    expect(client.response(stream)).toMatchObject({ body: "", isEnded: false });
  });
});

describe("Http2Connection › storage", () => {
  test("answers 503 when a body cannot be stored, and goes on", async () => {
    using server = new HttpServer({ bodyDirectory: "/proc/nowhere" });
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    const failed = await client.untilEnded(client.request("/", "POST", "x".repeat(5_000)));
    expect(failed.status).toBe(503);
    expect(failed.fields).toContainEqual(["retry-after", "1"]);
    expect(server.errors).toEqual(["request body cannot be stored"]);
    expect(await client.untilEnded(client.request())).toMatchObject({ body: "ok" });
  });
});
