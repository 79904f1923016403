import { describe, expect, spyOn, test } from "bun:test";

import { type Flushable, Turn, turn } from "./turn.ts";

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

describe("Turn", () => {
  test("flushes at the end of the turn, in the order of queueing", async () => {
    const flushed: string[] = [];
    turn.flushAtEnd({ flush: () => flushed.push("a") });
    turn.flushAtEnd({ flush: () => flushed.push("b") });
    await Promise.resolve();
    expect(flushed).toEqual([]);
    await nextTurn();
    expect(flushed).toEqual(["a", "b"]);
    await nextTurn();
    expect(flushed).toEqual(["a", "b"]);
  });

  test("schedules itself once for all that is queued", () => {
    const never = (() => undefined) as unknown as typeof setImmediate;
    const schedule = spyOn(globalThis, "setImmediate").mockImplementation(never);
    const fresh = new Turn();
    for (let i = 0; i < 100; i++) fresh.flushAtEnd({ flush() {} });
    expect(schedule).toHaveBeenCalledTimes(1);
    schedule.mockRestore();
  });

  test("flushes what is queued during a flush in the next turn", async () => {
    let flushCount = 0;
    const again: Flushable = {
      flush() {
        if (++flushCount < 3) turn.flushAtEnd(again);
      },
    };
    turn.flushAtEnd(again);
    await nextTurn();
    expect(flushCount).toBe(1);
    await nextTurn();
    await nextTurn();
    expect(flushCount).toBe(3);
  });

  test("flushes first what others wait for", async () => {
    const flushed: string[] = [];
    turn.flushAtEnd({ flush: () => flushed.push("client") });
    turn.flushAtEnd({ flush: () => flushed.push("worker") }, true);
    await nextTurn();
    expect(flushed).toEqual(["worker", "client"]);
  });

  test("does not wait for the end of a turn with many inputs", async () => {
    let flushCount = 0;
    turn.flushAtEnd({ flush: () => void flushCount++ });
    for (let input = 1; input <= 7; input++) turn.noteInput();
    expect(flushCount).toBe(0);
    turn.noteInput();
    expect(flushCount).toBe(1);
    await nextTurn();
    expect(flushCount).toBe(1);
  });

  test("counts inputs anew in each turn", async () => {
    for (let input = 1; input <= 7; input++) turn.noteInput();
    turn.flushAtEnd({ flush() {} });
    await nextTurn();
    let isFlushed = false;
    turn.flushAtEnd({ flush: () => void (isFlushed = true) });
    turn.noteInput();
    expect(isFlushed).toBe(false);
    await nextTurn();
  });

  test("flushes the others when one throws", async () => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const error = new Error("broken");
    let isFlushed = false;
    turn.flushAtEnd({
      flush() {
        throw error;
      },
    });
    turn.flushAtEnd({ flush: () => void (isFlushed = true) });
    await nextTurn();
    expect(isFlushed).toBe(true);
    expect(reported).toHaveBeenCalledWith(error);
    reported.mockRestore();
  });
});
