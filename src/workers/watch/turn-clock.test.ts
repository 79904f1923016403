import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { TurnClock } from "./turn-clock.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("TurnClock stands still within a turn and knows how long the last one took", async () => {
  const fake = new FakeClock();
  const clock = new TurnClock(new TimerWheel(fake));
  const startMs = clock.nowMs();
  fake.advance(7);
  expect(clock.nowMs()).toBe(startMs);
  expect(clock.lastTurnMs).toBe(0);
  await nextTurn();
  expect(clock.lastTurnMs).toBe(7);
  fake.advance(100);
  expect(clock.nowMs()).toBe(startMs + 107);
  await nextTurn();
  expect(clock.lastTurnMs).toBe(0);
});
