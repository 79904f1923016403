import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import { Segments } from "../../kernel/segments.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import { encodeFork, type ForkOrder } from "../../protocols/worker/fork-encoder.ts";
import { decodeHandshake, encodeStop, HANDSHAKE } from "../../protocols/worker/handshake.ts";
import { PrototypeDecoder, type PrototypeSink } from "../../protocols/worker/prototype-decoder.ts";
import type { PrototypeNotice } from "../../protocols/worker/prototype-reader.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ChildOwner, ChildProcess } from "./child-process.ts";
import { ForkedChild, type ForkParent } from "./forked-child.ts";
import type { OutputListener } from "./output-listener.ts";
import { isRunning, parentOf } from "./process-table.ts";
import { WorkerLinkError } from "../worker-link-error.ts";
import { EXIT_MS, WorkerProcess } from "./worker-process.ts";

/** How often those it has left behind are looked for: nobody else tells when they exit. */
const ORPHAN_CHECK_MS = 50;

export interface PrototypeOptions {
  /** Starts the process, which then connects and is given to `accept`; what this throws the constructor throws. */
  readonly start: (owner: ChildOwner) => ChildProcess;
  /** From the start to the end of the handshake: the application's boot. */
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly onPid: (pid: number) => void;
  /** It forks no more. */
  readonly onEnd: () => void;
  /** Its process is gone; those it has forked may still run. */
  readonly onExited: (pid: number) => void;
  /** So are all that it has forked. The last call of all. */
  readonly onGone: () => void;
}

/**
 * The process that the workers of a generation are forked from: it boots the application once, serves nothing, and waits for its forks.
 *
 * Invariant: every child that was asked for is told exactly once how it ended, whatever becomes of the prototype. Those that run when it
 * ends serve on.
 */
export class Prototype implements ConnectionHandler, PrototypeSink, ForkParent, DeadlineOwner {
  readonly #options: PrototypeOptions;
  readonly #process: WorkerProcess;
  readonly #decoder = new PrototypeDecoder();
  readonly #segments = new Segments();
  readonly #deadline: Deadline;
  #connection: Connection | null = null;
  #phase: "starting" | "ready" | "ended" = "starting";
  /** Those it cannot be asked for yet. */
  readonly #waiting = new Set<ForkedChild>();
  /** Those it was asked for, by worker id. */
  readonly #asked = new Map<number, ForkedChild>();
  readonly #running = new Map<number, ForkedChild>();

