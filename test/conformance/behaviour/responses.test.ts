import { expect } from "bun:test";

import { fieldBlockOf } from "../../../src/protocols/http/field-list.ts";
import { until } from "../../support/until.ts";
import {
  begin,
  type Behaviour,
  describeBehaviours,
  untilBody,
  untilEnd,
  untilRequest,
  write,
} from "./behaviour-scene.ts";

const MIB = 1024 * 1024;

/** Two that may be sent, and two that may not. */
const TRAILERS = fieldBlockOf([
  ["X-Sum", "1"],
  ["Content-Length", "9"],
  ["X-Sum", "2"],
  ["Set-Cookie", "a=b"],
]);

const WHOLE: readonly Behaviour[] = [
  {
    title:
      "carries the app's status and fields, its own length and a date, and nothing of the app's about the connection",
    run: async ({ server, peer }) => {
      const fields = {
        "X-App": "caf\u00e9",
        Connection: "X-Hop",
        "X-Hop": "1",
        "Keep-Alive": "timeout=5",
        "Transfer-Encoding": "chunked",
        "Content-Length": "99",
      };
      server.respond = (request) => request.answer("hello", 201, fields);
      const { status, body, fields: got, end } = await untilEnd(await peer.ask());
      expect([status, body, end]).toEqual([201, "hello", "complete"]);
      const names = ["x-app", "content-length", "x-hop", "keep-alive", "transfer-encoding", "content-type"];
      expect(names.map((name) => got.get(name))).toEqual([
        ["caf\u00e9"],
        ["5"],
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(Date.parse(got.get("date")?.[0] ?? "")).toBeGreaterThan(0);
    },
  },
  {
    title: "keeps several cookies apart",
    run: async ({ server, peer }) => {
      const fields = fieldBlockOf([
        ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 2032 00:00:00 GMT"],
        ["Set-Cookie", "b=2"],
      ]);
      server.respond = ({ exchange }) =>
        exchange.respond({ status: 200, fields, bodyBytes: Buffer.alloc(0), bodyStart: 0, bodyEnd: 0 });
      const { fields: got } = await untilEnd(await peer.ask());
      expect(got.get("set-cookie")).toEqual(["a=1; Expires=Thu, 01 Jan 2032 00:00:00 GMT", "b=2"]);
    },
  },
  {
    title: "to HEAD has the length of the content, and none of it",
    run: async ({ server, peer }) => {
      server.respond = (request) => request.answer("hello");
      const { fields, body, end } = await untilEnd(await peer.ask({ method: "HEAD" }));
      expect([fields.get("content-length"), body, end]).toEqual([["5"], "", "complete"]);
    },
  },
  ...[204, 304].map((status): Behaviour => ({
    title: `with ${status} has no content, whatever the app says`,
    run: async ({ server, peer }) => {
      server.respond = (request) => request.answer("some", status, { ETag: '"1"' });
      const answer = await untilEnd(await peer.ask());
      expect([answer.status, answer.body, answer.end, answer.fields.get("etag")]).toEqual([
        status,
        "",
        "complete",
        ['"1"'],
      ]);
    },
  })),
  {
    title: "of several megabytes arrives whole",
    run: async ({ server, peer }) => {
      const text = "0123456789abcdef".repeat(MIB / 4);
      server.respond = (request) => request.answer(text);
      expect((await untilEnd(await peer.ask())).body === text).toBe(true);
    },
  },
  {
    title: "of the engine's own names the error, and when to come again",
    run: async ({ server, peer }) => {
      server.respond = ({ exchange }) => exchange.refuse(503, { retryAfterS: 7, errorId: "abc" });
      const { status, fields, body } = await untilEnd(await peer.ask());
      expect([status, fields.get("retry-after"), fields.get("content-type")]).toEqual([503, ["7"], ["text/plain"]]);
      expect(body).toBe("503 Service Unavailable\nError id: abc\n");
    },
  },
  {
    title: "comes behind its early hints, where the version has any",
    run: async ({ server, peer, loses }) => {
      server.respond = (request) => {
        request.exchange.interim({ status: 103, fields: fieldBlockOf([["Link", "</a.css>; rel=preload"]]) });
        request.answer("done");
      };
      const { interims, body } = await untilEnd(await peer.ask());
      expect([interims, body]).toEqual([loses("interim responses") ? [] : [103], "done"]);
    },
  },
];

const PARTS: readonly Behaviour[] = [
  {
    title: "in parts leaves part by part, each of them taken as the client reads",
    run: async ({ server, peer }) => {
      const taken: number[] = [];
      const exchange = await peer.ask();
      const body = begin(await untilRequest(server), [], taken);
      write(body, "one");
      await untilBody(exchange, "one");
      write(body, "three");
      await untilBody(exchange, "onethree");
      body!.end();
      expect((await untilEnd(exchange)).end).toBe("complete");
      expect(taken).toEqual([3, 5]);
    },
  },
  {
    title:
      "in parts is followed by the trailers that may be sent, and its head names them, for a client that keeps them",
    run: async ({ server, peer, loses }) => {
      const exchange = await peer.ask({ fields: [["TE", "trailers"]] });
      const body = begin(await untilRequest(server), [
        ["Trailer", "X-Sum"],
        ["Content-Length", "3"],
      ]);
      write(body, "one");
      body!.end(TRAILERS);
      const { fields, body: got, trailers, end } = await untilEnd(exchange);
      expect([got, end]).toEqual(["one", "complete"]);
      if (loses("trailers")) {
        expect([fields.get("trailer"), trailers]).toEqual([undefined, []]);
        return;
      }
      expect([fields.get("trailer"), trailers]).toEqual([["X-Sum"], ["x-sum: 1", "x-sum: 2"]]);
      expect(fields.get("content-length")).toBeUndefined();
    },
  },
  {
    title: "in parts has no trailers for a client that does not keep them, and none where it has no content",
    run: async ({ server, peer }) => {
      const exchange = await peer.ask();
      begin(await untilRequest(server), [["Trailer", "X-Sum"]])!.end(TRAILERS);
      const { fields, trailers, end } = await untilEnd(exchange);
      expect([fields.get("trailer"), trailers, end]).toEqual([undefined, [], "complete"]);
      const head = await peer.ask({ method: "HEAD", fields: [["TE", "trailers"]] });
      expect(begin(await untilRequest(server, 2))).toBeNull();
      expect(await untilEnd(head)).toMatchObject({ trailers: [], end: "complete" });
    },
  },
  {
    title: "in parts keeps to the length that the app has announced",
    run: async ({ server, peer, loses }) => {
      const exchange = await peer.ask();
      const body = begin(await untilRequest(server), [["Content-Length", "6"]]);
      write(body, "one");
      await untilBody(exchange, "one");
      write(body, "two");
      body!.end();
      const { fields, body: got, end } = await untilEnd(exchange);
      expect([fields.get("content-length"), got, end]).toEqual([
        loses("lengths of streams") ? undefined : ["6"],
        "onetwo",
        "complete",
      ]);
    },
  },
  ...(
    [
      ["shorter than announced", "7", (body) => body!.end()],
      ["longer than announced", "4", (body) => write(body, "two")],
      ["given up by the app", null, (body) => body!.abort()],
    ] as const satisfies readonly (readonly [string, string | null, (body: ReturnType<typeof begin>) => unknown])[]
  ).map(([what, length, finish]): Behaviour => ({
    title: `in parts that is ${what} never has a clean end`,
    run: async ({ server, peer, loses }) => {
      const exchange = await peer.ask();
      const body = begin(await untilRequest(server), length === null ? [] : [["Content-Length", length]]);
      write(body, "one");
      await untilBody(exchange, "one");
      finish(body);
      server.respond = (request) => request.answer("next");
      if (loses("visible cuts")) {
        expect((await untilEnd(await peer.ask())).body).toBe("next");
        expect(exchange.answer.end).toBe("awaited");
      } else {
        expect(await untilEnd(exchange)).toMatchObject({ body: "one", end: "cut" });
        expect((await untilEnd(await peer.ask())).body).toBe("next");
      }
    },
  })),
  {
    title: "in parts to HEAD is its head alone",
    run: async ({ server, peer }) => {
      const exchange = await peer.ask({ method: "HEAD" });
      expect(begin(await untilRequest(server))).toBeNull();
      expect(await untilEnd(exchange)).toMatchObject({ status: 200, body: "", end: "complete" });
    },
  },
  {
    title: "to a client that stops reading takes bounded memory, and ends after write_timeout",
    run: async ({ server, peer }) => {
      const taken: number[] = [];
      const exchange = await peer.ask();
      const request = await untilRequest(server);
      const body = begin(request, [], taken);
      exchange.pause();
      const part = Buffer.alloc(256 * 1024);
      let written = 0;
      let takenBytes = 0;
      await until("a full way", () => {
        const before = takenBytes;
        takenBytes = taken.reduce((sum, count) => sum + count, 0);
        if (takenBytes < written) return written > 64 * MIB || takenBytes === before;
        body!.write(part, 0, part.length);
        written += part.length;
        return false;
      });
      expect(written).toBeLessThan(32 * MIB);
      await until("the cut", () => {
        server.clock.advance(61_000);
        return request.isAbandoned;
      });
      expect(server.listener.counters.timedOut).toBe(1);
    },
  },
];

describeBehaviours("An answer", [...WHOLE, ...PARTS]);
