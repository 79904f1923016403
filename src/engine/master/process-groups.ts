import { readFileSync } from "node:fs";

/** Between SIGTERM and SIGKILL for processes whose parent is gone: nobody reads their answers any more. */
const ORPHAN_GRACE_MS = 500;

/** Between two looks at groups that were told to end. */
const POLL_MS = 20;

/**
 * Remembers the process groups that another process leads children in, to end them should that process die first.
 *
 * Invariant: a group is signalled only while its number cannot mean anybody else: either the leader that was remembered still holds it, or
 * no process has that number, which the kernel does not give out while the group has members.
 */
export class ProcessGroups {
  readonly #startTicks = new Map<number, string | null>();
  readonly #graceMs: number;

  /** @param graceMs between SIGTERM and SIGKILL. Default: 500 ms. */
  constructor(graceMs: number = ORPHAN_GRACE_MS) {
    this.#graceMs = graceMs;
  }

  get count(): number {
    return this.#startTicks.size;
  }

  add(leaderPid: number): void {
    this.#startTicks.set(leaderPid, startTicksOf(leaderPid));
  }

  delete(leaderPid: number): void {
    this.#startTicks.delete(leaderPid);
  }

  /** Ends every group: SIGTERM, and SIGKILL to what is left after a short while. Forgets them. */
  async end(): Promise<void> {
    let pids = [...this.#startTicks].filter(([pid, ticks]) => this.#mayMean(pid, ticks)).map(([pid]) => pid);
    this.#startTicks.clear();
    pids = pids.filter((pid) => signalGroup(pid, "SIGTERM"));
    const deadline = performance.now() + this.#graceMs;
    while (pids.length > 0 && performance.now() < deadline) {
      await Bun.sleep(POLL_MS);
      pids = pids.filter((pid) => signalGroup(pid, 0));
    }
    for (const pid of pids) signalGroup(pid, "SIGKILL");
  }

  #mayMean(pid: number, ticks: string | null): boolean {
    const current = startTicksOf(pid);
    return current === null || ticks === null || current === ticks;
  }
}

/** False when the group has no members any more. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** When the process started, in the kernel's ticks: with the number it names one process for good. proc_pid_stat(5), field 22. */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Field 2 is the program's name in parentheses and may hold spaces; counting starts after it, at field 3.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3] ?? null;
  } catch {
    return null;
  }
}
