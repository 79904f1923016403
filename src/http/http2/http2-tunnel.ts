import type { Arena } from "../../kernel/arena.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import { discardArena, returnArena, takeArena } from "../../kernel/spare-arenas.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import { type Flushable, turn } from "../../kernel/turn.ts";
import type { Duplex } from "../duplex.ts";
import type { UpgradedHandler } from "../response-writer.ts";

/** Bytes waiting to be sent above which the source should stop, and below which it may go on; those of a connection (`Outbox`). */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** What a tunnel needs of the stream it runs on. */
export interface TunnelStream {
  /** Sends bytes behind those sent before, and ends our side behind the last. */
  send(bytes: Buffer, start: number, end: number, isEnd: boolean): void;
  /** Bytes sent that wait for the client. */
  readonly waitingBytes: number;
  /** The client may send as much again as it has sent. */
  openWindow(): void;
  /** Resets the stream: nobody wants it any more. */
  cancel(): void;
  /** Resets the stream because of a fault of ours. */
  fail(error: Error): void;
}

/**
 * One stream that speaks another protocol since its extended CONNECT was answered (RFC 8441): to that protocol it is what a whole connection
 * is after an upgrade of HTTP/1.1, the end of the stream being the end of the connection.
 *
 * Invariant: what its handler does wrong costs the stream and no other; `onClose` is the handler's last call, and comes once.
 */
export class Http2Tunnel implements Duplex, DeadlineOwner, Flushable {
  readonly remoteAddress: string;
  readonly #stream: TunnelStream;
  readonly #wheel: TimerWheel;
  readonly #deadline = new Deadline(this);
  /** What was written in this turn. */
  #output: Arena | null = null;
  /** What came before there was a handler, or while it was paused. */
  readonly #input = new Segments();
  #handler: ConnectionHandler | null = null;
  #state: "open" | "closing" | "lingering" | "closed" = "open";
  #isPaused = false;
  #inputEnd: "awaited" | "here" | "delivered" = "awaited";
  #isFlushQueued = false;
  #wasAboveHighWater = false;

  constructor(stream: TunnelStream, remoteAddress: string, wheel: TimerWheel) {
    this.#stream = stream;
    this.remoteAddress = remoteAddress;
    this.#wheel = wheel;
  }

  /** Read anew after every call of the handler, which may have ended it. */
  get #isOpen(): boolean {
    return this.#state === "open";
  }

  get outputBytes(): number {
    return (this.#output?.byteLength ?? 0) + this.#stream.waitingBytes;
  }

  get isAboveHighWater(): boolean {
    return this.outputBytes > HIGH_WATER_BYTES;
  }

  /** Hands the stream to another protocol, the answer that agrees on it being written. */
  start(takeOver: (duplex: Duplex) => UpgradedHandler): void {
    this.#contain(() => {
      const handler = takeOver(this);
      this.#handler = handler;
      handler.onUpgraded();
      this.#deliver();
    });
  }

  /** Bytes have come; they are copied. */
  receive(bytes: Buffer, start: number, end: number): void {
    if (this.#state !== "open") {
      this.#stream.openWindow();
      return;
    }
    if (end > start) this.#input.append(Buffer.from(bytes.subarray(start, end)));
    this.#deliver();
  }

  /** The client has ended its side. */
  endInput(): void {
    this.#inputEnd = "here";
    this.#deliver();
  }

  /** The client has taken some of what was sent. */
  onTaken(): void {
    if (!this.#wasAboveHighWater || this.outputBytes > LOW_WATER_BYTES) return;
    this.#wasAboveHighWater = false;
    if (this.#state === "open") this.#contain(() => this.#handler?.onDrain());
  }

  /** The stream is gone; `isWritten` is false when what was sent has not all left. */
  end(cause: CloseCause, isWritten: boolean): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#wheel.remove(this.#deadline);
    this.#input.clear();
    const isAllSent = isWritten && this.#output === null;
    this.#output = null;
    this.#contain(() => this.#handler?.onClose(cause, isAllSent));
  }

  output(): Arena {
    if (this.#state !== "open") return discardArena();
    this.#queueFlush();
    return (this.#output ??= takeArena());
  }

  write(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#state === "open") this.output().writeBytes(bytes, start, end);
  }

  writeNow(bytes: Uint8Array, start: number, end: number): void {
    this.write(bytes, start, end);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#deliver();
  }

  setDeadline(delayMs: number): void {
    if (this.#state !== "closed") this.#wheel.set(this.#deadline, delayMs);
  }

  clearDeadline(): void {
    this.#wheel.clear(this.#deadline);
  }

  closeAfterFlush(): void {
    this.#leave("closing");
  }

  linger(delayMs: number): void {
    if (this.#leave("lingering")) this.#wheel.set(this.#deadline, delayMs);
  }

  close(): void {
    if (this.#state !== "closed") this.#stream.cancel();
  }

  /** True when the client may still say something that is dropped, our side being ended. */
  get isLingering(): boolean {
    return this.#state === "lingering";
  }

  /** @internal */
  flush(): void {
    this.#isFlushQueued = false;
    if (this.#state === "closed") return;
    const output = this.#output;
    this.#output = null;
    const isEnd = this.#state !== "open";
    if (output === null) {
      if (isEnd) this.#stream.send(NOTHING, 0, 0, true);
      return;
    }
    this.#stream.send(output.bytes, output.start, output.end, isEnd);
    output.consume(output.byteLength);
    returnArena(output);
    if (this.isAboveHighWater) this.#wasAboveHighWater = true;
  }

  /** @internal */
  onDeadline(): void {
    if (this.#state === "lingering") this.#stream.cancel();
    else this.#contain(() => this.#handler?.onDeadline());
  }

  /** Takes nothing more to be written; returns whether that is new. */
  #leave(state: "closing" | "lingering"): boolean {
    if (this.#state !== "open") return false;
    this.#state = state;
    this.#queueFlush(); // What was written in this turn still leaves, the end behind it.
    this.#input.clear();
    this.#stream.openWindow();
    return true;
  }

  #queueFlush(): void {
    if (this.#isFlushQueued) return;
    this.#isFlushQueued = true;
    turn.flushAtEnd(this);
  }

  #deliver(): void {
    const handler = this.#handler;
    const input = this.#input;
    if (handler === null || this.#isPaused || this.#state !== "open") return;
    if (input.byteLength > 0) {
      const chunk = input.bytes.subarray(input.start, input.end);
      input.clear();
      this.#contain(() => handler.onBytes(chunk));
      if (!this.#isPaused) this.#stream.openWindow();
    }
    if (this.#inputEnd !== "here" || this.#isPaused || !this.#isOpen) return;
    this.#inputEnd = "delivered";
    this.#contain(() => handler.onEnd());
  }

  #contain(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#stream.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
