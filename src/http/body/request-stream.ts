import { assert } from "../../base/assert.ts";
import { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { BodySpoolOptions } from "./body-spool.ts";

/** Who reads a request body while it arrives. */
export interface RequestStreamReader {
  /** The next bytes, never none; valid during the call. */
  onBodyBytes(bytes: Buffer, start: number, end: number): void;
  /** The body is complete; `trailers` are `null` where it has none. No call follows. */
  onBodyEnd(trailers: FieldBlock | null): void;
  /** The body never will be complete: the client has left, was too slow, or broke a rule. No call follows. */
  onBodyAborted(): void;
}

/** The protocol's side of a body that is read while it arrives. */
export interface RequestStreamSource {
  /** Somebody reads, for the first time: a client that waits for 100 (Continue) may begin. */
  onReadingBegun(): void;
  /** There is room again: the client may send on. */
  onRoom(): void;
  /** It was to be stored, and cannot be: nobody reads on. */
  onSpoolFailed(error: Error): void;
}

/**
 * A request body on its way from a client to a reader that takes it while it arrives.
 *
 * Invariant: the reader gets no more bytes than it has granted. What a client sends beyond that is held, in order, and its protocol sends
 * for no more while anything is: so a slow reader pauses its client, and costs at most what was on its way by then.
 */
export class RequestStream {
  readonly #source: RequestStreamSource;
  /** Where it goes if it is stored after all. */
  readonly spool: BodySpoolOptions;
  #reader: RequestStreamReader | null = null;
  #creditBytes = 0;
  #held: Arena | null = null;
  #trailers: FieldBlock | null = null;
  #state: "arriving" | "arrived" | "aborted" | "over" = "arriving";
  #wasOpened = false;
  /** True while the reader is given something: what it does meanwhile shows behind that. */
  #isHanding = false;

  constructor(source: RequestStreamSource, spool: BodySpoolOptions) {
    this.#source = source;
    this.spool = spool;
  }

  /** True while it is the reader who is waited for, and not the client. */
  get isFull(): boolean {
    return this.#creditBytes === 0 || this.#held !== null;
  }

  /** True while bytes wait for the reader. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  /** Hands the body to `reader`. It may have `creditBytes` at once. */
  open(reader: RequestStreamReader, creditBytes: number): void {
    this.#reader = reader;
    if (this.#state === "aborted") {
      this.#tellAborted();
      return;
    }
    this.#creditBytes = creditBytes;
    if (!this.#wasOpened) {
      this.#wasOpened = true;
      this.#source.onReadingBegun();
    }
    this.#pass();
  }

  /** The reader was given nothing, and never will be: the body waits for another one. */
  release(): void {
    this.#reader = null;
    this.#creditBytes = 0;
  }

  /** The reader may have so many bytes more. */
  grant(byteCount: number): void {
    this.#creditBytes += byteCount;
    this.#pass();
  }

  /** Nobody reads on: what is held and what still comes is dropped. */
  close(): void {
    this.#state = "over";
    this.#held = null;
    this.#reader = null;
  }

  /** Its reader cannot keep it, for want of a disk. */
  fail(error: Error): void {
    this.close();
    this.#source.onSpoolFailed(error);
  }

  /** Called by the source with the next bytes, which are copied where they have to wait. */
  append(bytes: Buffer, start: number, end: number): void {
    if (this.#state !== "arriving") return;
    const at = this.#held === null ? start + this.#hand(bytes, start, end) : start;
    if (at === end || this.#isOver) return;
    this.#held ??= new Arena(end - at);
    this.#held.writeBytes(bytes, at, end);
    this.#pass();
  }

  /** Called by the source when the body is complete. `trailers` are kept. */
  end(trailers: FieldBlock | null): void {
    if (this.#state !== "arriving") return;
    this.#state = "arrived";
    this.#trailers = trailers;
    this.#pass();
  }

  /** Called by the source when the body will not be complete. Does nothing once it is. */
  abort(): void {
    if (this.#state !== "arriving" && this.#held === null) return;
    if (this.#isOver) return;
    this.#state = "aborted";
    this.#held = null;
    this.#tellAborted();
  }

  /** Read anew after every call of the reader, which may have closed it. */
  get #isOver(): boolean {
    return this.#state === "over";
  }

  /** Hands over what is held, as far as the credit goes, and behind it the end. */
  #pass(): void {
    if (this.#isHanding) return;
    const held = this.#held;
    if (held !== null) this.#handHeld(held);
    if (this.#reader === null || this.#isOver) return;
    if (held?.byteLength === 0) this.#held = null;
    if (this.#held !== null) return;
    if (this.#state === "arrived") this.#tellEnd();
    else if (this.#state === "arriving" && this.#creditBytes > 0) this.#source.onRoom();
  }

  #handHeld(held: Arena): void {
    while (held.byteLength > 0 && this.#creditBytes > 0 && !this.#isOver) {
      held.consume(this.#hand(held.bytes, held.start, held.end));
    }
  }

  /** Returns how many bytes the reader was given. */
  #hand(bytes: Buffer, start: number, end: number): number {
    const count = Math.min(this.#creditBytes, end - start);
    if (count === 0) return 0;
    assert(this.#reader !== null, "only a reader grants credit");
    this.#creditBytes -= count;
    this.#isHanding = true;
    try {
      this.#reader.onBodyBytes(bytes, start, start + count);
    } finally {
      this.#isHanding = false;
    }
    return count;
  }

  #tellEnd(): void {
    const reader = this.#reader;
    const trailers = this.#trailers;
    this.close();
    reader?.onBodyEnd(trailers);
  }

  #tellAborted(): void {
    const reader = this.#reader;
    if (reader === null) return;
    this.close();
    reader.onBodyAborted();
  }
}
