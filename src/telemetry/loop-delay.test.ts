import { expect, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { LoopDelay } from "./loop-delay.ts";

test("LoopDelay › tells how long the event loop was held up", async () => {
  using delay = new LoopDelay();
  Bun.sleepSync(300);
  expect(await until("the delay", () => (delay.maxMs >= 190 ? delay.maxMs : null))).toBeLessThan(5_000);
});