  constructor(options: PrototypeOptions) {
    const { start, startTimeoutMs, stopTimeoutMs, wheel, log, onPid } = options;
    this.#options = options;
    this.#deadline = new Deadline(this);
    this.#process = new WorkerProcess({
      start,
      stopTimeoutMs,
      wheel,
      log,
      name: { role: "prototype" },
      onPid,
      onExit: () => this.#onProcessExit(),
      onGone: () => {
        options.onExited(this.pid);
        this.#finish();
      },
    });
    wheel.set(this.#deadline, startTimeoutMs);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get lastErrorLines(): readonly string[] {
    return this.#process.lastErrorLines;
  }

  /** Begins to talk to it: it has connected. */
  accept(connection: Connection): ConnectionHandler {
    this.#connection = connection;
    connection.output().writeBytes(HANDSHAKE);
    return this;
  }

  /** Has it fork a worker, now or as soon as it has booted. */
  fork(order: ForkOrder, output: OutputListener, owner: ChildOwner): ForkedChild {
    const child = new ForkedChild(order, { parent: this, output, owner });
    if (this.#phase === "ready") this.#ask(child);
    else if (this.#phase === "starting") this.#waiting.add(child);
    else queueMicrotask(() => child.exited(null, null));
    return child;
  }

  /** Lets it go: none of its workers is left. */
  stop(): void {
    if (this.#phase === "ready" && this.#connection !== null) encodeStop(this.#connection.output());
    this.#process.endWithin(this.#phase === "ready" ? EXIT_MS : 0);
  }

  withdraw(child: ForkedChild): boolean {
    return this.#waiting.delete(child);
  }

  onBytes(chunk: Buffer): void {
    this.#segments.append(chunk);
    try {
      if (this.#phase === "starting") {
        if (decodeHandshake(this.#segments) === "incomplete") return;
        this.#onReady();
      }
      this.#decoder.decode(this.#segments, this);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      this.#options.log.error("prototype failed", { pid: this.pid, error: problem });
      this.#connection?.poison(problem);
    }
  }

  onNotice(notice: PrototypeNotice): void {
    switch (notice.type) {
      case "hello":
        break;
      case "forked":
        this.#onForked(notice.workerId, notice.processId);
        break;
      case "fork_failed":
        this.#options.log.error("worker cannot be forked", { workerId: notice.workerId, error: notice.error });
        this.#takeAsked(notice.workerId).exited(null, null);
        break;
      case "exited":
        this.#onExited(notice.processId, notice.exitCode, notice.signal);
        break;
      default:
        notice satisfies never;
    }
  }

  onEnd(): void {
    this.#connection?.close("peer");
  }

  onDrain(): void {}

  onClose(): void {
    this.#segments.clear();
    this.#process.endWithin(EXIT_MS);
    this.#end();
  }

  /** @internal What is late depends on the phase. */
  onDeadline(): void {
    if (this.#phase === "starting") this.#process.kill();
    else this.#checkOrphans();
  }

  #onReady(): void {
    this.#phase = "ready";
    this.#options.wheel.clear(this.#deadline);
    this.#options.log.debug("prototype ready", { pid: this.pid });
    for (const child of this.#waiting) this.#ask(child);
    this.#waiting.clear();
  }

  #ask(child: ForkedChild): void {
    this.#asked.set(child.order.workerId, child);
    encodeFork(this.#connection!.output(), child.order);
  }

  #onForked(workerId: number, pid: number): void {
    const child = this.#takeAsked(workerId);
    // We may have more rights than it has: what it names gets our signals.
    const parentPid = parentOf(pid);
    if (parentPid !== null && parentPid !== this.pid) {
      child.exited(null, null);
      throw refused(`it says it has forked process ${pid}, which is the child of ${parentPid}`);
    }
    this.#running.set(pid, child);
    child.forked(pid);
  }

  #onExited(pid: number, exitCode: number | null, signal: number | null): void {
    const child = this.#running.get(pid);
    if (child === undefined) throw refused(`it says that process ${pid} has exited, which it has not forked`);
    this.#running.delete(pid);
    child.exited(exitCode, signal);
    if (this.#running.size === 0) this.#finish();
  }

  #takeAsked(workerId: number): ForkedChild {
    const child = this.#asked.get(workerId);
    if (child === undefined) throw refused(`it names worker ${workerId}, which it was not asked for`);
    this.#asked.delete(workerId);
    return child;
  }

  #onProcessExit(): void {
    this.#connection?.close("local");
    this.#end();
  }

  #end(): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#options.wheel.clear(this.#deadline);
    this.#options.onEnd();
    // One that it has forked and not told of ends with its own connection, which its owner now closes.
    const { exitCode, signal } = this.#process;
    for (const child of [...this.#waiting, ...this.#asked.values()]) child.exited(exitCode, signal);
    this.#waiting.clear();
    this.#asked.clear();
    this.#checkOrphans();
  }

  /** Tells of those that exit while nobody reports them. */
  #checkOrphans(): void {
    for (const [pid, child] of this.#running) {
      if (isRunning(pid)) continue;
      this.#running.delete(pid);
      child.exited(null, null);
    }
    if (this.#running.size > 0) this.#options.wheel.set(this.#deadline, ORPHAN_CHECK_MS);
    else this.#finish();
  }

  #finish(): void {
    if (!this.#process.isGone || this.#phase !== "ended" || this.#running.size > 0) return;
    this.#options.wheel.remove(this.#deadline);
    this.#options.onGone();
  }
}

function refused(state: string): WorkerLinkError {
  return new WorkerLinkError(
    "VILYA_WORKER_FORK_INVALID",
    `Cannot believe a prototype: ${state}, only its own forks are allowed`,
  );
}
