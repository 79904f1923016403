import type { WorkerFeature } from "../../protocols/worker/features.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import { ATTEMPT_COUNT_MAX, type Call } from "./call.ts";
import { CallSession, type SessionEnd, type SessionOwner } from "./call-session.ts";
import type { CallStream } from "./call-stream.ts";
import { ConcurrentCall } from "./concurrent-call.ts";
import { LoopWatch } from "../watch/loop-watch.ts";
import type { CallHost, WorkerCalls } from "./worker-calls.ts";
import type { CallContext } from "../worker-context.ts";
import { WorkerLinkError } from "../worker-link-error.ts";
import type { LinkEnd } from "../worker-link.ts";

/** RFC 9110 §15.2.2: accepts a WebSocket. */
const SWITCHING_PROTOCOLS = 101;

/** RFC 6455 §7.4.1: a connection that has ended without a word. */
const LOST: SessionEnd = { code: 1006, reason: "", isClean: false };

/** What the calls of one worker are made of. */
export interface ConcurrentCallsOptions {
  readonly host: CallHost;
  readonly context: CallContext;
  /** How many it runs at a time, more than 1. */
  readonly concurrency: number;
  readonly features: readonly WorkerFeature[];
}

/**
 * The calls of a worker that runs several at a time: answers come in any order, and each call has its deadline, its credit and its end of
 * its own. docs/reference/wire.md, W2.20 to W2.26.
 */
export class ConcurrentCalls implements WorkerCalls {
  readonly concurrency: number;
  /** Nothing is ever written ahead: what it has, it runs. */
  readonly headSinceMs: number = Infinity;
  readonly isStreaming = false;
  readonly #host: CallHost;
  readonly #context: CallContext;
  readonly #watch: LoopWatch | null;
  /** By id, and therefore in the order in which they were written. */
  readonly #running = new Map<number, ConcurrentCall>();
  /** The WebSockets that have come of calls: they have no place and no timeout. */
  readonly #sessions = new Map<number, CallSession>();
  #lastId = 0;
  /** True once anything came back since it had no call. */
  #hasAnswered = false;
  #hasBatchEnded = false;

  constructor({ host, context, concurrency, features }: ConcurrentCallsOptions) {
    this.#host = host;
    this.#context = context;
    this.concurrency = concurrency;
    const isWatched = features.includes("ping") && context.config.pingIntervalMs > 0;
    this.#watch = isWatched ? new LoopWatch({ host, context, isBusy: () => this.#running.size > 0 }) : null;
  }

  get count(): number {
    return this.#running.size;
  }

  get sentCount(): number {
    return this.#lastId;
  }

  get oldest(): Call | null {
    const [first] = this.#running.values();
    return first?.call ?? null;
  }

  get isBlocked(): boolean {
    return this.#watch?.isBlocked === true;
  }

  get isEmpty(): boolean {
    return this.#running.size === 0 && this.#sessions.size === 0;
  }

