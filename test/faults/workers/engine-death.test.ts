import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../support/process-table.ts";
import { until } from "../../support/until.ts";

const PROGRAM = join(import.meta.dir, "../../support/hold-workers.ts");

test("Workers die with the process that started them, even by SIGKILL and in the middle of a call", async () => {
  const engine = Bun.spawn([process.execPath, PROGRAM], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const { value } = await engine.stdout.getReader().read();
  const { processIds, directory } = JSON.parse(String(Buffer.from(value!))) as {
    processIds: number[];
    directory: string;
  };
  try {
    expect(processIds.filter(isRunning)).toHaveLength(2);
    engine.kill("SIGKILL");
    await engine.exited;
    await until("their end", () => !processIds.some(isRunning));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
