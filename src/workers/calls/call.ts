import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { WorkerFeature } from "../../protocols/worker/features.ts";
import type { SessionOwner } from "./call-session.ts";
import type { StreamControl } from "./call-stream.ts";

/**
 * How often a call is written to workers at most. Each further time takes another worker that dies without having read it: for one that
 * exits of its own accord once is enough, and a request that no worker can read must not cost a whole pool.
 */
export const ATTEMPT_COUNT_MAX = 3;

/** Why a call ends without a response. Only `retryAfterS` reaches a client as it is; everything else is for status, log and metrics. */
export type CallFailure =
  /** No place: the queue is full, or it is 0 deep and every worker is busy. 503. */
  | { readonly kind: "queue-full"; readonly retryAfterS: number }
  /** Waited as long as the queue allows. 503. */
  | { readonly kind: "queue-timeout"; readonly retryAfterS: number }
  /** No worker is up and none is about to be: the app fails to start. 503. */
  | { readonly kind: "unavailable"; readonly retryAfterS: number }
  /** The pool is stopping. 503. */
  | { readonly kind: "stopping"; readonly retryAfterS: number }
  /** The worker did not answer within the request timeout; it is being killed. 504. */
  | { readonly kind: "timeout" }
  /** The worker died, or broke its protocol, while it ran this call; it may have run in part. 502. */
  | { readonly kind: "worker-lost" }
  /** The worker that has a place for it lacks the feature that it needs: the app has none of it. Nothing was sent. 501. */
  | { readonly kind: "unsupported" }
  /** The frame would exceed the frame limit; nothing was sent. 413. */
  | { readonly kind: "too-large" };

/** What runs somewhere else and may be called off. */
export interface Cancellable {
  /** Nobody wants what it leads to any more; does nothing once it has ended. */
  cancel(): void;
}

/** Who takes the body of a request while it arrives: gets no more bytes than it has granted, then one of the ends, once. */
export interface CallSourceReader {
  /** Valid during the call. */
  onBodyBytes(bytes: Buffer, start: number, end: number): void;
  onBodyEnd(trailers: FieldBlock | null): void;
  /** The body never will be complete. */
  onBodyAborted(): void;
}

/** The body of a request that is still arriving when a worker is taken. */
export interface CallSource {
  /** Hands the body to `reader`, which may have `creditBytes` of it at once. */
  open(reader: CallSourceReader, creditBytes: number): void;
  /** Takes a reader back that was given nothing yet: the body waits for another one. */
  release(): void;
  grant(byteCount: number): void;
  /** Nobody reads on. */
  close(): void;
}

/** The body of a request, complete before a worker is taken. */
export interface CallBody {
  readonly byteLength: number;
  /**
   * Hands the bytes to `write`, in order, piece by piece; may be called again for another attempt. Synchronous: a spooled body comes from
   * the page cache.
   */
  read(write: (bytes: Uint8Array, start: number, end: number) => void): void;
}

/**
 * One request on its way through a pool: made by the pool's user, who also hears how it ends. Exactly one of `onResponse` and `onFailure`
 * is called, once, unless the call is abandoned before; a refusal is heard before `submit` returns.
 *
 * A worker may also answer in parts. Then it is `onHead` once, any number of `onChunk`, and `onBodyEnd` in the place of `onResponse`; `onFailure`
 * may still follow a head. Any number of `onInterim` may precede the answer of either kind.
 */
export abstract class Call {
  /** The encoded request up to and including the header of its body; id and worker id are filled in for each attempt. Set before `submit`. */
  frame: Buffer;
  /** Set before `submit`. */
  body: CallBody | null;
  /** What follows the frame in parts, in the place of `body`. Set before `submit`. */
  source: CallSource | null = null;
  /** Who has the WebSocket that may come of it; `null` for a call that asks for none. Set before `submit`. */
  session: SessionOwner | null = null;
  /** What a worker must be able to do to run it; `null` for nothing. Set before `submit`. */
  needs: WorkerFeature | null = null;
  /** How long a worker may take for it; `null` for as long as the pool says. Set before `submit`. */
  timeoutMs: number | null = null;
  /** True when running it twice is allowed (RFC 9110 §9.2.2): only then may it be sent again after a worker exited under it. */
  readonly isIdempotent: boolean;
  /**
   * True when it changes nothing (RFC 9110 §9.2.1): only then may it be written ahead to a busy worker, which runs it even when its client has
   * left meanwhile.
   */
  readonly isSafe: boolean;

  /** @internal True once it cannot be written to a worker again: part of its source was. */ isSpent = false;
  /** @internal */ state: "new" | "queued" | "running" | "ended" = "new";
  /** When the pool took it, in the wheel's clock; -1 before. */
  submittedMs = -1;
  /** When the worker that has it began with it, as far as can be seen from here; -1 before. */
  begunMs = -1;
  /** @internal */ enqueuedMs = 0;
  /** @internal How many workers it was written to. */ attemptCount = 0;
  /** @internal How to call it off where it runs; `null` while its worker cannot be told. */ cancellable: Cancellable | null =
    null;

  constructor({ frame, body, isIdempotent, isSafe }: Pick<Call, "frame" | "body" | "isIdempotent" | "isSafe">) {
    this.frame = frame;
    this.body = body;
    this.isIdempotent = isIdempotent;
    this.isSafe = isSafe;
  }

  /** `response` is valid during this call only. */
  abstract onResponse(response: WorkerResponse): void;
  abstract onFailure(failure: CallFailure): void;

  /** No worker needs what was lent to it any more: the call was answered, or will not be written to another one. May come twice. */
  onReleased(): void {}

  /** Early hints, valid during this call only; whoever has no use for them lets them pass. */
  onInterim(_interim: WorkerResponse): void {}

  /**
   * The response comes in parts: this is its head. Each `grant` of bytes that were in chunks lets the worker send as many more. An owner that
   * takes whole responses only does not override this: the response counts as lost.
   */
  onHead(_head: WorkerResponse, stream: StreamControl): void {
    stream.cancel();
    this.onFailure({ kind: "worker-lost" });
  }

  /** The next bytes of the body, valid during this call only; with `error` set when they are none. */
  onChunk(_chunk: WorkerResponse): void {}

  /** The body is complete, or with `error` set never will be. */
  onBodyEnd(_end: WorkerResponse): void {}
}
