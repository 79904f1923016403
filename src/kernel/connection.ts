import type { Arena } from "./arena.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import type { ConnectionOptions, ConnectionOwner } from "./connection-options.ts";
import { EarlyHandler } from "./early-handler.ts";
import type { CloseCause, Monitor } from "./monitor.ts";
import { Outbox } from "./outbox.ts";
import { AbandonedWriteError, PoisonGuard } from "./poison-guard.ts";
import { discardArena } from "./spare-arenas.ts";
import type { SocketOwner } from "./socket-owner.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "./timer-wheel.ts";
import type { TlsFacts } from "./tls-facts.ts";
import { localAddressOf, remoteAddressOf, type Transport, UNKNOWN_PEER } from "./transport.ts";
import { type Flushable, turn } from "./turn.ts";

/** How long a connection that cannot be written to any more is still read: what the peer sent before it left is waiting there. */
const READ_AFTER_FAILED_WRITE_MS = 1_000;

/**
 * One socket: it receives chunks, sends what is in its arena once a turn, keeps one deadline, and ends in exactly one `onClose`.
 *
 * Invariants: partial writes and `drain` are handled here and nowhere else; a handler writes into `output()` and never sees a socket.
 * Only `close`, `closeAfterFlush`, `linger` and `poison` may call `onClose` before they return: writing never calls the handler back. What
 * a handler throws costs its connection and no other. An idle connection is this object and its handler: no closure, timer or buffer.
 *
 * `open` → `closing` or `lingering` (both send what waits) → `shut-down` (reads on) → `closed`: writes and input are dropped in all but `open`.
 */
export class Connection implements Flushable, DeadlineOwner, SocketOwner {
  /** Set by `start`, before any other call. */
  handler!: ConnectionHandler;
  /** What TLS has established, or null for a clear connection. Set before `start`. */
  tls: TlsFacts | null = null;
  /** Bytes that have arrived, without those of TLS; tells after the close, too. */
  receivedBytes = 0;
  /** Whether its output leaves before that of others: for a peer that can begin to work while they are written to. */
  isFlushedFirst = false;
  /** @internal */
  owner: ConnectionOwner | null = null;
  readonly #socket: Transport;
  /** @internal */
  readonly outbox: Outbox;
  readonly #wheel: TimerWheel;
  readonly #monitor: Monitor;
  readonly #deadline: Deadline;
  /** Exists only once the peer was slower than we are. */
  #stall: Deadline | null = null;
  readonly #stallMs: number;
  #guard: PoisonGuard | null = null;
  #remoteAddress: string | null = null;
  #state: "open" | "closing" | "lingering" | "shut-down" | "closed" = "open";
  /** False from the moment when nothing more is taken to be written: closing, closed, or the socket takes nothing. */
  #isWritable = true;
  #isFlushQueued = false;
  #isPaused = false;
  #isInputEnded = false;
  #lingerBytesLeft = 0;
  #lingerMs = 0;

