import { describe, expect, test } from "bun:test";
import { TestCall } from "../../../test/support/worker-calls.ts";
import { InFlight } from "./in-flight.ts";

const READ = { error: null, unsentBytes: 0, isUnread: false };
const UNREAD = { error: null, unsentBytes: 0, isUnread: true };

function written(calls: readonly TestCall[]): InFlight {
  const inFlight = new InFlight(1);
  for (const call of calls) inFlight.push(call, 0);
  return inFlight;
}

const get = (): TestCall => new TestCall("/");
const post = (): TestCall => new TestCall("/", { method: "POST" });

describe("InFlight", () => {
  test("numbers calls from 1 and gives them back in order", () => {
    const calls = [get(), get(), get()];
    const inFlight = new InFlight(1);
    expect(calls.map((call) => inFlight.push(call, 5))).toEqual([1, 2, 3]);
    expect(calls.map((call) => call.state)).toEqual(["running", "running", "running"]);
    expect(inFlight.shift(1, 10)).toBe(calls[0]!);
    expect(inFlight.shift(2, 11)).toBe(calls[1]!);
    expect(inFlight.push(get(), 12)).toBe(4);
    expect(inFlight.count).toBe(2);
    expect(inFlight.sentCount).toBe(4);
  });

  test("knows since when the oldest has been running", () => {
    const inFlight = new InFlight(1);
    expect(inFlight.headSinceMs).toBe(Infinity);
    inFlight.push(get(), 5);
    inFlight.push(get(), 6);
    expect(inFlight.headSinceMs).toBe(5);
    inFlight.shift(1, 9);
    expect(inFlight.headSinceMs).toBe(9);
    inFlight.shift(2, 10);
    expect(inFlight.headSinceMs).toBe(Infinity);
  });

  test.each([0, 2, 3, 99])("refuses answer %p while request 1 runs, and keeps what it has", (id) => {
    const inFlight = written([get(), get()]);
    expect(() => inFlight.shift(id, 0)).toThrow(`it answers request ${id} while it runs request 1`);
    expect(inFlight.count).toBe(2);
  });

  test("refuses any answer while nothing runs", () => {
    expect(() => new InFlight(4).shift(1, 0)).toThrow("response of worker 4: it answers request 1 while it runs none");
    const inFlight = written([get()]);
    inFlight.shift(1, 0);
    expect(() => inFlight.shift(1, 0)).toThrow("while it runs none");
  });

  describe("of a lost worker", () => {
    test("has run the oldest and not begun the others", () => {
      const calls = [get(), post(), get()];
      expect(written(calls).takeAll(READ)).toEqual({ running: calls[0]!, notBegun: calls.slice(1) });
      expect(written(calls).takeAll(null)).toEqual({ running: calls[0]!, notBegun: calls.slice(1) });
    });

    test.each([get, post])("has not begun an only call that was left unread", (make) => {
      const call = make();
      expect(written([call]).takeAll(UNREAD)).toEqual({ running: null, notBegun: [call] });
    });

    test("has not begun what was not sent", () => {
      const call = post();
      const unsentBytes = call.frame.length;
      expect(written([call]).takeAll({ ...READ, unsentBytes })).toEqual({ running: null, notBegun: [call] });
      const other = post();
      expect(written([other]).takeAll({ ...READ, unsentBytes: unsentBytes - 1 }).running).toBe(other);
    });

    test("may have begun the oldest of several when bytes were left unread: it runs again only if that does no harm", () => {
      const harmless = [get(), get()];
      expect(written(harmless).takeAll(UNREAD)).toEqual({ running: null, notBegun: harmless });
      const harmful = [post(), get()];
      expect(written(harmful).takeAll(UNREAD).running).toBe(harmful[0]!);
    });

    test("has begun the oldest of several when it has answered since it was idle", () => {
      const calls = [get(), get(), get()];
      const inFlight = written(calls);
      inFlight.shift(1, 0);
      expect(inFlight.takeAll(UNREAD).running).toBe(calls[1]!);
    });

    test("says nothing of abandoned calls", () => {
      const calls = [get(), get(), get()];
      const inFlight = written(calls);
      calls[0]!.state = "ended";
      calls[2]!.state = "ended";
      expect(inFlight.takeAll(READ)).toEqual({ running: null, notBegun: [calls[1]!] });
      expect(inFlight.count).toBe(0);
    });

    test("is not followed by more than two others for the same call", () => {
      const call = get();
      for (let attempt = 1; attempt <= 2; attempt++) expect(written([call]).takeAll(UNREAD).running).toBeNull();
      expect(written([call]).takeAll(UNREAD).running).toBe(call);
    });
  });

  test("takes back what is behind a head that streams, as if it had not been written", () => {
    const calls = [get(), post(), get()] as const;
    const inFlight = written(calls);
    expect(inFlight.answer(1)).toBe(calls[0]);
    expect(inFlight.takeBehind()).toEqual([calls[1], calls[2]]);
    expect([inFlight.count, inFlight.sentCount]).toEqual([1, 1]);
    expect(calls.map(({ attemptCount }) => attemptCount)).toEqual([1, 0, 0]);
    expect(inFlight.shift(1, 0)).toBe(calls[0]);
    expect(inFlight.push(post(), 0)).toBe(4);
    expect(() => inFlight.answer(2)).toThrow("while it runs request 4");
  });

  test("knows that a head has begun once a part of its answer is here, whatever was left unread", () => {
    const call = get();
    const inFlight = written([call]);
    inFlight.answer(1);
    expect(inFlight.takeAll(UNREAD)).toEqual({ running: call, notBegun: [] });
  });
});
