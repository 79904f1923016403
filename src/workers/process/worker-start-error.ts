import { WorkerError } from "../../base/errors.ts";

/** What keeps a worker process from being started at all. */
export type WorkerStartErrorCode =
  /** The interpreter is not there, or is not a program. */
  | "VILYA_WORKER_BINARY_MISSING"
  /** What it runs on cannot be made for the runtime of its app. */
  | "VILYA_WORKER_LIBRARY_MISSING"
  /** Its socket or settings cannot be made: the directory is gone, full, not writable, or its path is too long. */
  | "VILYA_WORKER_DIRECTORY_UNUSABLE"
  /** Nothing on this machine starts it as the user it is to be. */
  | "VILYA_WORKER_USER_UNUSABLE"
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

/** The error of a file or socket at `path` that workers need and the system refuses. */
export function directoryError(path: string, error: unknown): WorkerStartError {
  const message = `Cannot prepare ${path} for a worker: ${messageOf(error)}, a private and writable directory is needed`;
  return new WorkerStartError("VILYA_WORKER_DIRECTORY_UNUSABLE", message, { cause: error });
}

/** The error of a process that the system refuses to start. */
export function spawnError(workingDirectory: string, error: unknown): WorkerStartError {
  const message = `Cannot start a worker in ${workingDirectory}: the system refuses it (${messageOf(error)}), a free process and the right to enter the directory are needed`;
  return new WorkerStartError("VILYA_WORKER_SPAWN_FAILED", message, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
