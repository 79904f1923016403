import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Call, CallFailure } from "./call.ts";
import type { CallStream } from "./call-stream.ts";
import type { PoolCounters } from "../pool-status.ts";

/**
 * Tells calls what their workers answer and how they ended, and counts it. Never throws: an owner that does has a bug of its own, which is logged and must not become its
 * worker's end.
 */
export class CallEnder {
  readonly #counters: PoolCounters;
  readonly #log: Logger;

  constructor(counters: PoolCounters, log: Logger) {
    this.#counters = counters;
    this.#log = log;
  }

  /** `response` is valid during this call only. */
  respond(call: Call, response: WorkerResponse): void {
    this.#countServed(call, response);
    try {
      call.onResponse(response);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  interim(call: Call, interim: WorkerResponse): void {
    try {
      call.onInterim(interim);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  /** From here on the response belongs to `stream`, which an owner that fails has cancelled. */
  begin(call: Call, head: WorkerResponse, stream: CallStream): void {
    try {
      call.onHead(head, stream);
    } catch (error) {
      this.#reportBug(error);
      stream.cancel();
    }
  }

  chunk(call: Call, chunk: WorkerResponse): void {
    try {
      call.onChunk(chunk);
    } catch (error) {
      this.#reportBug(error);
      call.cancellable?.cancel();
    }
  }

  end(call: Call, end: WorkerResponse): void {
    this.#countServed(call, end);
    try {
      call.onBodyEnd(end);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  fail(call: Call, failure: CallFailure): void {
    call.state = "ended";
    call.onReleased();
    this.#count(failure.kind);
    try {
      call.onFailure(failure);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #countServed(call: Call, { error }: WorkerResponse): void {
    call.state = "ended";
    this.#counters.servedCount++;
    if (error !== null) this.#counters.errorCount++;
  }

  #count(kind: CallFailure["kind"]): void {
    switch (kind) {
      case "worker-lost":
        this.#counters.lostCount++;
        return;
      case "timeout":
        this.#counters.timedOutCount++;
        return;
      case "unsupported":
        this.#counters.unsupportedCount++;
        return;
      case "too-large":
        this.#counters.tooLargeCount++;
        return;
      default:
        this.#counters.refusedCounts[kind]++;
    }
  }

  #reportBug(error: unknown): void {
    this.#log.error("call owner failed", { error: error instanceof Error ? error : String(error) });
  }
}
