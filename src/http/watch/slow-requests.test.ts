import { describe, expect, test } from "bun:test";

import { SLOW_REQUEST_COUNT_MAX, type SlowRequest, SlowRequests } from "./slow-requests.ts";

const MINUTE_MS = 60_000;

function request(latencyMs: number, path = "/"): SlowRequest {
  const rest = { arrivedMs: 0, app: "shop", outcome: "answered", queueMs: 0, workMs: 1, durationMs: 9_000 } as const;
  return { ...rest, method: "GET", path, status: 200, latencyMs };
}

function offer(slow: SlowRequests, latencyMs: number, nowMs: number): void {
  if (slow.wants(latencyMs, nowMs)) slow.add(request(latencyMs));
}

describe("SlowRequests", () => {
  test("keeps the slowest, slowest first, and asks for no other", () => {
    const slow = new SlowRequests();
    for (let duration = 1; duration <= 100; duration++) offer(slow, duration, 0);
    expect(slow.list(0).map(({ latencyMs }) => latencyMs)).toEqual(
      Array.from({ length: SLOW_REQUEST_COUNT_MAX }, (_, index) => 100 - index),
    );
    expect([slow.wants(81, 0), slow.wants(81.5, 0)]).toEqual([false, true]);
  });

  test("forgets what was slow long ago", () => {
    const slow = new SlowRequests();
    offer(slow, 1_000, 0);
    offer(slow, 10, 6 * MINUTE_MS);
    expect(slow.list(6 * MINUTE_MS).map(({ latencyMs }) => latencyMs)).toEqual([1_000, 10]);
    expect(slow.list(11 * MINUTE_MS).map(({ latencyMs }) => latencyMs)).toEqual([10]);
    expect(slow.list(60 * MINUTE_MS)).toEqual([]);
  });

  test("cuts a path that is long", () => {
    const slow = new SlowRequests();
    slow.wants(1, 0);
    slow.add(request(1, "a".repeat(300)));
    expect(slow.list(0)[0]?.path).toBe(`${"a".repeat(200)}…`);
  });
});
