import { expect, test } from "bun:test";

import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { BeforeFault } from "../../support/server-state.ts";
import { until } from "../../support/until.ts";
import { type LogEntry, startVilya, type VilyaServer } from "../../support/vilya.ts";

const DEATH_COUNT = 4;

/** From the third on they are spoken of as a loop. */
function deathsOf({ log }: VilyaServer): readonly LogEntry[] {
  return log.filter(({ event }) => event === "front died" || event === "fronts keep dying");
}

test("Fronts that die at once, again and again, come back later each time; who connects meanwhile waits, and is served", async () => {
  await using server = await startVilya({ config: phpApp(), expectedErrors: ["fronts keep dying"] });
  const before = await BeforeFault.of(server);
  let front = await server.frontPid();
  const waiting: Promise<string>[] = [];
  for (let count = 1; count <= DEATH_COUNT; count++) {
    server.signal("SIGKILL", front);
    await until("its death in the log", () => deathsOf(server).length === count);
    // Nobody accepts at this moment: the master's socket queues what comes.
    waiting.push(outcomeOf(`${server.url}/other`));
    front = await server.frontPid(front);
  }
  const delays = deathsOf(server).map(({ restartDelayMs }) => Number(restartDelayMs));
  expect(delays[0]).toBe(0);
  expect(delays.every((delayMs) => delayMs <= 5_000)).toBe(true);
  expect(delays.at(-1)).toBeGreaterThan(delays[1]!);
  expect(await server.logged("fronts keep dying")).toMatchObject({ level: "error" });
  // Those that a front had accepted before it was killed are lost with it; the last ones came to the one that stays.
  const outcomes = await Promise.all(waiting);
  expect(outcomes.at(-1)).toStartWith("200 ");
  expect(outcomes.filter((outcome) => !/^(?:200 |failed$)/.test(outcome))).toEqual([]);
  await before.untilAsBefore();
});
