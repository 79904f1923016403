import { describe, expect, test } from "bun:test";
import { becomeSubreaper } from "../../kernel/process-control.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { childrenOf, processEntry } from "../../../test/support/process-table.ts";
import { until } from "../../../test/support/until.ts";
import { ChildReaper } from "./child-reaper.ts";

describe("ChildReaper", () => {
  test("reaps what was adopted when it exits, and leaves to the runtime what the runtime started", async () => {
    using _adopting = becomeSubreaper();
    const log = new RecordingLog();
    const own = new Set<number>();
    using _reaper = new ChildReaper({ isOwn: (pid) => own.has(pid), log });
    // The shell leaves a child behind that prints its process id, and ends when it is continued.
    const shell = Bun.spawn(["sh", "-c", "sh -c 'echo $$; kill -STOP $$' & exit 7"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    own.add(shell.pid);
    const { value } = await shell.stdout.getReader().read();
    const orphanPid = Number(new TextDecoder().decode(value));
    expect(await shell.exited).toBe(7);
    await until("the adoption", () => childrenOf(process.pid).some(({ pid }) => pid === orphanPid));
    await until("the stop of the orphan", () => processEntry(orphanPid)?.state === "T");
    process.kill(orphanPid, "SIGCONT");
    await until("the end of the orphan", () => processEntry(orphanPid) === null);
    expect(log.events).toEqual([]);
  });
});
