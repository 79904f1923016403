import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import type { ByteRange, SocketAction } from "../../protocols/worker/socket-action.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { CallHost } from "./worker-calls.ts";
import type { CallContext } from "../worker-context.ts";
import { WorkerLinkError } from "../worker-link-error.ts";

/** What a message costs of a credit besides its bytes. */
const MESSAGE_COST_BYTES = 16;

/** How a socket has ended, as its worker is told. */
export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
  /** True when both sides have said so. */
  readonly isClean: boolean;
}

/** Who has the other side of a WebSocket that a worker holds. `onAccepted` comes first, and one of `onEnded` and `onLost` last. */
export interface SessionOwner {
  /** The worker takes the socket; `head` is valid during the call. */
  onAccepted(head: WorkerResponse, session: CallSession): void;
  /** What the worker does with its socket, valid during the call; a text says why that is nothing. */
  onAction(action: SocketAction | string): void;
  /** The worker may be sent messages again. */
  onWritable(): void;
  /** The worker leaves: the socket is to be closed in good order. */
  onLeaving(): void;
  /** The worker is done with its socket, or with `error` set has failed. */
  onEnded(error: string | null): void;
  onLost(): void;
}

/**
 * A WebSocket that a worker holds, from its acceptance on: credit both ways, and its end. docs/reference/wire.md, W2.50 to W2.58.
 *
 * Invariant: each side may send while it has credit, and a message may use more than is left, so that one over the window gets through.
 */
export class CallSession implements DeadlineOwner {
  readonly id: number;
  readonly owner: SessionOwner;
  readonly #host: CallHost;
  readonly #context: CallContext;
  readonly #deadline: Deadline;
  /** What the worker may be sent. */
  #creditBytes: number;
  /** What the worker may send. */
  #grantedBytes: number;
  /** Taken by the client and not granted yet. */
  #owedBytes = 0;
  #isClosed = false;

  constructor(id: number, owner: SessionOwner, host: CallHost, context: CallContext) {
    this.id = id;
    this.owner = owner;
    this.#host = host;
    this.#context = context;
    this.#deadline = new Deadline(this);
    this.#creditBytes = this.#grantedBytes = context.config.streamCreditBytes;
  }

  /** A message whose frame is longer cannot be sent. */
  get frameBytesMax(): number {
    return this.#context.config.frameBytesMax;
  }

  /** True while the worker may be sent messages. */
  get maySend(): boolean {
    return this.#creditBytes > 0;
  }

  /** Lets the worker begin to send. */
  open(): void {
    this.#host.link.sendCredit(this.id, this.#grantedBytes);
  }

  /** Sends a message of the client, which is read before this returns; once the socket has ended it is dropped. */
  send(message: { readonly isBinary: boolean } & ByteRange): void {
    if (this.#isClosed) return;
    this.#creditBytes -= costOf(message);
    this.#host.link.sendMessage(this.id, message);
  }

  /** The client has taken messages of the worker. */
  grant({ byteCount, messageCount }: { readonly byteCount: number; readonly messageCount: number }): void {
    if (this.#isClosed) return;
    this.#owedBytes += byteCount + messageCount * MESSAGE_COST_BYTES;
    if (this.#owedBytes * 2 < this.#context.config.streamCreditBytes) return;
    this.#grantedBytes += this.#owedBytes;
    this.#host.link.sendCredit(this.id, this.#owedBytes);
    this.#owedBytes = 0;
  }

  /** The socket has ended: the worker has to say that it is done, or it is given up. */
  close(end: SessionEnd): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.link.sendSocketClose(this.id, end);
    this.#context.wheel.set(this.#deadline, this.#context.config.requestTimeoutMs);
  }

  /** The worker has said what it does. @throws {WorkerLinkError} when that is a message it has no credit for. */
  take(action: SocketAction | string): void {
    if (typeof action !== "string" && action.kind === "send") {
      if (this.#grantedBytes <= 0) {
        const message = `Cannot take a message for the socket of request ${this.id}: it has no credit, messages are allowed while some is left`;
        throw new WorkerLinkError("VILYA_WORKER_CREDIT_EXCEEDED", message);
      }
      this.#grantedBytes -= costOf(action);
    }
    if (!this.#isClosed) this.owner.onAction(action);
  }

  /** The worker's app has taken so much. @throws {WorkerLinkError} when that is more than it was sent: nothing would bound what it may be sent. */
  takeCredit(byteCount: number): void {
    if (this.#isClosed) return;
    const sentBytes = this.#context.config.streamCreditBytes - this.#creditBytes;
    if (byteCount > sentBytes) {
      const message = `Cannot take credit for the socket of request ${this.id}: it is for ${byteCount} bytes, ${sentBytes} were sent and not credited`;
      throw new WorkerLinkError("VILYA_WORKER_CREDIT_EXCEEDED", message);
    }
    const wasWritable = this.maySend;
    this.#creditBytes += byteCount;
    if (!wasWritable && this.maySend) this.owner.onWritable();
  }

  /** The worker has said the last of it, or is lost. */
  release(): void {
    this.#isClosed = true;
    this.#context.wheel.remove(this.#deadline);
  }

  /** @internal The worker does not say that it is done. */
  onDeadline(): void {
    if (this.#host.isServing) this.#host.giveUp();
  }
}

function costOf({ start, end }: ByteRange): number {
  return end - start + MESSAGE_COST_BYTES;
}
