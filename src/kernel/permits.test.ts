import { describe, expect, spyOn, test } from "bun:test";

import { seededRandom } from "../../test/support/seeded-random.ts";
import { BytePermits, type PermitRequest } from "./permits.ts";

/** Asks for permits and writes down when they come. */
function ask(permits: BytePermits, bytes: number, granted: number[]): PermitRequest {
  return permits.acquire(bytes, { onPermits: (request) => void granted.push(request.bytes) });
}

function watched(options: { highWaterBytes?: number; lowWaterBytes?: number } = {}): {
  permits: BytePermits;
  crossings: string[];
} {
  const crossings: string[] = [];
  const watcher = { onHighWater: () => void crossings.push("high"), onLowWater: () => void crossings.push("low") };
  return { permits: new BytePermits({ bytesMax: 100, watcher, ...options }), crossings };
}

describe("BytePermits", () => {
  test("gives out as many bytes as there are and none more", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    expect(permits.tryAcquire(60)).toBe(true);
    expect(permits.tryAcquire(41)).toBe(false);
    expect(permits.tryAcquire(40)).toBe(true);
    expect(permits.usedBytes).toBe(100);
    expect(permits.tryAcquire(1)).toBe(false);
    permits.release(1);
    expect(permits.tryAcquire(1)).toBe(true);
  });

  test("grants a wish at once when it fits", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    expect(ask(permits, 100, granted).isGranted).toBe(true);
    expect(granted).toEqual([100]);
    expect(permits.waitingCount).toBe(0);
  });

  test("a release wakes those that fit now, in their order, and no other", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    permits.tryAcquire(100);
    for (const bytes of [10, 20, 60, 5]) ask(permits, bytes, granted);
    permits.release(9);
    expect(granted).toEqual([]);
    permits.release(1);
    expect(granted).toEqual([10]);
    permits.release(50);
    expect(granted).toEqual([10, 20]);
    expect(permits.waitingCount).toBe(2);
    permits.release(40);
    expect(granted).toEqual([10, 20, 60, 5]);
  });

  test("lets nobody overtake a large wish", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    permits.tryAcquire(50);
    ask(permits, 80, granted);
    expect(permits.tryAcquire(1)).toBe(false);
    ask(permits, 1, granted);
    expect(granted).toEqual([]);
    permits.release(50);
    expect(granted).toEqual([80, 1]);
  });

  test("a wish larger than the pool is granted when nothing else is out, and keeps the others waiting", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    permits.tryAcquire(1);
    ask(permits, 250, granted);
    ask(permits, 1, granted);
    expect(granted).toEqual([]);
    permits.release(1);
    expect(granted).toEqual([250]);
    permits.release(150);
    expect(granted).toEqual([250]);
    permits.release(1);
    expect(granted).toEqual([250, 1]);
    expect(new BytePermits({ bytesMax: 100 }).tryAcquire(101)).toBe(true);
  });

  test("a cancelled wish is never granted, and those behind it are", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    permits.tryAcquire(50);
    const large = ask(permits, 80, granted);
    ask(permits, 30, granted);
    large[Symbol.dispose]();
    expect(granted).toEqual([30]);
    permits.release(50);
    expect(granted).toEqual([30]);
    expect(large.isGranted).toBe(false);
  });

  test("a granted wish gives its permits back when it is disposed of, once", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    {
      using _request = ask(permits, 70, granted);
      expect(permits.usedBytes).toBe(70);
    }
    expect(permits.usedBytes).toBe(0);
    const request = ask(permits, 70, granted);
    request[Symbol.dispose]();
    request[Symbol.dispose]();
    expect(permits.usedBytes).toBe(0);
  });

  test("tells the source to stop at high water and to go on at low water, once each time", () => {
    const { permits, crossings } = watched({ highWaterBytes: 80, lowWaterBytes: 20 });
    permits.take(79);
    expect(crossings).toEqual([]);
    permits.take(1);
    permits.take(100);
    expect(crossings).toEqual(["high"]);
    expect(permits.usedBytes).toBe(180);
    permits.release(159);
    expect(crossings).toEqual(["high"]);
    expect(permits.isAboveHighWater).toBe(true);
    permits.release(1);
    expect(crossings).toEqual(["high", "low"]);
    permits.release(20);
    permits.tryAcquire(100);
    expect(crossings).toEqual(["high", "low", "high"]);
  });

  test("does not call low what its waiters have filled again", () => {
    const { permits, crossings } = watched();
    permits.tryAcquire(100);
    permits.acquire(90, { onPermits() {} });
    permits.release(100);
    expect(crossings).toEqual(["high"]);
    permits.release(40);
    expect(crossings).toEqual(["high", "low"]);
  });

  test("serves a thousand waiters that release at once without a thousand frames of stack", () => {
    const permits = new BytePermits({ bytesMax: 1 });
    permits.tryAcquire(1);
    let grantedCount = 0;
    const waiter = {
      onPermits: (request: PermitRequest) => {
        grantedCount++;
        if (grantedCount < 100_000) permits.acquire(1, waiter);
        request[Symbol.dispose]();
      },
    };
    permits.acquire(1, waiter);
    permits.release(1);
    expect(grantedCount).toBe(100_000);
    expect(permits.usedBytes).toBe(0);
  });

  test("goes on with the others when a waiter throws", () => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const permits = new BytePermits({ bytesMax: 100 });
    const granted: number[] = [];
    permits.tryAcquire(100);
    permits.acquire(10, {
      onPermits() {
        throw new Error("broken");
      },
    });
    ask(permits, 10, granted);
    permits.release(100);
    expect(granted).toEqual([10]);
    expect(reported).toHaveBeenCalledTimes(1);
    reported.mockRestore();
  });

  test("takes back no more than it gave", () => {
    const permits = new BytePermits({ bytesMax: 100 });
    permits.tryAcquire(10);
    expect(() => permits.release(11)).toThrow("no more permits are returned than are out");
    expect(permits.usedBytes).toBe(10);
  });

  test.each([{ bytesMax: 0 }, { bytesMax: 10, lowWaterBytes: 10 }])("has no sense with %j", (options) => {
    expect(() => new BytePermits(options)).toThrow("invariant broken");
  });

  test.each([1, 2, 3])("keeps its bound and its order under any sequence of operations (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const permits = new BytePermits({ bytesMax: 1_000 });
    const waiting: PermitRequest[] = [];
    const held: (() => number)[] = [];
    const waiter = {
      onPermits: (request: PermitRequest) => {
        if (waiting.length > 0) expect(waiting.shift()).toBe(request);
        held.push(() => {
          request[Symbol.dispose]();
          return request.bytes;
        });
      },
    };
    for (let step = 0; step < 5_000; step++) {
      const bytes = 1 + random.below([10, 400, 1_500][random.below(3)]!);
      const choice = random.below(6);
      if (choice === 0) {
        if (permits.tryAcquire(bytes)) {
          expect(waiting).toEqual([]);
          held.push(() => {
            permits.release(bytes);
            return bytes;
          });
        }
      } else if (choice === 1) {
        const isFirst = waiting.length === 0;
        const request = permits.acquire(bytes, waiter);
        if (!request.isGranted) waiting.push(request);
        else expect(isFirst).toBe(true);
      } else if (choice === 2 && waiting.length > 0) {
        const [request] = waiting.splice(random.below(waiting.length), 1);
        request![Symbol.dispose]();
      } else if (held.length > 0) {
        held.splice(random.below(held.length), 1)[0]!();
      }
      expect(permits.waitingCount).toBe(waiting.length);
      expect(permits.usedBytes <= 1_000 || held.length === 1).toBe(true);
      if (waiting.length > 0 && held.length > 0) expect(permits.usedBytes + waiting[0]!.bytes).toBeGreaterThan(1_000);
    }
    while (held.length > 0) held.pop()!();
    expect(permits.waitingCount).toBe(0);
    expect(permits.usedBytes).toBe(0);
  });
});
