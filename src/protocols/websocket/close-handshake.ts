import { CLOSE_CODE } from "./close-code.ts";
import type { CloseStatus } from "./close-payload.ts";

/**
 * The closing handshake of one connection: each side sends one close frame, and after both the connection ends. RFC 6455 §7.1.
 *
 * `open` → `sent` (ours is out, the peer's is awaited) or `received` (answered at once) → `done`. Invariant: at most one close frame is
 * sent and one is taken, so `begin` and `receive` say whether this was it.
 */
export class CloseHandshake {
  #state: "open" | "sent" | "done" = "open";
  #status: CloseStatus | null = null;

  /** True until a close frame was sent or received: messages may be sent. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** True when both close frames are on their way: the connection ended in good order. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** What ended the connection: the first close frame of the two, ours or the peer's; 1006 when there was neither. */
  get status(): CloseStatus {
    return this.#status ?? { code: CLOSE_CODE.abnormal, reason: "" };
  }

  /** Begins to close from our side; returns whether a close frame has to be sent now. */
  begin(status: CloseStatus): boolean {
    if (this.#state !== "open") return false;
    this.#state = "sent";
    this.#status = status;
    return true;
  }

  /** Takes the peer's close frame; returns whether it has to be answered with the same. */
  receive(status: CloseStatus): boolean {
    const isAnswerDue = this.#state === "open";
    this.#state = "done";
    this.#status ??= status;
    return isAnswerDue;
  }
}
