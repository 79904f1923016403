import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { Deadline, type DeadlineOwner } from "../kernel/timer-wheel.ts";
import type { WorkerFeature } from "../protocols/worker/features.ts";
import type { WorkerHello } from "../protocols/worker/handshake.ts";
import type { ActionList } from "../protocols/worker/socket-action.ts";
import type { WorkerResponse } from "../protocols/worker/worker-response.ts";
import type { Call } from "./calls/call.ts";
import { ConcurrentCalls } from "./calls/concurrent-calls.ts";
import { MemoryTrend } from "./watch/memory-trend.ts";
import type { WorkerBounds } from "./scaling/recycling.ts";
import type { SchedulableWorker } from "./scheduler.ts";
import { SerialCalls } from "./calls/serial-calls.ts";
import type { CallHost, WorkerCalls } from "./calls/worker-calls.ts";
import type { LeaveReason, WorkerContext } from "./worker-context.ts";
import { type LinkEnd, type LinkOwner, WorkerLink } from "./worker-link.ts";
import { EXIT_MS, type WorkerProcess } from "./process/worker-process.ts";

/** How long a worker that was asked to leave may run its shutdown hooks before it gets SIGTERM. */
const LEAVE_MS = 5_000;

/** How long the last bytes of an exited process may take when a child of it still holds the connection open. */
const LAST_BYTES_MS = 50;

/**
 * `starting` until the handshake is done · `ready` takes calls · `draining` finishes those it has · `leaving` takes and answers none, because it
 * was asked to leave, was ended, or left · `gone`: no process, no connection.
 */
export type WorkerState = "starting" | "ready" | "draining" | "leaving" | "gone";

/**
 * The life of one worker: its process, its connection, and when it takes calls. What becomes of the calls is with {@link WorkerCalls}.
 *
 * Invariant: the scheduler knows it exactly while it is `ready`; every call written to it is answered, failed or returned, once.
 */
export class Worker implements SchedulableWorker, LinkOwner, CallHost, DeadlineOwner {
  readonly id: number;
  readonly bounds: WorkerBounds;
  idleSinceMs = 0;
  readySinceMs: number = Infinity;
  readonly memoryTrend: MemoryTrend = new MemoryTrend();
  /** True once the log has that its memory grows. */
  isGrowthTold = false;
  /** When its process was started, in the wheel's clock. */
  spawnedMs = 0;
  /** Answers it gave. */
  servedCount = 0;
  /** What it last said it has allocated, in bytes; -1 when it did not say. */
  memoryBytes = -1;
  /** When its resident memory was looked at last, in the wheel's clock. */
  memoryCheckedMs: number = -Infinity;
  wantsRecycling = false;
  readonly #context: WorkerContext;
  readonly #deadline: Deadline;
  #calls: WorkerCalls;
  #state: WorkerState = "starting";
  #leaveReason: LeaveReason | null = null;
  #wasRunning = false;
  #error: Error | null = null;
  #process: WorkerProcess | null = null;
  #link: WorkerLink | null = null;
  /** True once it has ignored a cancel. */
  #isGivenUp = false;
  /** True when it writes where it is to STDERR on a signal. */
  #writesStack = false;

