import { describe, expect, test } from "bun:test";

import { FakeClock } from "../../../test/support/fake-clock.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { StallWatch } from "./stall-watch.ts";

function scene() {
  const clock = new FakeClock();
  const scheduler = { idleCount: 1, queue: { depth: 3 } };
  const log = new RecordingLog();
  const counts = { sent: 5, pumped: 0 };
  const watch = new StallWatch({
    wheel: new TimerWheel(clock),
    scheduler,
    sentCount: () => counts.sent,
    pump: () => counts.pumped++,
    log,
  });
  watch.noteWaiting();
  return { clock, scheduler, log, counts, watch };
}

describe("StallWatch", () => {
  test("finds requests that wait beside an idle worker, says so and hands them out", () => {
    const { clock, log, counts, watch } = scene();
    clock.advance(1_500);
    expect([watch.count, counts.pumped]).toEqual([0, 0]);
    clock.advance(1_000);
    expect([watch.count, counts.pumped]).toEqual([1, 1]);
    expect(log.events).toEqual([
      {
        level: "error",
        event: "requests wait while workers are idle",
        fields: { queueDepth: 3, idleCount: 1 },
      },
    ]);
  });

  test("takes no queue for a stall that moves, or that stands before busy workers", () => {
    const { clock, scheduler, counts, watch } = scene();
    for (let second = 0; second < 5; second++) {
      counts.sent++;
      clock.advance(1_000);
    }
    scheduler.idleCount = 0;
    clock.advance(5_000);
    expect(watch.count).toBe(0);
  });

  test("does not tick while nothing waits", () => {
    const { clock, scheduler, watch } = scene();
    scheduler.queue.depth = 0;
    clock.advance(1_100);
    expect(clock.timerCount).toBe(0);
    watch.noteWaiting();
    watch.stop();
    clock.advance(1_100);
    expect(clock.timerCount).toBe(0);
  });
});
