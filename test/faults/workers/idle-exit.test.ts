import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TestPool } from "../../support/test-pool.ts";

describe("A worker that exits in good order while it is idle", () => {
  test("is replaced in silence, and is no crash", async () => {
    await using pool = await TestPool.start({
      script: "impatient.php",
      environment: { IDLE_MS: "1100", HESITATE_MS: "0" },
    });
    await pool.until("its end", () => pool.pool.status.counters.leftCount === 1);
    await pool.untilSettled();
    expect(pool.pool.status.counters.crashedCount).toBe(0);
    expect(pool.log.events.filter(({ level }) => level !== "debug")).toEqual([]);
  });

  test.each(["GET", "POST"])("never loses a %s that it has not read", async (method) => {
    const environment = { IDLE_MS: "50", HESITATE_MS: "100", SERVED_MIN: "1" };
    await using pool = await TestPool.start({ script: "impatient.php", environment });
    const pid = await pool.body("/", { method, body: "x" });
    const mark = join(pool.directory, "impatient");
    await pool.until("the end of its patience", () => existsSync(mark));
    // The socket of the worker takes the call; the worker never does.
    expect(await pool.body("/", { method, body: "x" })).not.toBe(pid);
    expect(pool.pool.status.counters).toMatchObject({ lostCount: 0, crashedCount: 0, servedCount: 2 });
  });
});