  get isUnwanted(): boolean {
    if (this.#sessions.size > 0) return false;
    for (const { call } of this.#running.values()) if (call.state === "running") return false;
    return true;
  }

  send(call: Call, nowMs: number): void {
    call.state = "running";
    call.begunMs = nowMs;
    call.attemptCount++;
    if (this.#running.size === 0) {
      this.#hasAnswered = false;
      this.#watch?.onBusy();
    }
    const id = ++this.#lastId;
    const running = new ConcurrentCall(call, id, this.#host, this.#context);
    this.#running.set(id, running);
    call.cancellable = running;
    this.#host.link.send(call, id);
    running.endsAtBytes = this.#host.link.writtenBytes;
  }

  onResponse(response: WorkerResponse): void {
    const running = this.#whole(response.id);
    this.#finish(running, response);
    if (running.call.state === "running") this.#context.ender.respond(running.call, response);
  }

  onInterim(interim: WorkerResponse): void {
    const { call } = this.#whole(interim.id);
    if (call.state === "running") this.#context.ender.interim(call, interim);
  }

  onHead(head: WorkerResponse): void {
    const running = this.#whole(head.id);
    if (head.status === SWITCHING_PROTOCOLS && running.call.session !== null) {
      this.#begin(running, running.call.session, head);
      return;
    }
    const stream = running.open();
    if (running.call.state === "running") this.#context.ender.begin(running.call, head, stream);
  }

  onChunk(chunk: WorkerResponse): void {
    const running = this.#find(chunk.id);
    const stream = this.#streamOf(running);
    stream.take(chunk.bodyByteLength);
    if (stream.isCancelled) return;
    running.onStreamChange();
    this.#context.ender.chunk(running.call, chunk);
  }

  onBodyEnd(end: WorkerResponse): void {
    const session = this.#sessions.get(end.id);
    if (session !== undefined) {
      this.#sessions.delete(end.id);
      this.#hasBatchEnded = true;
      session.release();
      session.owner.onEnded(end.error);
      return;
    }
    const running = this.#find(end.id);
    // What was called off may end without ever having begun.
    if (running.call.state === "running") this.#streamOf(running);
    this.#finish(running, end);
    if (running.call.state === "running") this.#context.ender.end(running.call, end);
  }

  onOwnAction(id: number, action: SocketAction | string): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) {
      session.take(action);
      return;
    }
    const running = this.#find(id);
    // Its 101 was not one that can be sent, and the cancel that says so may not be there yet.
    if (running.call.session !== null && running.stream?.isCancelled === true) return;
    throw this.#outOfTurn(id, "it has not accepted its WebSocket");
  }

  onCredit(id: number, byteCount: number): void {
    this.#sessions.get(id)?.takeCredit(byteCount);
  }

  leave(): void {
    for (const { owner } of this.#sessions.values()) owner.onLeaving();
  }

  onPong(n: number): void {
    this.#watch?.onPong(n);
  }

  onUploadTurn(id: number): void {
    this.#running.get(id)?.onUploadTurn();
  }

  onBatchEnd(): boolean {
    const hasEnded = this.#hasBatchEnded;
    this.#hasBatchEnded = false;
    return hasEnded;
  }

  lose(end: LinkEnd | null, kind: "worker-lost" | "timeout"): boolean {
    const { scheduler, ender } = this.#context;
    const all = [...this.#running.values()];
    this.#watch?.stop();
    this.#running.clear();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const each of all) each.release();
    const wanted = all.filter(({ call }) => call.state === "running");
    const notBegun = wanted.filter((each) => end !== null && this.#hasNotBegun(each, end)).map(({ call }) => call);
    const lost = wanted.map(({ call }) => call).filter((call) => !notBegun.includes(call));
    for (const { call } of all) if (call.state !== "running") call.onReleased();
    if (notBegun.length > 0) scheduler.returnCalls(notBegun);
    for (const call of lost) ender.fail(call, { kind });
    for (const session of sessions) {
      session.release();
      session.owner.onLost();
    }
    return lost.length + sessions.length > 0;
  }

  /**
   * True when the socket proves that the worker has not read a request as a whole, because its last byte was not sent or is among those left
   * unread, or when that may be and running it twice does no harm.
   */
  #hasNotBegun({ call, isAnswering, endsAtBytes }: ConcurrentCall, { unsentBytes, isUnread }: LinkEnd): boolean {
    if (isAnswering || call.isSpent || call.attemptCount >= ATTEMPT_COUNT_MAX) return false;
    const sentBytes = this.#host.link.writtenBytes - unsentBytes;
    if (endsAtBytes > sentBytes) return true;
    return isUnread && (endsAtBytes === sentBytes || (call.isIdempotent && !this.#hasAnswered));
  }

  /** The call becomes a WebSocket. Its client may have left meanwhile: then that is all the worker hears. */
  #begin(running: ConcurrentCall, owner: SessionOwner, head: WorkerResponse): void {
    const { call, id } = running;
    const session = new CallSession(id, owner, this.#host, this.#context);
    this.#sessions.set(id, session);
    const isWanted = call.state === "running";
    this.#finish(running, head);
    call.state = "ended";
    if (!isWanted) {
      session.close(LOST);
      return;
    }
    session.open();
    owner.onAccepted(head, session);
  }

  #finish(running: ConcurrentCall, answer: WorkerResponse): void {
    this.#running.delete(running.id);
    running.release();
    running.call.onReleased();
    this.#host.link.uploads.stop(running.id);
    this.#hasBatchEnded = true;
    this.#host.noteServed(answer, this.#context.clock.nowMs());
  }

  /** The call whose answer has not begun in parts. @throws {WorkerLinkError} when there is none. */
  #whole(id: number): ConcurrentCall {
    const running = this.#find(id);
    if (running.stream === null) return running;
    throw this.#outOfTurn(id, "it streams the response to it");
  }

  /** @throws {WorkerLinkError} when its answer has not begun. */
  #streamOf(running: ConcurrentCall): CallStream {
    if (running.stream !== null) return running.stream;
    throw this.#outOfTurn(running.id, "it has sent no head");
  }

  #find(id: number): ConcurrentCall {
    const running = this.#running.get(id);
    if (running === undefined) {
      const message = `Cannot take the response of worker ${this.#host.id}: it answers request ${id}, which it does not run, one answer to each request is allowed`;
      throw new WorkerLinkError("VILYA_WORKER_RESPONSE_UNEXPECTED", message);
    }
    running.isAnswering = true;
    this.#hasAnswered = true;
    return running;
  }

  #outOfTurn(id: number, state: string): WorkerLinkError {
    const message = `Cannot take a frame of worker ${this.#host.id} for request ${id}: ${state}, a head, then chunks, then an end are allowed`;
    return new WorkerLinkError("VILYA_WORKER_STREAM_INVALID", message);
  }
}
