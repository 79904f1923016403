import { describe, expect, test } from "bun:test";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { processEntry } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

describe("What outlives its parent", () => {
  test("is adopted by the master when it left its worker's process group, and reaped when it ends", async () => {
    await using server = await startVilya({ config: phpApp({ workers: { count: 1 } }) });
    const [workerPid] = await server.workerPids();
    const [status, daemon] = (await outcomeOf(`${server.url}/fork-away`)).split(" ").map(Number) as [number, number];
    expect(status).toBe(200);
    server.signal("SIGKILL", workerPid);
    await until("the adoption", () => processEntry(daemon)?.parentPid === server.pid);
    server.signal("SIGKILL", daemon);
    await until("the end of the daemon", () => processEntry(daemon) === null);
    await until("no zombie", () => server.zombies().length === 0);
  });
});
