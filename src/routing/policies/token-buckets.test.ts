import { describe, expect, test } from "bun:test";
import { openExchange } from "../../../test/support/routed-exchange.ts";
import { MatchedRoute } from "../../http/matched-route.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import { clientOf, rateLimit } from "./rate-limit.ts";
import { TokenBuckets } from "./token-buckets.ts";

describe("TokenBuckets", () => {
  test("lets a burst through, then one for each interval", () => {
    const buckets = new TokenBuckets({ requestCount: 10, periodMs: 1_000, burstCount: 3 });
    const at = (nowMs: number) => buckets.take("a", nowMs);
    expect([at(0), at(0), at(0)].map(({ isAllowed, remainingCount }) => [isAllowed, remainingCount])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
    ]);
    expect(at(0)).toEqual({ isAllowed: false, remainingCount: 0, fullInMs: 300, retryInMs: 100 });
    expect(at(99).isAllowed).toBe(false);
    expect(at(100).isAllowed).toBe(true);
    expect(at(100).isAllowed).toBe(false);
    expect(at(5_000)).toMatchObject({ isAllowed: true, remainingCount: 2, fullInMs: 100 });
  });

  test("keeps clients apart", () => {
    const buckets = new TokenBuckets({ requestCount: 1, periodMs: 1_000, burstCount: 1 });
    expect(
      [buckets.take("a", 0), buckets.take("a", 0), buckets.take("b", 0)].map(({ isAllowed }) => isAllowed),
    ).toEqual([true, false, true]);
  });

  test("is exact over many fractions of a millisecond", () => {
    const buckets = new TokenBuckets({ requestCount: 7, periodMs: 100, burstCount: 7 });
    for (let step = 0; step < 10_000; step++) expect(buckets.take("a", (step * 100) / 7).isAllowed).toBe(true);
  });

  test("remembers so many clients and no more, those that asked last", () => {
    const buckets = new TokenBuckets({ requestCount: 1, periodMs: 1_000, burstCount: 1 }, 3);
    for (const client of ["a", "b", "c"]) buckets.take(client, 0);
    buckets.take("d", 1);
    expect(buckets.count).toBe(3);
    expect(buckets.take("c", 2).isAllowed).toBe(false);
    expect(buckets.take("a", 2).isAllowed).toBe(true);
  });
});

describe("clientOf", () => {
  test.each([
    ["192.0.2.1:80", "192.0.2.1"],
    ["[2001:db8:1:2::1]:80", clientOf(Buffer.from("[2001:db8:1:2:ffff::9]:81"))],
    ["[::ffff:192.0.2.1]:80", clientOf(Buffer.from("[::ffff:192.0.2.1]:81"))],
  ])("takes %s for %s", (address, client) => {
    expect(clientOf(Buffer.from(address))).toBe(client);
  });

  test("tells networks and addresses apart", () => {
    const clients = [
      "[2001:db8:1:2::1]:1",
      "[2001:db8:1:3::1]:1",
      "[::ffff:192.0.2.1]:1",
      "[::ffff:192.0.2.2]:1",
      "192.0.2.3:1",
    ];
    expect(new Set(clients.map((client) => clientOf(Buffer.from(client)))).size).toBe(5);
  });
});

describe("rateLimit", () => {
  test("says what is left, and refuses with the time to wait", () => {
    let nowMs = 1_000;
    const policy = rateLimit({ requestCount: 2, periodMs: 10_000, burstCount: 2 }, () => nowMs);
    const match = new MatchedRoute({ name: "r", path: "/*", parameterNames: [] }, []);
    const ask = () => {
      const { exchange, writer } = openExchange("GET a/");
      exchange.handler = policy(exchange, match, () => new ImmediateHandler(exchange, () => exchange.refuse(404)));
      exchange.complete(null);
      return writer.answer;
    };
    expect(ask()).toBe("refused 404 RateLimit-Limit: 2, RateLimit-Remaining: 1, RateLimit-Reset: 5");
    expect(ask()).toBe("refused 404 RateLimit-Limit: 2, RateLimit-Remaining: 0, RateLimit-Reset: 10");
    expect(ask()).toBe("refused 429 retry 5 RateLimit-Limit: 2, RateLimit-Remaining: 0, RateLimit-Reset: 10");
    nowMs += 5_000;
    expect(ask()).toStartWith("refused 404");
  });
});
