import { expect } from "bun:test";

import { until } from "../../support/until.ts";
import { type Behaviour, describeBehaviours, untilEnd, untilRequest } from "./behaviour-scene.ts";

const HEADS: readonly Behaviour[] = [
  {
    title: "reaches the app with its method, target, authority, scheme and fields, octet for octet",
    run: async ({ server, peer, variant }) => {
      const fields = [
        ["X-Latin", "caf\u00e9"],
        ["Cookie", "a=1; b=2"],
      ] as const;
      await peer.ask({ method: "REPORT", target: "/a%2Fb//c?x=%zz&y=a?b", fields });
      const { method, target, authority, exchange, fields: received } = await untilRequest(server);
      expect([method, target, authority]).toEqual(["REPORT", "/a%2Fb//c?x=%zz&y=a?b", peer.authority]);
      expect([exchange.scheme, exchange.httpMajor]).toEqual([variant.scheme, variant.httpMajor]);
      expect(exchange.remoteAddress.toString()).toMatch(/^127\.0\.0\.1:\d+$/);
      const byName = new Map(received.map(([name, value]) => [name.toLowerCase(), value]));
      expect([byName.get("x-latin"), byName.get("cookie")]).toEqual(["caf\u00e9", "a=1; b=2"]);
    },
  },
  {
    title: "keeps its target as it came, dots and all, where the version shows it",
    run: async ({ server, peer, loses }) => {
      await peer.ask({ target: "/a/../b/./%2e%2e/c" });
      expect((await untilRequest(server)).target).toBe(loses("raw targets") ? "/c" : "/a/../b/./%2e%2e/c");
    },
  },
  {
    title: "gets its own answer among forty at once",
    run: async ({ server, peer }) => {
      const exchanges = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          peer.ask({ target: `/${index}`, method: "POST", content: `${index}` }),
        ),
      );
      await until("all requests", () => server.requests.filter(({ isComplete }) => isComplete).length === 40);
      for (const request of server.requests.toReversed()) request.answer(`${request.target} ${request.body}`);
      const answers = await Promise.all(exchanges.map(untilEnd));
      expect(answers.map(({ body }) => body)).toEqual(answers.map((_, index) => `/${index} ${index}`));
    },
  },
];

const REFUSED = (
  [
    ["whose target is too long", { target: `/${"a".repeat(9_000)}` }, 414],
    ["with a field too long", { fields: [["X-Long", "a".repeat(9_000)]] }, 431],
    ["with too many fields", { fields: Array.from({ length: 120 }, (_, index) => [`x-${index}`, "1"] as const) }, 431],
    ["whose expectation is unknown", { fields: [["Expect", "wonders"]] }, 417],
    ["that announces more content than is allowed", { method: "PUT", content: "x".repeat(100_001) }, 413],
  ] as const
).map(([title, request, status]): Behaviour => ({
  title: `${title} is refused with ${status}, and the next one is served`,
  run: async ({ server, peer }) => {
    const exchange = await peer.ask(request);
    const { status: refused, body } = await untilEnd(exchange);
    expect([refused, body.split(" ")[0]]).toEqual([status, String(status)]);
    expect(server.requests.filter(({ isComplete }) => isComplete)).toEqual([]);
    server.respond = (received) => received.answer("served");
    expect((await untilEnd(await peer.ask())).body).toBe("served");
    expect(server.listener.counters.protocolErrors).toBe(1);
  },
}));

const CONTENT: readonly Behaviour[] = [
  ...[0, 1, 900, 90_000].map((byteCount): Behaviour => ({
    title: `brings ${byteCount} bytes of announced content, whole`,
    run: async ({ server, peer }) => {
      const content = "0123456789".repeat(byteCount / 10 + 1).slice(0, byteCount);
      await peer.ask({ method: "POST", content });
      expect((await untilRequest(server)).body).toBe(content);
    },
  })),
  {
    title: "brings content whose length it does not announce, up to the limit",
    config: { bodyBytesMax: 6 },
    run: async ({ server, peer }) => {
      const within = await peer.ask({ method: "POST", content: { inParts: true } });
      within.send("abc");
      within.send("def");
      within.end();
      const request = await untilRequest(server);
      expect(request.body).toBe("abcdef");
      request.answer("ok");
      const beyond = await peer.ask({ method: "POST", content: { inParts: true } });
      beyond.send("abcdefg");
      expect((await untilEnd(beyond)).status).toBe(413);
    },
  },
  {
    title: "brings content that is handed on while it arrives, as far as its reader grants, and its trailers",
    run: async ({ server, peer, loses }) => {
      server.bodyIntake = "parts";
      const exchange = await peer.ask({ method: "POST", content: { inParts: true } });
      exchange.send("abc");
      const request = await untilRequest(server);
      request.stream!.open(request, 2);
      await until("what was granted", () => request.body === "ab");
      exchange.send("def");
      exchange.end([["x-sum", "1"]]);
      request.stream!.grant(100);
      await until("the end", () => request.bodyEnd === "complete");
      expect(request.body).toBe("abcdef");
      expect(request.trailers.map((line) => line.toLowerCase())).toEqual(loses("trailers") ? [] : ["x-sum: 1"]);
      request.answer("done");
      expect((await untilEnd(exchange)).body).toBe("done");
    },
  },
  {
    title: "may be answered before its content is complete",
    run: async ({ server, peer }) => {
      server.bodyIntake = "parts";
      const exchange = await peer.ask({ method: "POST", content: { inParts: true } });
      exchange.send("abc");
      (await untilRequest(server)).answer("no", 403);
      const { status, body } = await until("the answer", () => exchange.answer.body !== "" && exchange.answer);
      expect([status, body]).toEqual([403, "no"]);
    },
  },
  {
    title: "whose content takes too long is refused with 408",
    run: async ({ server, peer }) => {
      const exchange = await peer.ask({ method: "POST", content: { inParts: true } });
      exchange.send("a");
      await until("the request", () => server.requests.length === 1);
      server.clock.advance(61_000);
      const { status } = await until("the answer", () => exchange.answer.status > 0 && exchange.answer);
      expect([status, server.listener.counters.timedOut]).toEqual([408, 1]);
      expect(server.requests[0]!.isAbandoned).toBe(true);
    },
  },
];

describeBehaviours("A request", [...HEADS, ...REFUSED, ...CONTENT]);
