import { describe, expect, test } from "bun:test";
import { TestPool } from "../../support/test-pool.ts";

describe("A worker that prints", () => {
  test("is heard in the log, line by line, and its answers are whole", async () => {
    await using pool = await TestPool.start();
    expect(await pool.body("/print?out=one%0Atwo%0A&err=three%0A")).toBe("printed");
    await pool.until("the output", () => pool.log.named("worker output").length === 3);
    expect(pool.log.outputLines("stdout")).toEqual(["one", "two"]);
    expect(pool.log.outputLines("stderr")).toEqual(["three"]);
    const [pid] = pool.pool.processIds();
    expect(pool.log.named("worker output")[0]?.fields).toMatchObject({ workerId: 1, pid: pid! });
  });

  test("without a line end is heard soon", async () => {
    await using pool = await TestPool.start();
    await pool.body("/print?out=here");
    await pool.until("the output", () => pool.log.outputLines("stdout").includes("here"));
  });

  test("what is not text is heard as far as it goes", async () => {
    await using pool = await TestPool.start();
    await pool.body("/print?out=a%FF%00b%0A");
    await pool.until("the output", () => pool.log.outputLines("stdout").includes("a\ufffd\0b"));
  });

  test("a hundred thousand lines in one request is not slowed down, and fills no log", async () => {
    await using pool = await TestPool.start();
    const call = pool.submit("/chatter?lines=100000");
    expect(await call.outcome).toMatchObject({ kind: "response", body: "printed" });
    expect(await pool.body("/")).toBe("served 2");
    await pool.pool.stop({ graceMs: 1_000 });
    const shownCount = pool.log.named("worker output").length;
    const droppedCounts = pool.log.named("worker output dropped").map(({ fields }) => Number(fields["lineCount"]));
    expect(shownCount).toBeGreaterThanOrEqual(1_000);
    expect(shownCount).toBeLessThan(20_000);
    expect(shownCount + droppedCounts.reduce((sum, count) => sum + count, 0)).toBe(100_000);
  });

  test("a warning of PHP goes to STDERR once, and to no answer", async () => {
    await using pool = await TestPool.start();
    expect(await pool.body("/warn")).toBe("warned");
    await pool.until("the output", () => pool.log.outputLines("stderr").length > 0);
    await pool.pool.stop({ graceMs: 1_000 });
    const lines = pool.log.outputLines("stderr").filter((line) => String(line).includes("the warning"));
    expect(lines).toHaveLength(1);
    expect(pool.log.outputLines("stdout")).toEqual([]);
  });
});
