import { readFileSync } from "node:fs";

/** Which process has started `pid`; `null` when there is no such process, or no `/proc` to tell. proc_pid_stat(5). */
export function parentOf(pid: number): number | null {
  return readStat(pid)?.parentPid ?? null;
}

/** Whether `pid` runs: not one that has exited and that nobody has waited for. */
export function isRunning(pid: number): boolean {
  const stat = readStat(pid);
  if (stat !== null) return stat.state !== "Z" && stat.state !== "X";
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readStat(pid: number): { readonly state: string; readonly parentPid: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before it may hold anything, closing parentheses included.
    const [state = "", parentPid] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parentPid: Number(parentPid) };
  } catch {
    return null;
  }
}
