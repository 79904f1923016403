import { expect, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { LATE_MS, LoopDelay } from "./loop-delay.ts";

test("LoopDelay › tells how long the event loop was held up", async () => {
  const told: number[] = [];
  using delay = new LoopDelay((delayMs) => told.push(delayMs));
  Bun.sleepSync(500);
  expect(await until("the delay", () => (delay.maxMs >= 390 ? delay.maxMs : null))).toBeLessThan(60_000);
  expect(told).not.toBeEmpty();
  for (const delayMs of told) expect(delayMs).toBeGreaterThan(LATE_MS);
});
