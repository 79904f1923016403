import { describe, expect, test } from "bun:test";
import { isRunning } from "../../../test/support/process-table.ts";
import { until } from "../../../test/support/until.ts";
import { ProcessGroups } from "./process-groups.ts";

/** Starts a group leader with one child in its group; both print that they are there. */
async function spawnGroup(script: string) {
  const leader = Bun.spawn(["sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const reader = leader.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return { leader, childPid: Number(new TextDecoder().decode(value)) };
}

const OBEDIENT = "sleep 1000 & echo $!; wait";
const STUBBORN = "trap '' TERM; (trap '' TERM; while :; do sleep 1000; done) & echo $!; while :; do sleep 1000; done";

describe("ProcessGroups", () => {
  test.each([
    ["ends a group with all that is in it", OBEDIENT, "SIGTERM", 10_000],
    ["kills a group that ignores SIGTERM", STUBBORN, "SIGKILL", 100],
  ])("%s", async (_, script, signal, graceMs) => {
    const groups = new ProcessGroups(graceMs);
    const { leader, childPid } = await spawnGroup(script);
    groups.add(leader.pid);
    await groups.end();
    await leader.exited;
    expect(leader.signalCode).toBe(signal as NodeJS.Signals);
    await until("the end of its child", () => !isRunning(childPid));
    expect(groups.count).toBe(0);
  });

  test("ends what a leader left behind that is gone itself", async () => {
    const groups = new ProcessGroups();
    const { leader, childPid } = await spawnGroup("sleep 1000 & echo $!; read _ </dev/null; exec sleep 0");
    groups.add(leader.pid);
    await leader.exited;
    expect(isRunning(childPid)).toBe(true);
    await groups.end();
    await until("the end of its child", () => !isRunning(childPid));
  });

  test("leaves alone a group that was taken off, and a number that somebody else got", async () => {
    const { leader, childPid } = await spawnGroup(OBEDIENT);
    const groups = new ProcessGroups();
    groups.add(leader.pid);
    groups.delete(leader.pid);
    await groups.end();
    expect([isRunning(leader.pid), isRunning(childPid)]).toEqual([true, true]);
    process.kill(-leader.pid, "SIGKILL");
    await leader.exited;
  });

  test("does nothing without groups", async () => {
    await new ProcessGroups().end();
  });
});
