import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import {
  content,
  frame,
  goaway,
  headers,
  ping,
  request,
  reset,
  settings,
  windowUpdate,
} from "../../../test/support/http2-frames.ts";
import { HTTP_TRANSPORTS, HttpServer, SMALL_SERVER } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { FRAME_FLAG, FRAME_TYPE } from "../../protocols/http2/frame.ts";
import { SETTING } from "../../protocols/http2/settings.ts";

const INITIAL_WINDOW = SETTING.initialWindowSize;

describe.each(HTTP_TRANSPORTS)("over %s", (transport) => {
  describe("Http2Connection", () => {
    test("greets with SETTINGS that name its limits, and acknowledges the client's", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const greeting = await client.untilFrame("SETTINGS", ({ type }) => type === FRAME_TYPE.settings);
      const limits = new Map(
        Array.from({ length: greeting.payload.length / 6 }, (_, index) => [
          greeting.payload.readUInt16BE(index * 6),
          greeting.payload.readUInt32BE(index * 6 + 2),
        ]),
      );
      expect(limits.get(SETTING.maxConcurrentStreams)).toBe(100);
      expect(limits.get(SETTING.initialWindowSize)).toBe(65_535);
      expect(limits.get(SETTING.maxHeaderListSize)).toBeGreaterThan(40_000);
      expect(limits.get(SETTING.enableConnectProtocol)).toBe(1);
      await client.untilFrame(
        "an acknowledgement",
        ({ type, flags }) => type === FRAME_TYPE.settings && flags === FRAME_FLAG.ack,
      );
    });

    test("answers many requests at once, each when its app does", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const streams = ["/1", "/2", "/3"].map((path) => client.request(path));
      await until("three requests", () => server.requests.length === 3);
      for (const index of [2, 0, 1]) {
        server.requests[index]!.answer(`answer ${server.requests[index]!.target}`, 200, { "X-Order": String(index) });
        const response = await client.untilEnded(streams[index]!);
        expect(response).toMatchObject({ status: 200, body: `answer /${index + 1}`, resetBy: null });
        expect(response.fields).toContainEqual(["x-order", String(index)]);
      }
      expect(client.response(streams[0]!).fields.map(([name]) => name)).toEqual(["x-order", "date", "content-length"]);
    });

    test("says at the start of the next header block that a smaller table is in order, and once", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer("answer");
      using client = await server.connectHttp2();
      const firstOctets: (number | undefined)[] = [];
      for (const tableBytes of [null, 0, null]) {
        if (tableBytes !== null) client.send(settings([SETTING.headerTableSize, tableBytes]));
        const streamId = client.request("/");
        expect(await client.untilEnded(streamId)).toMatchObject({ status: 200, body: "answer" });
        const head = await client.untilFrame("a head", (each) => each.streamId === streamId);
        firstOctets.push(head.payload[0]);
      }
      // 0x20 is a table of no bytes (RFC 7541 §6.3), 0x88 the status 200.
      expect(firstOctets).toEqual([0x88, 0x20, 0x88]);
    });

    test("hands the app the same request that HTTP/1.1 would", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      client.request("/p?q", "PUT", "body", [
        ["cookie", "a=1"],
        ["x-a", "1"],
        ["cookie", "b=2"],
      ]);
      await until("the request", () => server.requests[0]?.isComplete);
      expect(server.requests[0]).toMatchObject({
        method: "PUT",
        target: "/p?q",
        authority: "a.example",
        body: "body",
        fields: [
          ["host", "a.example"],
          ["x-a", "1"],
          ["cookie", "a=1; b=2"],
        ],
      });
    });

    test("takes bodies in any number of frames, with and without a length, with trailers and padding", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer(`${received.body}.`);
      using client = await server.connectHttp2();
      const [first, second, third] = [
        client.request("/", "POST", null),
        client.request("/", "POST", null, [["content-length", "4"]]),
        client.nextStreamId(),
      ];
      client.send(content(first, "a"), content(second, "12"), content(first, ""), content(second, "34"));
      client.send(frame(FRAME_TYPE.data, FRAME_FLAG.padded, first, Buffer.from("\x02bc__", "latin1")));
      client.send(headers(first, [["x-sum", "1"]]), content(second, "", true));
      client.send(headers(third, request("/", "POST"), false), content(third, "", true));
      expect((await client.untilEnded(first)).body).toBe("abc.");
      expect((await client.untilEnded(second)).body).toBe("1234.");
      expect((await client.untilEnded(third)).body).toBe(".");
    });

    test("opens its windows as bodies are stored, in memory and in a file", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer(`${received.body.length}.`);
      using client = await server.connectHttp2();
      const stream = client.request("/", "POST", null);
      const part = Buffer.alloc(10_000, "x");
      for (let sent = 10_000; sent <= 90_000; sent += 10_000) {
        client.send(content(stream, part));
        await client.until("room for more", () => {
          const room = (streamId: number): number => 65_535 + client.windowOpenedBy(streamId) - sent;
          return Math.min(room(0), room(stream)) >= 10_000;
        });
      }
      client.send(content(stream, part, true));
      expect((await client.untilEnded(stream)).body).toBe("100000.");
    });

    test("sends no more than the windows allow, and the rest when they open", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer("x".repeat(100));
      using client = await server.connectHttp2([[INITIAL_WINDOW, 30]]);
      const stream = client.request();
      await client.until("the first content", () => client.response(stream).body.length === 30);
      client.send(windowUpdate(stream, 1));
      await client.until("one more", () => client.response(stream).body.length === 31);
      client.send(settings([INITIAL_WINDOW, 50]));
      await client.until("twenty more", () => client.response(stream).body.length === 51);
      client.send(settings([INITIAL_WINDOW, 0]), windowUpdate(stream, 60), ping("are here"));
      await client.untilFrame("the pong", ({ type }) => type === FRAME_TYPE.ping);
      expect(client.response(stream).body.length).toBe(61);
      client.send(windowUpdate(stream, 1_000));
      expect((await client.untilEnded(stream)).body.length).toBe(100);
    });

    test("shares the connection's window among streams, a frame of each in turn", async () => {
      using server = new HttpServer({ http2: { ...SMALL_SERVER.http2, sendBufferBytes: 1_000_000 } }, transport);
      server.respond = (received) => received.answer("x".repeat(100_000));
      using client = await server.connectHttp2([[INITIAL_WINDOW, 1_000_000]]);
      const streams = [client.request(), client.request(), client.request()];
      await client.until(
        "65,535 bytes",
        () => streams.reduce((sum, each) => sum + client.response(each).body.length, 0) === 65_535,
      );
      expect(streams.map((each) => client.response(each).body.length)).toEqual([65_535, 0, 0]);
      client.send(windowUpdate(0, 3 * 16_384));
      await client.until("three frames", () =>
        streams.every((each) => client.response(each).frameBytes.includes(16_384)),
      );
      client.send(windowUpdate(0, 1_000_000));
      for (const each of streams) expect((await client.untilEnded(each)).body).toBe("x".repeat(100_000));
      expect(Math.max(...streams.flatMap((each) => client.response(each).frameBytes))).toBe(16_384);
    });

    test("holds further requests back while their client takes no answers", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer("x".repeat(50_000));
      using client = await server.connectHttp2([[INITIAL_WINDOW, 0]]);
      const streams = Array.from({ length: 6 }, (_, index) =>
        client.request(`/${index}`, index % 2 === 0 ? "GET" : "POST", index % 2 === 0 ? "" : "body"),
      );
      client.send(ping("all read"));
      await client.untilFrame("the pong", ({ type }) => type === FRAME_TYPE.ping);
      // Two answers are more than `sendBufferBytes`; the others are not asked for.
      expect(server.requests.filter(({ isComplete }) => isComplete).length).toBe(2);
      client.send(windowUpdate(0, 10_000_000), reset(streams[5]!));
      client.send(...streams.slice(0, 5).map((each) => windowUpdate(each, 100_000)));
      for (const each of streams.slice(0, 5)) expect((await client.untilEnded(each)).body.length).toBe(50_000);
      expect(server.requests.map(({ target }) => target)).toEqual(["/0", "/1", "/2", "/3", "/4", "/5"]);
      expect(server.requests[5]).toMatchObject({ isComplete: false, isAbandoned: true });
    });

    test("answers HEAD, 204 and 304 without content, and 1xx before the answer", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const streams = [client.request("/", "HEAD"), client.request(), client.request(), client.request()];
      await until("the requests", () => server.requests.length === 4);
      const [head, empty, unchanged, hinted] = server.requests;
      head!.answer("hello");
      empty!.answer("", 204);
      unchanged!.answer("", 304);
      hinted!.exchange.interim({ status: 103, fields: buildFieldBlock([["Link", "</a>"]]) });
      hinted!.answer("ok");
      const responses = await Promise.all(streams.map((each) => client.untilEnded(each)));
      expect(responses.map(({ status, body, frameBytes }) => [status, body, frameBytes.length])).toEqual([
        [200, "", 0],
        [204, "", 0],
        [304, "", 0],
        [200, "ok", 1],
      ]);
      expect(responses[0]!.fields).toContainEqual(["content-length", "5"]);
      expect(responses[3]!.interims).toEqual([103]);
    });

    test("asks for a body that its client wants to be asked for", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer(received.body);
      using client = await server.connectHttp2();
      const stream = client.request("/", "POST", null, [["expect", "100-continue"]]);
      await client.until("100 Continue", () => client.response(stream).interims.includes(100));
      client.send(content(stream, "asked for", true));
      expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "asked for", interims: [100] });
    });

    test("refuses a body that is announced too large before the app gets it, and one that becomes it", async () => {
      using server = new HttpServer({ bodyBytesMax: 10 }, transport);
      using client = await server.connectHttp2();
      const announced = client.request("/", "POST", null, [
        ["content-length", "11"],
        ["expect", "100-continue"],
      ]);
      expect(await client.untilEnded(announced)).toMatchObject({ status: 413, interims: [] });
      expect(server.requests).toMatchObject([{ isComplete: false }]);
      const grown = client.request("/", "POST", "12345678901");
      expect(await client.untilEnded(grown)).toMatchObject({ status: 413 });
      server.clock.advance(110);
      await client.until("the wish for no more", () => client.response(announced).resetBy === ERROR_CODE.noError);
      expect(server.requests[1]).toMatchObject({ isComplete: false, isAbandoned: true });
      server.respond = (received) => received.answer("ok");
      expect(await client.untilEnded(client.request("/", "POST", "1234567890"))).toMatchObject({ status: 200 });
    });

    test("answers before a body is there, and asks for no more of it", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const stream = client.request("/", "POST", null);
      client.send(content(stream, "some"));
      await until("the request", () => server.requests.length === 1);
      server.requests[0]!.answer("early");
      expect(await client.untilEnded(stream)).toMatchObject({ status: 200, body: "early", isEnded: true });
      client.send(content(stream, "more"), content(stream, "end", true), ping("are here"));
      await client.untilFrame("the pong", ({ type }) => type === FRAME_TYPE.ping);
      expect(client.response(stream).resetBy).toBeNull(); // It would hide the answer from clients that read both at once.
      server.clock.advance(110);
      await client.until("the wish for no more", () => client.response(stream).resetBy === ERROR_CODE.noError);
      expect(server.requests[0]!.isComplete).toBe(false);
      expect(client.goaways).toEqual([]);
    });

    test("tells the app of a reset, and lets its late answer fall", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const stream = client.request();
      await until("the request", () => server.requests.length === 1);
      client.send(reset(stream));
      await until("the app to know", () => server.requests[0]!.isAbandoned);
      server.requests[0]!.answer("too late");
      server.respond = (received) => received.answer("ok");
      await client.untilEnded(client.request());
      expect(client.response(stream)).toMatchObject({ status: 0, body: "" });
      expect(server.listener.counters.abandoned).toBe(1);
    });

    test("tells the app when the client is gone", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      client.request();
      client.request("/", "POST", null);
      await until("the requests", () => server.requests.length === 2);
      client.raw.reset();
      await until("the app to know", () => server.requests.every(({ isAbandoned }) => isAbandoned));
      await until("no connection", () => server.listener.connectionCount === 0);
    });

    test("answers a client that has closed its sending side, as far as its requests are whole and the app wants to", async () => {
      using server = new HttpServer({}, transport);
      using client = await server.connectHttp2();
      const streams = [client.request(), client.request("/drop"), client.request("/", "POST", null)];
      await until("the requests", () => server.requests.length === 3);
      server.requests[1]!.onEnd = "drop";
      client.raw.shutDown();
      await until("the others to be dropped", () => server.requests[1]!.isAbandoned && server.requests[2]!.isAbandoned);
      server.requests[0]!.answer("ok");
      expect((await client.untilEnded(streams[0]!)).body).toBe("ok");
      await client.untilClosed();
    });

    test("refuses streams above the limit so that they may be tried again", async () => {
      using server = new HttpServer({ http2: { ...SMALL_SERVER.http2, concurrentStreamCountMax: 2 } }, transport);
      using client = await server.connectHttp2();
      const streams = [client.request(), client.request(), client.request()];
      expect(await client.untilEnded(streams[2]!)).toMatchObject({ resetBy: ERROR_CODE.refusedStream });
      server.requests[0]!.answer("ok");
      await client.untilEnded(streams[0]!);
      const next = client.request("/next");
      await until("the next request", () => server.requests.length === 3);
      server.requests[2]!.answer("ok");
      expect(await client.untilEnded(next)).toMatchObject({ status: 200 });
    });

    test("ignores what it does not know, and a client that takes leave", async () => {
      using server = new HttpServer({}, transport);
      server.respond = (received) => received.answer("ok");
      using client = await server.connectHttp2();
      client.send(frame(0xfa, 0xff, 7, Buffer.from("unknown")), goaway(0));
      expect(await client.untilEnded(client.request())).toMatchObject({ body: "ok" });
    });
  });
});
