import { WorkerError } from "../../base/errors.ts";

/** How a worker can lose the framing of its connection; each has its section in `docs/reference/wire.md`. */
export type WorkerProtocolErrorCode =
  /** It answered the handshake with other bytes than `OK`. */
  | "VILYA_WORKER_HANDSHAKE_REFUSED"
  /** A frame of length 0. */
  | "VILYA_WORKER_FRAME_EMPTY"
  /** A frame longer than the limit: refused from its four length bytes, before anything is kept of it. */
  | "VILYA_WORKER_FRAME_TOO_LARGE"
  /** A frame that is not exactly one MessagePack value: cut short, followed by other bytes, or not MessagePack at all. */
  | "VILYA_WORKER_FRAME_MALFORMED"
  /** Arrays and maps that nest deeper than the decoder follows. */
  | "VILYA_WORKER_FRAME_TOO_DEEP"
  /** A frame whose value is not a map. */
  | "VILYA_WORKER_FRAME_NOT_A_MAP"
  /** A response without a usable `id`: nobody can tell whose it is. */
  | "VILYA_WORKER_ID_INVALID"
  /** A hello that breaks its rules. */
  | "VILYA_WORKER_HELLO_INVALID"
  /** Credit that is no count of bytes. */
  | "VILYA_WORKER_CREDIT_INVALID"
  /** A frame of level 2 whose type the worker may not send: it is unknown, or the hello did not name its feature. */
  | "VILYA_WORKER_TYPE_INVALID";

/** A worker wrote what its protocol does not allow and nothing after it can be trusted: the worker is retired and replaced. */
export class WorkerProtocolError extends WorkerError {
  readonly code: WorkerProtocolErrorCode;

  constructor(code: WorkerProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
