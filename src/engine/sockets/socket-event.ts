import type { EventAnswer, WorkerResponse } from "../../protocols/worker/worker-response.ts";
import { Call, type CallFailure } from "../../workers/calls/call.ts";

/** Who hears how an event ended; one of the three is called, once. */
export interface SocketEventOwner {
  /** The worker has taken it; valid during this call only. */
  onAnswer(answer: EventAnswer): void;
  /** The worker says that it failed, or has said what cannot be done. Nothing of it is for a client. */
  onError(error: string): void;
  onFailure(failure: CallFailure): void;
}

const ORDINARY_ANSWER =
  "Cannot take the answer to an event: it is an ordinary response, one of type done is allowed behind the open";

/** A message or the end of a socket on its way through the pool. It changes something, so it is neither repeated nor written ahead. */
export class SocketEvent extends Call {
  override needs = "websocket" as const;
  readonly #owner: SocketEventOwner;

  constructor(frame: Buffer, owner: SocketEventOwner) {
    super({ frame, body: null, isIdempotent: false, isSafe: false });
    this.#owner = owner;
  }

  onResponse({ event, error }: WorkerResponse): void {
    if (error !== null) this.#owner.onError(error);
    else if (event === null) this.#owner.onError(ORDINARY_ANSWER);
    else this.#owner.onAnswer(event);
  }

  onFailure(failure: CallFailure): void {
    this.#owner.onFailure(failure);
  }
}
