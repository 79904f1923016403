import type { WebSocketEnd } from "../../http/websocket/websocket-app.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { EventAnswer } from "../../protocols/worker/worker-response.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { CallFailure } from "../../workers/calls/call.ts";
import { SocketEvent, type SocketEventOwner } from "./socket-event.ts";

/** Closes that are with the pool at a time: when thousands of clients leave at once, requests do not queue behind all of them. */
const IN_FLIGHT_COUNT_MAX = 8;

/** Closes that may wait before no further socket is opened. Sockets that are open then may still add theirs. */
const WAITING_COUNT_MAX = 10_000;

/** How long to let a pool alone that has no place. */
const RETRY_MS = 250;

/** A socket that has ended, of which the app has not heard yet. */
export interface ClosedSocket {
  /** The frame of its close event. Made late: what its worker has kept may still change. */
  encodeClose(end: WebSocketEnd): Buffer;
  /** Does what the app has asked for at the end; valid during the call. */
  takeAnswer(answer: EventAnswer): void;
  readonly end: WebSocketEnd;
}

/** What closes need of the rest. */
export interface SocketClosesOptions {
  readonly submit: (event: SocketEvent) => void;
  /** Writes down what a worker says went wrong. */
  readonly report: (error: string) => void;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/**
 * Tells the app of sockets that have ended, in their order, a few at a time. A close that the pool has no place for is offered again: the app
 * hears of each exactly once, unless the worker that ran it was lost or the engine stops.
 */
export class SocketCloses implements DeadlineOwner {
  readonly #options: SocketClosesOptions;
  readonly #retry: Deadline;
  readonly #waiting: ClosedSocket[] = [];
  /** Sockets that have ended, until the app has heard of it. */
  #owedCount = 0;
  #inFlightCount = 0;
  #isPumping = false;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(options: SocketClosesOptions) {
    this.#options = options;
    this.#retry = new Deadline(this);
  }

  /** True when so many wait that whoever opens sockets has to hold back. */
  get isFull(): boolean {
    return this.#waiting.length >= WAITING_COUNT_MAX;
  }

  /** Resolves when the app has heard of every socket that has ended. */
  whenIdle(): Promise<void> {
    if (this.#owedCount === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /** A socket has ended; its `push` follows when its last event is answered. */
  owe(): void {
    this.#owedCount++;
  }

  push(closed: ClosedSocket): void {
    this.#waiting.push(closed);
    this.#pump();
  }

  /** @internal The pool may have a place again. */
  onDeadline(): void {
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return; // A pool that refuses does so before `submit` returns.
    this.#isPumping = true;
    while (this.#inFlightCount < IN_FLIGHT_COUNT_MAX && !this.#retry.isSet) {
      const closed = this.#waiting.shift();
      if (closed === undefined) break;
      this.#inFlightCount++;
      this.#options.submit(new SocketEvent(closed.encodeClose(closed.end), this.#ownerOf(closed)));
    }
    this.#isPumping = false;
    if (this.#owedCount > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  }

  #ownerOf(closed: ClosedSocket): SocketEventOwner {
    const finish = (isOwed: boolean): void => {
      this.#inFlightCount--;
      if (!isOwed) this.#owedCount--;
      this.#pump();
    };
    return {
      onAnswer: (answer) => {
        closed.takeAnswer(answer);
        finish(false);
      },
      onError: (error) => {
        this.#options.report(error);
        finish(false);
      },
      onFailure: (failure) => {
        const isOwed = isForNow(failure);
        if (isOwed) this.#offerAgain(closed);
        else this.#options.log.warn("websocket close not delivered", { failure: failure.kind });
        finish(isOwed);
      },
    };
  }

  #offerAgain(closed: ClosedSocket): void {
    this.#waiting.unshift(closed);
    this.#options.wheel.set(this.#retry, RETRY_MS);
  }
}

function isForNow({ kind }: CallFailure): boolean {
  return kind === "queue-full" || kind === "queue-timeout" || kind === "unavailable";
}
