import { WorkerError } from "../base/errors.ts";

/** How a worker can break the order of its frames while each of them is sound. */
export type WorkerLinkErrorCode =
  /** A response nobody asked for, or to another request than the one it runs. */
  | "VILYA_WORKER_RESPONSE_UNEXPECTED"
  /** It closed its connection in the middle of a frame. */
  | "VILYA_WORKER_FRAME_CUT"
  /** A hello that is not the first frame. */
  | "VILYA_WORKER_HELLO_LATE"
  /** A part of a streamed response out of its turn. */
  | "VILYA_WORKER_STREAM_INVALID"
  /** More bytes of a streamed response than it had credit for, or credit for more of a request than it was sent. */
  | "VILYA_WORKER_CREDIT_EXCEEDED"
  /** It lacks what the other workers of its pool can do, and got a request that needs it. */
  | "VILYA_WORKER_FEATURE_MISSING"
  /** A prototype named a process that is none of its forks, or a worker that it was not asked for. */
  | "VILYA_WORKER_FORK_INVALID";

/** A worker said something at the wrong time: what it says next cannot be told apart, so it is retired and replaced. */
export class WorkerLinkError extends WorkerError {
  readonly code: WorkerLinkErrorCode;

  constructor(code: WorkerLinkErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
