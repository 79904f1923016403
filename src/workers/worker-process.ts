import { scheduleInBatches } from "../kernel/process-control.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../kernel/timer-wheel.ts";
import type { Logger } from "../telemetry/logger.ts";
import { OutputCapture } from "./output-capture.ts";
import { OutputLog } from "./output-log.ts";
import { StderrTail } from "./stderr-tail.ts";

/** How long the last output of an exited process may take to arrive when a child of it still holds the pipe open. */
const LAST_OUTPUT_MS = 100;

export interface WorkerProcessOptions {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  /** `batch`: when it wakes up it waits its turn instead of pushing aside whoever runs. */
  readonly scheduling: "batch" | "normal";
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly workerId: number;
  /** The process has exited and is reaped. */
  readonly onExit: () => void;
  /** Its output has been read, too, and its process group is ended. The last call of all. */
  readonly onGone: () => void;
}

/**
 * One worker process with its process group and its output.
 *
 * Invariant: when it is gone, so is everything it started and that did not leave its group: signals go to the whole group, and a group that
 * survives its leader is killed.
 */
export class WorkerProcess implements DeadlineOwner {
  readonly #options: WorkerProcessOptions;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #stdout: OutputCapture;
  readonly #stderr: OutputCapture;
  readonly #tail = new StderrTail();
  readonly #outputLog: OutputLog;
  readonly #deadline: Deadline;
  #step: "running" | "terminated" | "killed" | "exited" | "gone" = "running";

  /** @throws the runtime's error (`code: "ENOENT"`, `"EACCES"`, `"EAGAIN"`, …) when no process can be started. */
  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.#deadline = new Deadline(this);
    this.#process = Bun.spawn([...options.command], {
      cwd: options.workingDirectory,
      env: options.environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
      onExit: () => this.#onExit(),
    });
    // Or each request would push aside the front that is about to send more of them: docs/decisions/0010.
    if (options.scheduling === "batch") scheduleInBatches(this.#process.pid);
    const { wheel, log, workerId } = options;
    const outputLog = new OutputLog(log.child({ workerId, pid: this.#process.pid }), () => wheel.nowMs());
    this.#outputLog = outputLog;
    this.#stdout = new OutputCapture({
      stream: this.#process.stdout,
      onLine: (line) => outputLog.write("stdout", line),
      wheel,
    });
    this.#stderr = new OutputCapture({
      stream: this.#process.stderr,
      onLine: (line) => outputLog.write("stderr", line),
      onChunk: (chunk) => this.#tail.push(chunk),
      wheel,
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** `null` while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** The name of the signal that ended it; `null` when none did. */
  get signal(): NodeJS.Signals | number | null {
    return this.#process.signalCode;
  }

  get isGone(): boolean {
    return this.#step === "gone";
  }

  /** What it wrote to STDERR last, oldest line first. */
  get lastErrorLines(): readonly string[] {
    return this.#tail.lines();
  }

  /** Leaves it `graceMs` to exit by itself; then SIGTERM, then SIGKILL. A later call can only shorten the grace. */
  endWithin(graceMs: number): void {
    if (this.#step !== "running") return;
    const { wheel } = this.#options;
    if (graceMs <= 0) this.#terminate();
    else if (this.#deadline.dueMs > wheel.nowMs() + graceMs) wheel.set(this.#deadline, graceMs);
  }

  kill(): void {
    if (this.#step !== "running" && this.#step !== "terminated") return;
    this.#step = "killed";
    this.#options.wheel.clear(this.#deadline);
    this.#signalGroup("SIGKILL");
  }

  /** @internal */
  onDeadline(): void {
    if (this.#step === "running") this.#terminate();
    else if (this.#step === "terminated") this.kill();
    else if (this.#step === "exited") void Promise.all([this.#stdout.cancel(), this.#stderr.cancel()]);
  }

  /** Has it write where it is to STDERR; for a worker that has said it does so on this signal, and would be ended by it otherwise. */
  askForStack(): void {
    if (this.#step !== "running") return;
    try {
      process.kill(this.#process.pid, "SIGUSR2");
    } catch {
      // ESRCH: it has exited, which we are about to hear.
    }
  }

  #terminate(): void {
    this.#step = "terminated";
    this.#signalGroup("SIGTERM");
    this.#options.wheel.set(this.#deadline, this.#options.stopTimeoutMs);
  }

  #onExit(): void {
    this.#step = "exited";
    this.#signalGroup("SIGKILL");
    this.#options.wheel.set(this.#deadline, LAST_OUTPUT_MS);
    this.#options.onExit();
    void Promise.all([this.#stdout.ended, this.#stderr.ended]).then(() => this.#onOutputEnd());
  }

  #onOutputEnd(): void {
    this.#step = "gone";
    this.#options.wheel.remove(this.#deadline);
    this.#outputLog.end();
    this.#options.onGone();
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#process.pid, signal);
    } catch {
      // ESRCH: nobody is left.
    }
  }
}
