import { WorkerError } from "../base/errors.ts";

/** What keeps a worker process from being started at all. */
export type WorkerStartErrorCode =
  /** The interpreter is not there, or is not a program. */
  | "VILYA_WORKER_BINARY_MISSING"
  /** What it runs on cannot be made for the runtime of its app. */
  | "VILYA_WORKER_LIBRARY_MISSING"
  /** Its socket or settings cannot be made: the directory is gone, full, not writable, or its path is too long. */
  | "VILYA_WORKER_DIRECTORY_UNUSABLE"
  /** The system refuses another process. */
  | "VILYA_WORKER_SPAWN_FAILED";

/** A worker process could not be started: nothing runs, and its pool tries again later. */
export class WorkerStartError extends WorkerError {
  readonly code: WorkerStartErrorCode;

  constructor(code: WorkerStartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