  constructor(socket: Transport, { wheel, monitor, stallMs }: ConnectionOptions) {
    this.#socket = socket;
    this.outbox = new Outbox(socket);
    this.#wheel = wheel;
    this.#monitor = monitor;
    this.#stallMs = stallMs;
    this.#deadline = new Deadline(this);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** True once `closeAfterFlush`, `linger` or `close` was called: nothing more is written. */
  get isClosing(): boolean {
    return this.#state !== "open";
  }

  /** The peer as `address:port` (IPv6 in brackets), or `unix:` for a Unix socket. Read it before the end if it is wanted after it. */
  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.isClosed ? UNKNOWN_PEER : remoteAddressOf(this.#socket));
  }

  /** The address that the peer has reached, as `address:port` or `unix:`. Read it before the end. */
  get localAddress(): string {
    return localAddressOf(this.#socket);
  }

  /** Bytes written by the handler and not yet taken by the socket. */
  get outputBytes(): number {
    return this.outbox.waitingBytes;
  }

  /** Bytes the socket has taken since the connection was opened. It still tells after the close. */
  get sentBytes(): number {
    return this.outbox.sentBytes;
  }

  /**
   * Where in the stream of all output the next byte will be: behind a message that was encoded just now, its mark. If `sentBytes` has not
   * reached it when the connection closes, the peer cannot have acted on the message. `Infinity` once nothing is written any more.
   */
  get queuedBytes(): number {
    return this.#isWritable ? this.sentBytes + this.outputBytes : Infinity;
  }

  /** True while more than the high-water mark waits to be sent: stop the source and wait for `onDrain`. */
  get isAboveHighWater(): boolean {
    return this.outbox.isAboveHighWater;
  }

  /** Why the connection was poisoned, or `null` when it was not. */
  get poisonedBy(): Error | null {
    return this.#guard === null ? null : this.#guard.error;
  }

  /**
   * The arena to write into, good until the end of the turn. What is written leaves at the end of the turn, or at `flush()`; what is
   * written to a connection that is closing is dropped.
   */
  output(): Arena {
    if (!this.#isWritable) return discardArena();
    this.#queueFlush();
    return this.outbox.arena();
  }

  /** Appends a block; a large one bypasses the arena as far as the socket takes it, so that it is not copied twice. */
  write(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (!this.#isWritable) return;
    const outbox = this.outbox;
    const { sentBytes } = outbox;
    outbox.append(bytes, start, end);
    this.#queueFlush();
    this.#noteSent(sentBytes);
  }

  /** As `write`, but at once: for a block that many connections get, so that each does not need a copy of its own. A system call each. */
  writeNow(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#isWritable) return;
    const outbox = this.outbox;
    const { sentBytes } = outbox;
    outbox.appendDirect(bytes, start, end);
    if (outbox.waitingBytes > 0) this.#queueFlush();
    this.#noteSent(sentBytes);
  }

  /** Begins a logical write of more than one turn: until `endWrite`, closing the connection resets it, and `isWritten` is false. */
  beginWrite(): void {
    if (this.#isWritable) (this.#guard ??= new PoisonGuard()).arm();
  }

  /** Ends what `beginWrite` began. */
  endWrite(): void {
    if (this.#isWritable) (this.#guard ??= new PoisonGuard()).disarm();
  }

  /** Sends what is waiting now instead of at the end of the turn. */
  flush(moment: "now" | "turn-end" = "now"): void {
    this.#transmit();
    if (moment === "now") return;
    this.#isFlushQueued = false;
    this.#settle();
  }

  /** Stops reading. The peer's close goes unnoticed meanwhile: pause only while something else bounds the wait. */
  pause(): void {
    if (this.#isPaused || this.#state !== "open") return;
    this.#isPaused = true;
    this.#socket.pause();
    this.#monitor({ kind: "paused" });
  }

  resume(): void {
    if (!this.#isPaused || this.#state === "closed") return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#monitor({ kind: "resumed" });
  }

  /** Calls `handler.onDeadline` in `delayMs`, unless it is moved or cleared before. A connection has one deadline: that of its phase. */
  setDeadline(delayMs: number): void {
    if (this.#state === "open" || this.#state === "closing") this.#wheel.set(this.#deadline, delayMs);
  }

  clearDeadline(): void {
    if (this.#state === "open" || this.#state === "closing") this.#wheel.clear(this.#deadline);
  }

  /** Sends what is waiting, then closes. */
  closeAfterFlush(): void {
    if (this.#state !== "open") return;
    if (this.outbox.isFailed || this.outputBytes === 0 || this.#guard?.isArmed) {
      this.close();
      return;
    }
    this.#state = "closing";
    this.#isWritable = false;
    this.resume(); // The peer's close has to be noticed, and what it sends is dropped.
  }

  /**
   * Sends what is waiting, closes the sending side, and reads on, dropping up to `bytesMax`, for up to `delayMs` once nothing waits: closing
   * a socket with unread input resets it, and the peer would lose the answer that explains why. RFC 9112 §9.6.
   */
  linger(delayMs: number, bytesMax: number): void {
    if (this.#state !== "open") return;
    if (this.#isInputEnded || this.outbox.isFailed || this.#guard?.isArmed) {
      this.closeAfterFlush();
      return;
    }
    this.#state = "lingering";
    this.#isWritable = false;
    this.#lingerBytesLeft = bytesMax;
    this.#lingerMs = delayMs;
    // While something waits, the peer has the time of any slow reader, where there is a limit to that.
    if (this.#stallMs > 0) this.#wheel.clear(this.#deadline);
    else this.#wheel.set(this.#deadline, delayMs);
    this.resume();
    if (this.outputBytes === 0) this.#shutDown();
  }

  /** Closes now; what is waiting is lost. In the middle of a logical write that poisons the connection. */
  close(cause: CloseCause = "local"): void {
    if (this.#state === "closed") return;
    const isOrderly = cause === "local" || cause === "peer";
    if (isOrderly && this.#guard?.isArmed) this.poison(new AbandonedWriteError());
    else if (isOrderly && this.outbox.isFailed) this.#die("reset", "terminate");
    else this.#die(cause, isOrderly ? "end" : "terminate");
  }

  /** Resets the connection because what was read or written on it cannot be trusted: whatever else is in flight on it fails. */
  poison(error: Error): void {
    if (this.#state === "closed") return;
    (this.#guard ??= new PoisonGuard()).poison(error);
    this.#monitor({ kind: "poisoned", error });
    this.#die("poisoned", "terminate");
  }

  /** @internal Who has accepted it says who the peer is, or for whom it speaks. */
  speakFor(remoteAddress: string): void {
    this.#remoteAddress = remoteAddress;
  }

  /** @internal Makes the handler; one that closes the connection meanwhile is told of that as well. */
  start(open: (connection: Connection) => ConnectionHandler): void {
    const early = new EarlyHandler();
    this.handler = early;
    try {
      this.handler = open(this);
    } catch (error) {
      this.#contain(error);
      return;
    }
    if (early.closeCause !== null) this.#tellClosed(early.closeCause, early.isWritten);
  }

  /** @internal Called by the socket handlers that listener and dialer share. */
  receive(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.#state === "open") {
      try {
        this.handler.onBytes(chunk);
      } catch (error) {
        this.#contain(error);
      }
      turn.noteInput();
    } else if (this.#state === "lingering" || this.#state === "shut-down") {
      this.#lingerBytesLeft -= chunk.length;
      if (this.#lingerBytesLeft < 0) this.close();
    }
  }

  /** @internal */
  end(): void {
    this.#isInputEnded = true;
    if (this.#state === "shut-down") {
      this.close("peer");
    } else if (this.#state === "lingering") {
      this.#state = "closing"; // There is no input left that closing could leave unread.
    } else if (this.#state === "open") {
      if (this.outbox.isFailed) this.close("reset");
      else this.#call("onEnd");
    }
  }

  /** @internal */
  drain(): void {
    this.#transmit();
    this.#settle();
  }

  /** @internal */
  onDeadline(deadline: Deadline): void {
    if (deadline === this.#stall) {
      this.close(this.outbox.isFailed ? "reset" : "stalled");
    } else if (this.#state === "lingering" || this.#state === "shut-down") {
      this.close();
    } else {
      this.#call("onDeadline");
    }
  }

  /** @internal */
  socketClosed(hadError: boolean): void {
    this.#die(hadError || this.outbox.isFailed ? "reset" : "peer", "gone");
  }

  #queueFlush(): void {
    if (this.#isFlushQueued) return;
    this.#isFlushQueued = true;
    turn.flushAtEnd(this, this.isFlushedFirst);
  }

  #transmit(): void {
    if (this.#state === "closed" || this.outbox.isFailed) return;
    const outbox = this.outbox;
    const { sentBytes } = outbox;
    if (outbox.transmit()) {
      if (this.#stall !== null) this.#wheel.clear(this.#stall);
    } else if (outbox.isFailed) {
      this.#sendFailed();
    } else if (this.#stallMs > 0) {
      this.#stall ??= new Deadline(this);
      if (outbox.sentBytes > sentBytes || !this.#stall.isSet) this.#wheel.set(this.#stall, this.#stallMs);
    }
  }

  /** What follows from having sent: only at the end of a turn and on `drain`, when no handler is in the middle of writing. */
  #settle(): void {
    if (this.#state === "closed") return;
    const isDrained = this.outbox.settle();
    if (this.#state === "open") {
      if (isDrained) this.#call("onDrain");
    } else if (this.outputBytes === 0) {
      if (this.#state === "closing") this.close();
      else if (this.#state === "lingering") this.#shutDown();
    }
  }

  /** What follows from having sent outside of `#transmit`: `sentBytes` is what it was before. */
  #noteSent(sentBytes: number): void {
    if (this.outbox.isFailed) this.#sendFailed();
    else if (this.#stall?.isSet && this.outbox.sentBytes > sentBytes) this.#wheel.set(this.#stall, this.#stallMs);
  }

  #sendFailed(): void {
    this.#isWritable = false;
    this.#stall ??= new Deadline(this);
    this.#wheel.set(this.#stall, this.#state === "open" ? READ_AFTER_FAILED_WRITE_MS : 0);
  }

  #shutDown(): void {
    this.#state = "shut-down";
    this.#wheel.set(this.#deadline, this.#lingerMs);
    this.#socket.shutdown();
  }

  #call(event: "onEnd" | "onDrain" | "onDeadline"): void {
    try {
      this.handler[event]();
    } catch (error) {
      this.#contain(error);
    }
  }

  /** The last resort: a handler answers its own protocol errors. A bug on one connection costs that connection. */
  #contain(error: unknown): void {
    this.poison(error instanceof Error ? error : new Error(String(error)));
  }

  #die(cause: CloseCause, how: "end" | "terminate" | "gone"): void {
    if (this.#state === "closed") return;
    const isWritten = this.outputBytes === 0 && !this.outbox.isFailed && this.#guard?.isArmed !== true;
    this.#state = "closed"; // First of all: the socket may report its close before the call below returns.
    this.#isWritable = false;
    if (how !== "gone") this.#socket[how]();
    this.outbox.clear();
    this.#wheel.remove(this.#deadline);
    if (this.#stall !== null) this.#wheel.remove(this.#stall);
    this.owner?.onConnectionClosed(this, cause);
    this.#monitor({ kind: "closed", cause });
    this.#tellClosed(cause, isWritten);
  }

  #tellClosed(cause: CloseCause, isWritten: boolean): void {
    try {
      this.handler.onClose(cause, isWritten);
    } catch (error) {
      reportError(error); // There is nothing left to poison.
    }
  }
}
