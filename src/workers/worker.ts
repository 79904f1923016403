import type { Connection, ConnectionHandler } from "../kernel/connection.ts";
import { Deadline, type DeadlineOwner } from "../kernel/timer-wheel.ts";
import type { WorkerFeature } from "../protocols/worker/features.ts";
import type { WorkerResponse } from "../protocols/worker/worker-response.ts";
import type { Call } from "./call.ts";
import { CallStream } from "./call-stream.ts";
import { InFlight, type LostCalls } from "./in-flight.ts";
import type { WorkerBounds } from "./recycling.ts";
import type { SchedulableWorker } from "./scheduler.ts";
import type { LeaveReason, WorkerContext } from "./worker-context.ts";
import { WorkerLinkError } from "./worker-link-error.ts";
import { type LinkEnd, type LinkOwner, WorkerLink } from "./worker-link.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** How long a worker that was asked to leave may run its shutdown hooks before it gets SIGTERM. */
const LEAVE_MS = 5_000;

/** How long a worker that has closed its connection may take to exit before it gets SIGTERM. */
const EXIT_MS = 1_000;

/** How long the last bytes of an exited process may take when a child of it still holds the connection open. */
const LAST_BYTES_MS = 50;

/**
 * `starting` until the handshake is done · `ready` takes calls · `draining` finishes those it has · `leaving` takes and answers none, because it
 * was asked to leave, was ended, or left · `gone`: no process, no connection.
 */
export type WorkerState = "starting" | "ready" | "draining" | "leaving" | "gone";

/**
 * One worker: its process, its connection, and the calls it has.
 *
 * Invariant: the scheduler knows it exactly while it is `ready`; every call written to it is answered, failed or returned, once.
 */
export class Worker implements SchedulableWorker, LinkOwner, DeadlineOwner {
  readonly id: number;
  readonly bounds: WorkerBounds;
  idleSinceMs = 0;
  readySinceMs: number = Infinity;
  /** Answers it gave. */
  servedCount = 0;
  /** What it last said it has allocated, in bytes; -1 when it did not say. */
  memoryBytes = -1;
  /** When its resident memory was looked at last, in the wheel's clock. */
  memoryCheckedMs: number = -Infinity;
  wantsRecycling = false;
  readonly #context: WorkerContext;
  readonly #deadline: Deadline;
  readonly #calls: InFlight;
  #state: WorkerState = "starting";
  #leaveReason: LeaveReason | null = null;
  #wasRunning = false;
  #error: Error | null = null;
  #process: WorkerProcess | null = null;
  #link: WorkerLink | null = null;
  /** The response it sends in parts. */
  #stream: CallStream | null = null;
  /** True when a response in parts has ended in this batch. */
  #hasStreamEnded = false;
  #batchCount = 0;
  #batchSinceMs = 0;