  constructor(id: number, bounds: WorkerBounds, context: WorkerContext) {
    this.id = id;
    this.bounds = bounds;
    this.#context = context;
    this.#deadline = new Deadline(this);
    this.#calls = new SerialCalls(this, context);
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** `null` until it is spawned. */
  get process(): WorkerProcess | null {
    return this.#process;
  }

  get processId(): number | null {
    const { isGone = true, pid = 0 } = this.#process ?? {};
    return isGone || pid === 0 ? null : pid;
  }

  get leaveReason(): LeaveReason | null {
    return this.#leaveReason;
  }

  /** True when it was lost while it ran a call. */
  get wasRunning(): boolean {
    return this.#wasRunning;
  }

  /** What it did wrong on its connection; `null` when nothing. */
  get error(): Error | null {
    return this.#error;
  }

  get inFlightCount(): number {
    return this.#calls.count;
  }

  /** Calls written to it in its life. */
  get sentCount(): number {
    return this.#calls.sentCount;
  }

  get headSinceMs(): number {
    return this.#calls.headSinceMs;
  }

  /** The call that was written to it first of those it has. */
  get oldestCall(): Call | null {
    return this.#calls.oldest;
  }

  get outputBytes(): number {
    return this.#link === null ? 0 : this.#link.outputBytes;
  }

  get concurrency(): number {
    return this.#calls.concurrency;
  }

  get isStreaming(): boolean {
    return this.#calls.isStreaming;
  }

  get isBlocked(): boolean {
    return this.#calls.isBlocked;
  }

  /** Who hears its answers. */
  get answers(): WorkerCalls {
    return this.#calls;
  }

  /** There is one from the first call on. */
  get link(): WorkerLink {
    return this.#link!;
  }

  get isServing(): boolean {
    return this.#state === "ready" || this.#state === "draining";
  }

  /** What it can do beyond its level. */
  get features(): readonly WorkerFeature[] {
    return this.#link?.features ?? [];
  }

  get isAccepting(): boolean {
    return this.#state === "ready" && this.#calls.sentCount < this.bounds.requestCountMax;
  }

  canRun({ needs }: Call): boolean {
    return needs === null || this.features.includes(needs);
  }

  /** @throws {WorkerStartError} when no process can be started; then nothing of it is left. */
  spawn(): void {
    const { launcher, wheel, config, owner } = this.#context;
    this.spawnedMs = wheel.nowMs();
    this.#process = launcher.launch({
      workerId: this.id,
      requestCountMax: this.bounds.requestCountMax,
      accept: (connection) => this.#accept(connection),
      onPid: (pid) => owner.onStarted(pid),
      onExit: () => this.#onProcessExit(),
      onGone: () => this.#finish(),
    });
    wheel.set(this.#deadline, config.startTimeoutMs);
  }

  send(call: Call, nowMs: number): void {
    this.#calls.send(call, nowMs);
  }

