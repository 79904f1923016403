import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Call } from "./call.ts";
import { CallStream } from "./call-stream.ts";
import { InFlight } from "./in-flight.ts";
import type { CallHost, WorkerCalls } from "./worker-calls.ts";
import type { CallContext } from "../worker-context.ts";
import { WorkerLinkError } from "../worker-link-error.ts";
import type { LinkEnd } from "../worker-link.ts";

/**
 * The calls of a worker that runs one at a time and answers in order, those that were written ahead included.
 *
 * Invariant: one deadline is enough, because only the oldest call runs.
 */
export class SerialCalls implements WorkerCalls, DeadlineOwner {
  readonly concurrency = 1;
  readonly isBlocked = false;
  readonly #host: CallHost;
  readonly #context: CallContext;
  readonly #deadline: Deadline;
  readonly #calls: InFlight;
  /** The response it sends in parts. */
  #stream: CallStream | null = null;
  /** True when a response in parts has ended in this batch. */
  #hasStreamEnded = false;
  #batchCount = 0;
  #batchSinceMs = 0;

  constructor(host: CallHost, context: CallContext) {
    this.#host = host;
    this.#context = context;
    this.#deadline = new Deadline(this);
    this.#calls = new InFlight(host.id);
  }

  get count(): number {
    return this.#calls.count;
  }

  get sentCount(): number {
    return this.#calls.sentCount;
  }

  get oldest(): Call | null {
    return this.#calls.head;
  }

  get headSinceMs(): number {
    return this.#calls.headSinceMs;
  }

  get isStreaming(): boolean {
    return this.#stream !== null || this.#host.link.uploads.isAny;
  }

  get isUnwanted(): boolean {
    return this.#calls.count === 0;
  }

  get isEmpty(): boolean {
    return this.#calls.count === 0;
  }

  /** Every call ends by itself. */
  leave(): void {}

  send(call: Call, nowMs: number): void {
    const isHead = this.#calls.count === 0;
    const id = this.#calls.push(call, nowMs);
    if (isHead) this.#awaitHead();
    this.#host.link.send(call, id);
  }

  onResponse(response: WorkerResponse): void {
    this.#assertStreaming(false, response.id);
    const nowMs = this.#context.clock.nowMs();
    if (this.#batchCount === 0) this.#batchSinceMs = this.#calls.headSinceMs;
    const call = this.#calls.shift(response.id, nowMs);
    this.#host.link.uploads.stop(response.id);
    this.#batchCount++;
    this.#host.noteServed(response, nowMs);
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
    const stream = new CallStream({ call, id: head.id, link: this.#host.link, windowBytes, onChange });
    this.#stream = stream;
    this.#takeBehind();
    if (call.state !== "running") {
      stream.cancel();
      return;
    }
    call.cancellable = stream;
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
    const nowMs = this.#context.clock.nowMs();
    const call = this.#calls.shift(end.id, nowMs);
    this.#host.link.uploads.stop(end.id);
    stream.end();
    this.#stream = null;
    this.#hasStreamEnded = true;
    this.#host.noteServed(end, nowMs);
    if (call.state === "running") this.#context.ender.end(call, end);
  }

  /** A worker that runs one request at a time has no loop to watch, and holds no WebSockets. */
  onPong(_n: number): void {}

  onCredit(_id: number, _byteCount: number): void {}

  onOwnAction(id: number): void {
    const message = `Cannot take a frame of worker ${this.#host.id} for request ${id}: it is for a WebSocket, which needs more than one request at a time`;
    throw new WorkerLinkError("VILYA_WORKER_STREAM_INVALID", message);
  }

  /** Whoever is waited for: the worker has its time for what is its own to do. */
  onUploadTurn(id: number): void {
    if (this.#stream !== null || !this.#host.isServing) return;
    if (this.#host.link.uploads.awaitsClient(id)) this.#context.wheel.clear(this.#deadline);
    else if (this.#calls.count > 0) this.#awaitHead();
  }

  onBatchEnd(): boolean {
    if (this.#batchCount === 0 && !this.#hasStreamEnded) return false;
    const { clock, prefetch, wheel } = this.#context;
    if (this.#batchCount > 0)
      prefetch.observe(Math.max(0, clock.nowMs() - this.#batchSinceMs - clock.lastTurnMs), this.#batchCount);
    this.#batchCount = 0;
    this.#hasStreamEnded = false;
    if (!this.#host.isServing) return true;
    if (this.#stream !== null) this.#onStreamChange();
    else if (this.#calls.count > 0) this.#awaitHead();
    else wheel.clear(this.#deadline);
    return true;
  }

  lose(end: LinkEnd | null, kind: "worker-lost" | "timeout"): boolean {
    const { wheel, scheduler, ender } = this.#context;
    const { running, notBegun } = this.#calls.takeAll(end);
    wheel.remove(this.#deadline);
    this.#stream?.end();
    this.#stream = null;
    if (notBegun.length > 0) scheduler.returnCalls(notBegun);
    if (running === null) return false;
    ender.fail(running, { kind });
    return true;
  }

  /** @internal */
  onDeadline(): void {
    if (this.#host.isServing) this.#host.terminate("request-timeout");
  }

  /** Has what was written ahead run elsewhere: nobody knows how long this worker will stream. */
  #takeBehind(): void {
    const { scheduler } = this.#context;
    const behind = this.#calls.takeBehind();
    if (behind.length === 0) return;
    this.#host.noteTakenBack(behind.length);
    for (const call of behind) if (call.state !== "running") call.onReleased();
    scheduler.returnCalls(behind.filter((call) => call.state === "running"));
  }

  #awaitHead(): void {
    const { wheel, config } = this.#context;
    wheel.set(this.#deadline, this.#calls.headTimeoutMs ?? config.requestTimeoutMs);
  }

  /** Moves the deadline: none cuts a response that goes on, unless the worker may send and does not, or does not heed a cancel. */
  #onStreamChange(): void {
    const { wheel, config } = this.#context;
    const stream = this.#stream;
    if (stream === null || !this.#host.isServing) return;
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
    const message = `Cannot take a frame of worker ${this.#host.id} for request ${id}: ${state}, a head, then chunks, then an end are allowed`;
    throw new WorkerLinkError("VILYA_WORKER_STREAM_INVALID", message);
  }
}
