import { existsSync, readdirSync, readFileSync } from "node:fs";
import { reapExited } from "../../kernel/process-control.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** A child that exits announces itself by SIGCHLD; signals coalesce, and one that is lost costs no more than this. */
const SWEEP_INTERVAL_MS = 5_000;

/**
 * Reaps the children that this process was given and did not start: as process 1 of a container, or as a subreaper, it inherits whatever
 * outlives its parent, and such a process stays a zombie until somebody waits for it.
 *
 * Invariant: children that the runtime started are left to the runtime, which must learn their exit codes.
 */
export class ChildReaper implements Disposable {
  readonly #isOwn: (pid: number) => boolean;
  readonly #timer: NodeJS.Timeout;

  /** @param isOwn whether the runtime started this child and waits for it. */
  constructor({ isOwn, log }: { isOwn: (pid: number) => boolean; log: Logger }) {
    this.#isOwn = isOwn;
    this.#timer = setInterval(this.sweep, SWEEP_INTERVAL_MS);
    process.on("SIGCHLD", this.sweep);
    if (!existsSync(`/proc/self/task/${process.pid}/children`)) {
      // CONFIG_PROC_CHILDREN, which is on in distributions' kernels.
      log.warn("adopted children are not reaped", { reason: "this kernel does not list a process's children" });
    }
  }

  /** Reaps what has exited by now. */
  readonly sweep = (): void => {
    for (const pid of childPids()) {
      if (!this.#isOwn(pid)) reapExited(pid);
    }
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    process.off("SIGCHLD", this.sweep);
  }
}

/** The children of all threads of this process, zombies included. proc_tid_children(5) */
function childPids(): readonly number[] {
  return readdirSync("/proc/self/task").flatMap((threadId) => {
    try {
      const pids = readFileSync(`/proc/self/task/${threadId}/children`, "latin1").trim();
      return pids === "" ? [] : pids.split(" ").map(Number);
    } catch {
      return []; // The thread has ended meanwhile.
    }
  });
}
