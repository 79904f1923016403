import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { LogFields, Logger } from "../../telemetry/logger.ts";
import type { ChildOwner, ChildProcess } from "./child-process.ts";
import { OutputCapture } from "./output-capture.ts";
import { OutputLog } from "./output-log.ts";
import { StderrTail } from "./stderr-tail.ts";

/**
 * How long one that closes its connection may take to exit before it gets SIGTERM. A busy machine holds processes up for seconds between their last
 * byte and their exit, and one that a signal ends counts as crashed.
 */
export const EXIT_MS = 3_000;

/** How long the last output of an exited process may take to arrive when a child of it still holds the pipe open. */
const LAST_OUTPUT_MS = 100;

export interface WorkerProcessOptions {
  /** Starts it; what this throws the constructor throws. */
  readonly start: (owner: ChildOwner) => ChildProcess;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  /** Tells it apart in the log; its process id is added. */
  readonly name: LogFields;
  /** Its process id is known; possibly before the constructor returns. */
  readonly onPid: (pid: number) => void;
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
export class WorkerProcess implements ChildOwner, DeadlineOwner {
  readonly #options: WorkerProcessOptions;
  readonly #child: ChildProcess;
  readonly #stdout: OutputCapture;
  readonly #stderr: OutputCapture;
  readonly #tail = new StderrTail();
  readonly #outputLog: OutputLog;
  readonly #deadline: Deadline;
  #step: "running" | "terminated" | "killed" | "exited" | "gone" = "running";

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    this.#deadline = new Deadline(this);
    this.#child = options.start(this);
    const { wheel, log, name } = options;
    const outputLog = new OutputLog({ log, fields: () => ({ ...name, pid: this.pid }), nowMs: () => wheel.nowMs() });
    this.#outputLog = outputLog;
    this.#stdout = new OutputCapture({
      stream: this.#child.stdout,
      onLine: (line) => outputLog.write("stdout", line),
      wheel,
    });
    this.#stderr = new OutputCapture({
      stream: this.#child.stderr,
      onLine: (line) => outputLog.write("stderr", line),
      onChunk: (chunk) => this.#tail.push(chunk),
      wheel,
    });
  }

  /** 0 until it is known, and for good when the process never came to be. */
  get pid(): number {
    return this.#child.pid;
  }

  /** `null` while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** The name of the signal that ended it; `null` when none did. */
  get signal(): NodeJS.Signals | number | null {
    return this.#child.signal;
  }

  get isGone(): boolean {
    return this.#step === "gone";
  }

  /** What it wrote to STDERR last, oldest line first; where it wrote nothing, what was written where it comes from. */
  get lastErrorLines(): readonly string[] {
    const lines = this.#tail.lines();
    return lines.length > 0 ? lines : this.#child.inheritedErrorLines;
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
    if (this.#step === "running") this.#child.kill("SIGUSR2", { isGroup: false });
  }

  /** @internal */
  onPid(pid: number): void {
    this.#options.onPid(pid);
  }

  /** @internal */
  onExit(): void {
    this.#step = "exited";
    this.#signalGroup("SIGKILL");
    this.#options.wheel.set(this.#deadline, LAST_OUTPUT_MS);
    this.#options.onExit();
    void Promise.all([this.#stdout.ended, this.#stderr.ended]).then(() => this.#onOutputEnd());
  }

  #terminate(): void {
    this.#step = "terminated";
    this.#signalGroup("SIGTERM");
    this.#options.wheel.set(this.#deadline, this.#options.stopTimeoutMs);
  }

  #onOutputEnd(): void {
    this.#step = "gone";
    this.#options.wheel.remove(this.#deadline);
    this.#outputLog.end();
    this.#options.onGone();
  }

  #signalGroup(signal: NodeJS.Signals): void {
    this.#child.kill(signal, { isGroup: true });
  }
}