  constructor(id: number, bounds: WorkerBounds, context: WorkerContext) {
    this.id = id;
    this.bounds = bounds;
    this.#context = context;
    this.#deadline = new Deadline(this);
    this.#calls = new InFlight(id);
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** `null` until it is spawned. */
  get process(): WorkerProcess | null {
    return this.#process;
  }

  get processId(): number | null {
    return this.#process === null || this.#process.isGone ? null : this.#process.pid;
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

  get outputBytes(): number {
    return this.#link === null ? 0 : this.#link.outputBytes;
  }

  get isStreaming(): boolean {
    return this.#stream !== null || this.#link?.uploads.isAny === true;
  }

  /** What it can do beyond its level. */
  get features(): readonly WorkerFeature[] {
    return this.#link?.features ?? [];
  }

  get isAccepting(): boolean {
    return this.#state === "ready" && this.#calls.sentCount < this.bounds.requestCountMax;
  }

  /** @throws {WorkerStartError} when no process can be started; then nothing of it is left. */
  spawn(): void {
    const { launcher, wheel, config } = this.#context;
    this.#process = launcher.launch({
      workerId: this.id,
      requestCountMax: this.bounds.requestCountMax,
      accept: (connection) => this.#accept(connection),
      onExit: () => this.#onProcessExit(),
      onGone: () => this.#finish(),
    });
    wheel.set(this.#deadline, config.startTimeoutMs);
  }

  send(call: Call, nowMs: number): void {
    const isHead = this.#calls.count === 0;
    const id = this.#calls.push(call, nowMs);
    if (isHead) this.#context.wheel.set(this.#deadline, this.#context.config.requestTimeoutMs);
    this.#link?.send(call, id);
  }

  /** Takes no further call, finishes those it has, and leaves; one that is still starting is ended. */
  drain(reason: LeaveReason): void {
    if (this.#state === "starting") this.terminate(reason);
    if (this.#state !== "ready") return;
    this.#leave("draining", reason);
    if (this.#calls.count === 0) this.#letGo();
  }

  /** Ends it now, with SIGTERM first; the call it runs is lost. */
  terminate(reason: LeaveReason): void {
    if (this.#state === "gone") return;
    this.#leave("leaving", reason);
    this.#process?.endWithin(0);
    this.#lose(this.#calls.takeAll(null), reason === "request-timeout" ? "timeout" : "worker-lost");
    this.#link?.close();
  }

  onLinkReady(): void {
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#context.wheel.clear(this.#deadline);
    this.readySinceMs = this.#context.clock.nowMs();
    this.#context.owner.onReady(this);
  }

  onResponse(response: WorkerResponse): void {
    this.#assertStreaming(false, response.id);
    const nowMs = this.#context.clock.nowMs();
    if (this.#batchCount === 0) this.#batchSinceMs = this.#calls.headSinceMs;
    const call = this.#calls.shift(response.id, nowMs);
    this.#link?.uploads.stop(response.id);
    this.#batchCount++;
    this.#noteServed(response, nowMs);
    if (call.state === "running") this.#context.ender.respond(call, response);
  }

  onInterim(interim: WorkerResponse): void {
    this.#assertStreaming(false, interim.id);
    const call = this.#calls.answer(interim.id);
    if (call.state === "running") this.#context.ender.interim(call, interim);
  }

  onHead(head: WorkerResponse): void {
    this.#assertStreaming(false, head.id);
    const { ender, config } = this.#context;
    const call = this.#calls.answer(head.id);
    const onChange = (): void => this.#onStreamChange();
    const windowBytes = config.streamCreditBytes;
    const stream = new CallStream({ call, id: head.id, link: this.#link!, windowBytes, onChange });
    this.#stream = stream;
    this.#takeBehind();
    if (call.state !== "running") {
      stream.cancel();
      return;
    }
    stream.open();
    ender.begin(call, head, stream);
  }

  onChunk(chunk: WorkerResponse): void {
    const stream = this.#assertStreaming(true, chunk.id);
    stream.take(chunk.bodyByteLength);
    if (stream.isCancelled) return;
    this.#onStreamChange();
    this.#context.ender.chunk(stream.call, chunk);
  }

  onBodyEnd(end: WorkerResponse): void {
    const stream = this.#assertStreaming(true, end.id);
    const { clock, ender } = this.#context;
    const nowMs = clock.nowMs();
    const call = this.#calls.shift(end.id, nowMs);
    this.#link?.uploads.stop(end.id);
    stream.end();
    this.#stream = null;
    this.#hasStreamEnded = true;
    this.#noteServed(end, nowMs);
    if (call.state === "running") ender.end(call, end);
  }

  onBatchEnd(): void {
    if (this.#batchCount === 0 && !this.#hasStreamEnded) return;
    const { clock, prefetch, wheel, config, scheduler, owner } = this.#context;
    const nowMs = clock.nowMs();
    if (this.#batchCount > 0)
      prefetch.observe(Math.max(0, nowMs - this.#batchSinceMs - clock.lastTurnMs), this.#batchCount);
    this.#batchCount = 0;
    this.#hasStreamEnded = false;
    if (this.#state !== "ready" && this.#state !== "draining") return;
    if (this.#stream !== null) this.#onStreamChange();
    else if (this.#calls.count > 0) wheel.set(this.#deadline, config.requestTimeoutMs);
    else wheel.clear(this.#deadline);
    if (this.#state === "ready") owner.onServed(this, nowMs);
    if (this.#state === "draining" && this.#calls.count === 0) this.#letGo();
    scheduler.pump(nowMs);
  }

  onUploadTurn(): void {
    if (this.#stream !== null || (this.#state !== "ready" && this.#state !== "draining")) return;
    const { wheel, config } = this.#context;
    if (this.#link?.uploads.awaitsClient === true) wheel.clear(this.#deadline);
    else if (this.#calls.count > 0) wheel.set(this.#deadline, config.requestTimeoutMs);
  }

  onLinkEnd(end: LinkEnd): void {
    this.#error ??= end.error;
    if (this.#state === "starting") this.#leave("leaving", "start-failed");
    else this.#leave("leaving", end.error === null ? "left" : "protocol-error");
    this.#process?.endWithin(end.error === null ? EXIT_MS : 0);
    this.#lose(this.#calls.takeAll(end), "worker-lost");
    this.#finish();
  }

  /** @internal What is late depends on the state. */
  onDeadline(): void {
    if (this.#state === "starting") {
      this.#process?.kill();
      this.terminate("start-timeout");
    } else if (this.#state === "leaving") this.#link?.close();
    else this.terminate("request-timeout");
  }

  #accept(connection: Connection): ConnectionHandler {
    this.#link = new WorkerLink({ connection, owner: this, workerId: this.id, limits: this.#context.config });
    return this.#link;
  }

  /** Takes in what an answer says of the worker, and that it is free if it was the last one. */
  #noteServed({ usage }: WorkerResponse, nowMs: number): void {
    const { scheduler } = this.#context;
    this.servedCount++;
    this.memoryBytes = usage.memoryBytes;
    if (usage.wantsRecycling) this.wantsRecycling = true;
    if (this.#state !== "ready") return;
    scheduler.onAnswered();
    // Before the call's owner hears of it, so that a call it submits in turn finds this worker in its place.
    if (this.#calls.count === 0) scheduler.onFree(this, nowMs);
  }

  /** Has what was written ahead run elsewhere: nobody knows how long this worker will stream. */
  #takeBehind(): void {
    const { scheduler } = this.#context;
    const behind = this.#calls.takeBehind();
    if (behind.length === 0) return;
    if (this.#state === "ready") for (const _ of behind) scheduler.onAnswered();
    for (const call of behind) if (call.state !== "running") call.onReleased();
    scheduler.returnCalls(behind.filter((call) => call.state === "running"));
  }

  /** Moves the deadline: none cuts a response that goes on, unless the worker may send and does not, or does not heed a cancel. */
  #onStreamChange(): void {
    const { wheel, config } = this.#context;
    const stream = this.#stream;
    if (stream === null || (this.#state !== "ready" && this.#state !== "draining")) return;
    if (stream.isCancelled) wheel.set(this.#deadline, config.requestTimeoutMs);
    else if (config.streamIdleTimeoutMs > 0 && stream.maySend) wheel.set(this.#deadline, config.streamIdleTimeoutMs);
    else wheel.clear(this.#deadline);
  }

  /** The response in parts that frames for `id` belong to. @throws {WorkerLinkError} when there is one where none may be, or none. */
  #assertStreaming(isPart: true, id: number): CallStream;
  #assertStreaming(isPart: false, id: number): null;
  #assertStreaming(isPart: boolean, id: number): CallStream | null {
    const stream = this.#stream;
    if (isPart ? stream?.id === id : stream === null) return stream;
    const state = stream === null ? "it has sent no head" : `it streams the response to request ${stream.id}`;
    const message = `Cannot take a frame of worker ${this.id} for request ${id}: ${state}, a head, then chunks, then an end are allowed`;
    throw new WorkerLinkError("VILYA_WORKER_STREAM_INVALID", message);
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

  #lose({ running, notBegun }: LostCalls, kind: "worker-lost" | "timeout"): void {
    this.#stream?.end();
    this.#stream = null;
    if (notBegun.length > 0) this.#context.scheduler.returnCalls(notBegun);
    if (running === null) return;
    this.#wasRunning = true;
    this.#context.ender.fail(running, { kind });
  }

  #finish(): void {
    if (this.#state === "gone" || this.#process?.isGone !== true || this.#link?.isClosed === false) return;
    this.#state = "gone";
    this.#context.wheel.remove(this.#deadline);
    this.#context.owner.onGone(this);
  }
}
