import { describe, expect, spyOn, test } from "bun:test";

import { FakeClock } from "../../test/support/fake-clock.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { Deadline, type DeadlineOwner, systemClock, TimerWheel } from "./timer-wheel.ts";

const TICK_MS = 8;
const REVOLUTION_MS = 1_024 * TICK_MS;

function setUp(): { clock: FakeClock; wheel: TimerWheel; fired: Deadline[]; owner: DeadlineOwner } {
  const clock = new FakeClock();
  const fired: Deadline[] = [];
  return { clock, wheel: new TimerWheel(clock), fired, owner: { onDeadline: (deadline) => void fired.push(deadline) } };
}

describe("TimerWheel", () => {
  test.each([0, 1, 7, 8, 9, 100, REVOLUTION_MS - 1, REVOLUTION_MS, REVOLUTION_MS + 1, 60_000, 86_400_000])(
    "fires a deadline of %d ms never early and at most one tick late",
    (delayMs) => {
      // Wherever in a tick the clock stands.
      for (const offsetMs of [0, 0.25, 3, 7.75]) {
        const { clock, wheel, fired, owner } = setUp();
        clock.advance(offsetMs);
        const deadline = new Deadline(owner);
        wheel.set(deadline, delayMs);
        expect(deadline.isSet).toBe(true);
        if (delayMs > 0) clock.advance(delayMs - 0.125);
        expect(fired).toEqual([]);
        clock.advance(delayMs > 0 ? TICK_MS + 0.125 : TICK_MS);
        expect(fired).toEqual([deadline]);
        expect(deadline.isSet).toBe(false);
        expect(wheel.linkedCount).toBe(0);
      }
    },
  );

  test("fires once", () => {
    const { clock, wheel, fired, owner } = setUp();
    wheel.set(new Deadline(owner), 100);
    clock.advance(10 * REVOLUTION_MS);
    expect(fired).toHaveLength(1);
  });

  test("moves a deadline later without linking it anew", () => {
    const { clock, wheel, fired, owner } = setUp();
    const deadline = new Deadline(owner);
    wheel.set(deadline, 100);
    for (let i = 0; i < 100; i++) {
      clock.advance(50);
      wheel.set(deadline, 100);
    }
    expect(wheel.linkedCount).toBe(1);
    clock.advance(99);
    expect(fired).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(fired).toEqual([deadline]);
  });

  test("moves a deadline earlier", () => {
    const { clock, wheel, fired, owner } = setUp();
    const deadline = new Deadline(owner);
    wheel.set(deadline, 5_000);
    wheel.set(deadline, 20);
    clock.advance(20 + TICK_MS);
    expect(fired).toEqual([deadline]);
    clock.advance(REVOLUTION_MS);
    expect(fired).toHaveLength(1);
  });

  test("forgets a deadline that is cleared, and takes it again", () => {
    const { clock, wheel, fired, owner } = setUp();
    const deadline = new Deadline(owner);
    wheel.set(deadline, 50);
    wheel.clear(deadline);
    expect(deadline.isSet).toBe(false);
    clock.advance(100);
    expect(fired).toEqual([]);
    wheel.set(deadline, 50);
    clock.advance(50 + TICK_MS);
    expect(fired).toEqual([deadline]);
  });

  test("lets go of a deadline that is removed", () => {
    const { clock, wheel, fired, owner } = setUp();
    const deadlines = Array.from({ length: 5 }, () => new Deadline(owner));
    for (const deadline of deadlines) wheel.set(deadline, 50);
    wheel.remove(deadlines[0]!);
    wheel.remove(deadlines[2]!);
    wheel.remove(deadlines[4]!);
    wheel.remove(deadlines[4]!);
    expect(wheel.linkedCount).toBe(2);
    clock.advance(50 + TICK_MS);
    expect(new Set(fired)).toEqual(new Set([deadlines[1]!, deadlines[3]!]));
  });

  test("takes a deadline that is set again from its own call, even without delay", () => {
    const { clock, wheel } = setUp();
    let firedCount = 0;
    const deadline = new Deadline({
      onDeadline: (each) => {
        firedCount++;
        wheel.set(each, 0);
      },
    });
    wheel.set(deadline, 0);
    clock.advance(10 * TICK_MS);
    expect(firedCount).toBe(10);
  });

  test("does not fire a neighbour that another one's call clears, removes or moves", () => {
    for (const act of ["clear", "remove", "move"] as const) {
      const { clock, wheel } = setUp();
      const fired: number[] = [];
      const deadlines = [0, 1].map(
        (index) =>
          new Deadline({
            onDeadline: () => {
              fired.push(index);
              const neighbour = deadlines[1 - index]!;
              if (fired.length > 1) return;
              if (act === "move") wheel.set(neighbour, 1_000);
              else wheel[act](neighbour);
            },
          }),
      );
      for (const deadline of deadlines) wheel.set(deadline, 50);
      clock.advance(60);
      expect(fired).toHaveLength(1);
      clock.advance(REVOLUTION_MS);
      expect(fired).toHaveLength(act === "move" ? 2 : 1);
    }
  });

  test("fires everything that fell due while the process was stopped for many revolutions, once", () => {
    const { clock, wheel, fired, owner } = setUp();
    const due = [1, 100, REVOLUTION_MS, 2 * REVOLUTION_MS + 40, 3 * REVOLUTION_MS].map((delayMs) => {
      const deadline = new Deadline(owner);
      wheel.set(deadline, delayMs);
      return deadline;
    });
    const later = new Deadline(owner);
    wheel.set(later, 5 * REVOLUTION_MS + 100);
    clock.stall(5 * REVOLUTION_MS + 50);
    expect(new Set(fired)).toEqual(new Set(due));
    expect(fired).toHaveLength(due.length);
    clock.advance(50 + TICK_MS);
    expect(fired.at(-1)).toBe(later);
  });

  test("sleeps while it is empty, and until the next deadline otherwise", () => {
    const { clock, wheel, owner } = setUp();
    expect(clock.timerCount).toBe(0);
    const deadline = new Deadline(owner);
    const after = spyOn(clock, "after");
    wheel.set(deadline, 5_000);
    clock.advance(6_000);
    expect(after).toHaveBeenCalledTimes(1);
    expect(clock.timerCount).toBe(0);
    wheel.set(deadline, 60_000);
    wheel.clear(deadline);
    clock.advance(60_000);
    expect(after).toHaveBeenCalledTimes(2);
    expect(clock.timerCount).toBe(0);
  });

  test("does not wake up for what was removed", () => {
    const { clock, wheel, fired, owner } = setUp();
    const first = new Deadline(owner);
    const second = new Deadline(owner);
    wheel.set(first, 50);
    wheel.set(second, 50);
    wheel.remove(first);
    expect(clock.timerCount).toBe(1);
    wheel.remove(second);
    expect(clock.timerCount).toBe(0);
    wheel.set(second, 100);
    clock.advance(100 + TICK_MS);
    expect(fired).toEqual([second]);
  });

  test("works on after it has slept for long", () => {
    const { clock, wheel, fired, owner } = setUp();
    clock.advance(100 * REVOLUTION_MS);
    const deadline = new Deadline(owner);
    wheel.set(deadline, 30);
    clock.advance(29);
    expect(fired).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(fired).toEqual([deadline]);
  });

  test("fires the others when one owner throws", () => {
    const { clock, wheel, fired, owner } = setUp();
    const error = new Error("broken");
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const broken = new Deadline({
      onDeadline() {
        throw error;
      },
    });
    for (const deadline of [new Deadline(owner), broken, new Deadline(owner)]) wheel.set(deadline, 10);
    clock.advance(10 + TICK_MS);
    expect(fired).toHaveLength(2);
    expect(reported.mock.calls).toEqual([[error]]);
    reported.mockRestore();
    wheel.set(broken, 10);
    wheel.remove(broken);
    expect(wheel.linkedCount).toBe(0);
  });

  test("never fires what is infinitely far away, and takes no NaN", () => {
    const { clock, wheel, fired, owner } = setUp();
    wheel.set(new Deadline(owner), Infinity);
    clock.advance(3 * REVOLUTION_MS);
    expect(fired).toEqual([]);
    expect(clock.timerCount).toBe(0);
    expect(() => wheel.set(new Deadline(owner), NaN)).toThrow("a deadline is a number of milliseconds away");
  });

  test.each([1, 2, 3])("keeps every promise under any sequence of operations (seed %d)", (seed) => {
    const random = seededRandom(seed);
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    const dueMs = new Map<Deadline, number>();
    let stalledMs = 0;
    const owner: DeadlineOwner = {
      onDeadline(deadline) {
        const lateMs = clock.nowMs() - dueMs.get(deadline)!;
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThanOrEqual(TICK_MS + stalledMs);
        dueMs.delete(deadline);
        act();
      },
    };
    const deadlines = Array.from({ length: 40 }, () => new Deadline(owner));
    function act(): void {
      const deadline = deadlines[random.below(deadlines.length)]!;
      const choice = random.below(8);
      if (choice < 6) {
        const delayMs = random.below([20, 500, 3 * REVOLUTION_MS][random.below(3)]!);
        wheel.set(deadline, delayMs);
        dueMs.set(deadline, clock.nowMs() + delayMs);
      } else {
        if (choice === 6) wheel.clear(deadline);
        else wheel.remove(deadline);
        dueMs.delete(deadline);
      }
    }
    for (let step = 0; step < 2_000; step++) {
      act();
      stalledMs = random.below(50) === 0 ? random.below(4 * REVOLUTION_MS) : 0;
      if (stalledMs > 0) clock.stall(stalledMs);
      else clock.advance(random.below(200));
    }
    stalledMs = 0;
    clock.advance(TICK_MS);
    for (const [, due] of dueMs) expect(due).toBeGreaterThan(clock.nowMs() - TICK_MS);
    for (const deadline of deadlines) wheel.remove(deadline);
    expect(wheel.linkedCount).toBe(0);
    clock.advance(REVOLUTION_MS);
    expect(clock.timerCount).toBe(0);
  });
});

describe("systemClock", () => {
  test("tells a time that moves on and calls back once, unless it is called off", async () => {
    const startMs = systemClock.nowMs();
    const calls: string[] = [];
    const callOff = systemClock.after(0, () => calls.push("called off"));
    callOff();
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => calls.push("called"));
      systemClock.after(5, resolve);
    });
    expect(calls).toEqual(["called"]);
    expect(systemClock.nowMs()).toBeGreaterThan(startMs);
  });
});
