import { describe, expect, test } from "bun:test";
import { TestCall } from "../../../test/support/worker-calls.ts";
import { CallQueue } from "./call-queue.ts";

function fill(queue: CallQueue, count: number): TestCall[] {
  return Array.from({ length: count }, (_, index) => {
    const call = new TestCall(`/${index}`);
    queue.push(call, index);
    return call;
  });
}

describe("CallQueue", () => {
  test("is first in, first out", () => {
    const queue = new CallQueue();
    const calls = fill(queue, 20);
    expect(queue.depth).toBe(20);
    for (const call of calls) expect(queue.shift()).toBe(call);
    expect(queue.shift()).toBeNull();
    expect(queue.depth).toBe(0);
  });

  test("serves what came back before what is new, in its order", () => {
    const queue = new CallQueue();
    const [fresh] = fill(queue, 1);
    const back = [new TestCall("/a"), new TestCall("/b")];
    for (const call of back) queue.pushReturned(call);
    expect(queue.isNextReturned).toBe(true);
    expect([queue.shift(), queue.shift()]).toEqual(back);
    expect(queue.isNextReturned).toBe(false);
    expect(queue.shift()).toBe(fresh!);
  });

  test("never gives out a removed call", () => {
    const queue = new CallQueue();
    const calls = fill(queue, 10);
    for (const call of calls.filter((_, index) => index % 2 === 0)) queue.remove(call);
    expect(queue.depth).toBe(5);
    expect(Array.from({ length: 5 }, () => queue.shift())).toEqual(calls.filter((_, index) => index % 2 === 1));
    expect(queue.shift()).toBeNull();
  });

  test("a removed call that came back is not the next one", () => {
    const queue = new CallQueue();
    const call = new TestCall("/");
    queue.pushReturned(call);
    queue.remove(call);
    expect(queue.isNextReturned).toBe(false);
    expect(queue.depth).toBe(0);
  });

  test("knows how long the oldest has waited, removed calls aside", () => {
    const queue = new CallQueue();
    expect(queue.oldestMs).toBe(Infinity);
    const calls = fill(queue, 3);
    queue.remove(calls[0]!);
    expect(queue.oldestMs).toBe(1);
    expect(queue.shiftExpired(0)).toBeNull();
    expect(queue.shiftExpired(1)).toBe(calls[1]!);
    expect(queue.shiftExpired(1)).toBeNull();
    expect(queue.depth).toBe(1);
  });

  test("what came back waits without a deadline", () => {
    const queue = new CallQueue();
    queue.pushReturned(new TestCall("/"));
    expect(queue.oldestMs).toBe(Infinity);
    expect(queue.shiftExpired(Infinity)).toBeNull();
  });

  test("stays small while clients come and leave and nothing is handed out", () => {
    const queue = new CallQueue();
    const [first] = fill(queue, 1);
    for (let i = 0; i < 10_000; i++) {
      const call = new TestCall("/");
      queue.push(call, i);
      queue.remove(call);
    }
    expect(queue.capacity).toBeLessThanOrEqual(512);
    expect(queue.shift()).toBe(first!);
    expect(queue.shift()).toBeNull();
  });
});
