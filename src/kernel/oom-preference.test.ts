import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { preferToKill } from "./oom-preference.ts";

function adjustmentOf(pid: number | "self"): number {
  return Number(readFileSync(`/proc/${pid}/oom_score_adj`, "latin1"));
}

test("preferToKill › has the kernel choose a process and its children before this one", async () => {
  await using child = Bun.spawn(["sh", "-c", "read _; cat /proc/self/oom_score_adj"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  preferToKill(child.pid);
  const expected = Math.min(adjustmentOf("self") + 300, 1_000);
  expect(adjustmentOf(child.pid)).toBe(expected);
  void child.stdin.write("\n");
  await child.stdin.end();
  expect(Number(await new Response(child.stdout).text())).toBe(expected);
});

test("preferToKill › does not mind a process that is gone", () => {
  expect(() => preferToKill(2 ** 30)).not.toThrow();
});