  /** Takes no further call, finishes those it has, and leaves; one that is still starting is ended. */
  drain(reason: LeaveReason): void {
    if (this.#state === "starting") this.terminate(reason);
    if (this.#state !== "ready") return;
    this.#leave("draining", reason);
    this.#calls.leave();
    if (this.#calls.isEmpty) this.#letGo();
  }

  /** Ends it now, with SIGTERM first; the calls it runs are lost. */
  terminate(reason: LeaveReason): void {
    if (this.#state === "gone") return;
    this.#leave("leaving", reason);
    this.#process?.endWithin(0);
    const isLate = reason === "request-timeout" || reason === "unresponsive";
    if (this.#calls.lose(null, isLate ? "timeout" : "worker-lost")) this.#wasRunning = true;
    this.#link?.close();
  }

  /** It ignores a cancel. It takes no further call and is ended as soon as no client waits for what it runs, or has waited long enough. */
  giveUp(): void {
    if (this.#isGivenUp || !this.isServing) return;
    this.#isGivenUp = true;
    this.drain("cancel-ignored");
    this.#context.wheel.set(this.#deadline, this.#context.config.requestTimeoutMs);
    this.#leaveIfDone();
  }

  noteServed({ usage }: WorkerResponse, nowMs: number): void {
    this.servedCount++;
    this.memoryBytes = usage.memoryBytes;
    if (usage.wantsRecycling) this.wantsRecycling = true;
    // Before the call's owner hears of it, so that a call it submits in turn finds this worker in its place.
    if (this.#state === "ready") this.#context.scheduler.onAnswered(this, nowMs);
  }

  noteTakenBack(count: number): void {
    if (this.#state === "ready") this.#context.scheduler.onTakenBack(count);
  }

  onLoopBlocked(blockedMs: number): void {
    this.#context.owner.onLoopBlocked(this, blockedMs);
    if (this.#writesStack) this.#process?.askForStack();
  }

  onLoopResumed(blockedMs: number): void {
    this.#context.owner.onLoopResumed(this, blockedMs);
  }

  onHello(hello: WorkerHello, features: readonly WorkerFeature[]): number {
    this.#context.onRoutes(features.includes("routes") ? hello.routes : null);
    const concurrency = Math.min(hello.concurrency, this.#context.config.concurrencyMax);
    // What was written to it before was written for one at a time.
    if (concurrency === 1 || this.#calls.sentCount > 0) return 1;
    this.#writesStack = features.includes("stack_signal");
    this.#calls = new ConcurrentCalls({ host: this, context: this.#context, concurrency, features });
    return concurrency;
  }

  onLinkReady(): void {
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#context.wheel.clear(this.#deadline);
    this.readySinceMs = this.#context.clock.nowMs();
    this.#context.owner.onReady(this);
  }

  onActions(list: ActionList): void {
    this.#context.onActions(list);
  }

  onBatchEnd(): void {
    if (!this.#calls.onBatchEnd() || !this.isServing) return;
    const nowMs = this.#context.clock.nowMs();
    if (this.#state === "ready") this.#context.owner.onServed(this, nowMs);
    this.#leaveIfDone();
    this.#context.scheduler.pump(nowMs);
  }

  onLinkEnd(end: LinkEnd): void {
    this.#error ??= end.error;
    if (this.#state === "starting") this.#leave("leaving", "start-failed");
    else this.#leave("leaving", end.error === null ? "left" : "protocol-error");
    this.#process?.endWithin(end.error === null ? EXIT_MS : 0);
    if (this.#calls.lose(end, "worker-lost")) this.#wasRunning = true;
    this.#finish();
  }

  /** @internal What is late depends on the state. */
  onDeadline(): void {
    if (this.#state === "starting") {
      this.#process?.kill();
      this.terminate("start-timeout");
    } else if (this.#state === "leaving") this.#link?.close();
    else this.terminate("cancel-ignored");
  }

  #accept(connection: Connection): ConnectionHandler {
    this.#link = new WorkerLink({ connection, owner: this, workerId: this.id, limits: this.#context.config });
    return this.#link;
  }

  /** Counts no longer as capacity. The scheduler lets go of it while it still has its calls: it counts them. */
  #leave(state: "draining" | "leaving", reason: LeaveReason): void {
    const { scheduler, owner, wheel } = this.#context;
    const before = this.#state;
    this.#state = state;
    this.#leaveReason ??= reason;
    if (state === "leaving") wheel.clear(this.#deadline);
    if (before === "ready") scheduler.remove(this);
    if (before === "ready" || before === "starting") owner.onLeaving(this);
  }

  #leaveIfDone(): void {
    if (this.#state !== "draining") return;
    if (this.#calls.isEmpty) this.#letGo();
    else if (this.#isGivenUp && this.#calls.isUnwanted) this.terminate("cancel-ignored");
  }

  #letGo(): void {
    this.#leave("leaving", "stopped");
    this.#process?.endWithin(LEAVE_MS);
    this.#link?.stop(LEAVE_MS);
  }

  /** The process is gone; what it wrote before may still be on its way. */
  #onProcessExit(): void {
    this.#leave("leaving", this.#state === "starting" ? "start-failed" : "left");
    if (this.#link?.isClosed === false) this.#context.wheel.set(this.#deadline, LAST_BYTES_MS);
  }

  #finish(): void {
    if (this.#state === "gone" || this.#process?.isGone !== true || this.#link?.isClosed === false) return;
    this.#state = "gone";
    this.#context.wheel.remove(this.#deadline);
    this.#context.owner.onGone(this);
  }
}
