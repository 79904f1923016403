import type { WorkerResponse } from "../protocols/worker/worker-response.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Call, CallFailure } from "./call.ts";
import type { PoolCounters } from "./pool-status.ts";

/**
 * Tells calls how they ended, and counts it. Never throws: an owner that does has a bug of its own, which is logged and must not become its
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
    call.state = "ended";
    this.#counters.servedCount++;
    if (response.error !== null) this.#counters.errorCount++;
    try {
      call.onResponse(response);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  fail(call: Call, failure: CallFailure): void {
    call.state = "ended";
    this.#count(failure.kind);
    try {
      call.onFailure(failure);
    } catch (error) {
      this.#reportBug(error);
    }
  }

  #count(kind: CallFailure["kind"]): void {
    switch (kind) {
      case "worker-lost":
        this.#counters.lostCount++;
        return;
      case "timeout":
        this.#counters.timedOutCount++;
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
