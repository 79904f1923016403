import { Arena } from "./arena.ts";
import type { CloseCause, Monitor } from "./monitor.ts";
import { type Flushable, turn } from "./turn.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "./timer-wheel.ts";

/** Bytes waiting in one connection's arena above which its source should stop, and below which it may go on. */
const OUTPUT_HIGH_WATER_BYTES = 256 * 1024;
const OUTPUT_LOW_WATER_BYTES = 64 * 1024;

/** A block this large is handed to the socket as it is instead of being copied into the arena first. */
const DIRECT_WRITE_BYTES_MIN = 32 * 1024;

/** Arenas kept for reuse, and the largest kept: an idle connection holds no send buffer at all. */
const SPARE_ARENAS_MAX = 64;
const SPARE_ARENA_BYTES_MAX = 64 * 1024;

/** What a connection needs of a socket; `Bun.listen` and `Bun.connect` sockets have this shape. */
export interface Transport {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Returns how many bytes were taken, 0 when none fit, a negative number when the socket is closed. */
  write(bytes: Uint8Array, start: number, count: number): number;
  pause(): void;
  resume(): void;
  /** Closes after what was taken is sent. */
  end(): void;
  /** Closes at once with a reset. */
  terminate(): void;
  /** Closes the sending side only. The runtime's own flag for it means the opposite of what is documented: none is passed. */
  shutdown(): void;
}

/** What runs on a connection: a body (HTTP front, worker link, client, broker session). Every call happens on the event loop. */
export interface ConnectionHandler {
  /** Bytes have arrived; `chunk` now belongs to the handler. */
  onBytes(chunk: Buffer): void;
  /** The peer will send nothing more; writing to it may still work. */
  onEnd(): void;
  /** The output that exceeded the high-water mark has fallen below the low one. */
  onDrain(): void;
  /** The deadline set with `setDeadline` has passed. */
  onDeadline(): void;
  /** The connection is gone. Called exactly once, the last call of all. `isWritten` is false when output was still waiting. */
  onClose(cause: CloseCause, isWritten: boolean): void;
}

/** What a listener or dialer gives every connection it makes. */
export interface ConnectionOptions {
  readonly wheel: TimerWheel;
  readonly monitor: Monitor;
  /** A peer that takes none of the waiting output for this long is cut off (`stalled`); 0 waits for ever. */
  readonly stallMs: number;
}

const spareArenas: Arena[] = [];

/**
 * One socket: it receives chunks, sends what is in its arena once a turn, keeps one deadline, and ends in exactly one `onClose`.
 *
 * Invariant: partial writes and `drain` are handled here and nowhere else; a handler writes into `output()` and never sees a socket. An
 * idle connection is this object and its handler: no closure, no timer, no buffer.
 */
export class Connection implements Flushable, DeadlineOwner {
  /** Set by the listener or dialer before any other call. */
  handler!: ConnectionHandler;
  /** @internal The listener's set of open connections: leaving it is part of closing. */
  owners: Set<Connection> | null = null;
  readonly #socket: Transport;
  readonly #wheel: TimerWheel;
  readonly #monitor: Monitor;
  readonly #deadline: Deadline;
  /** Exists only while the peer is slower than we are. */
  #stall: Deadline | null = null;
  readonly #stallMs: number;
  #arena: Arena | null = null;
  #isFlushQueued = false;
  #isAboveHighWater = false;
  #isPaused = false;
  #isClosed = false;
  /** What happens once the arena is empty. */
  #afterFlush: "stay" | "close" | "shut-down-writing" = "stay";
  #lingerBytesLeft = -1;
  #closeCause: CloseCause | null = null;

  constructor(socket: Transport, { wheel, monitor, stallMs }: ConnectionOptions) {
    this.#socket = socket;
    this.#wheel = wheel;
    this.#monitor = monitor;
    this.#stallMs = stallMs;
    this.#deadline = new Deadline(this);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** True once `closeAfterFlush` or `linger` was called: nothing more is written. */
  get isClosing(): boolean {
    return this.#afterFlush !== "stay";
  }

  /** The peer as `address:port` (IPv6 in brackets), or `unix:` for a Unix socket. */
  get remoteAddress(): string {
    const { remoteAddress, remotePort } = this.#socket;
    if (!remoteAddress) return "unix:";
    return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
  }

  /** Bytes written by the handler and not yet taken by the socket. */
  get outputBytes(): number {
    return this.#arena === null ? 0 : this.#arena.byteLength;
  }

  /** True while more than the high-water mark waits to be sent: stop the source and wait for `onDrain`. */
  get isAboveHighWater(): boolean {
    return this.#isAboveHighWater;
  }

  /** The arena to write into. What is written leaves at the end of the turn, or at `flush()`. */
  output(): Arena {
    if (!this.#isFlushQueued) {
      this.#isFlushQueued = true;
      turn.flushAtEnd(this);
    }
    return (this.#arena ??= spareArenas.pop() ?? new Arena());
  }

  /** Appends a block; a large one bypasses the arena as far as the socket takes it, so that it is not copied twice. */
  write(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#isClosed) return;
    if (end - start >= DIRECT_WRITE_BYTES_MIN) {
      this.#send();
      if (this.outputBytes === 0 && !this.#isClosed) start += Math.max(0, this.#socket.write(bytes, start, end - start));
      if (start === end) return;
    }
    this.output().writeBytes(bytes, start, end);
    this.#watchHighWater();
  }

  /** Sends what is waiting now instead of at the end of the turn. */
  flush(): void {
    this.#isFlushQueued = false;
    this.#send();
  }

  /** Stops reading. The peer's close goes unnoticed meanwhile: pause only while something else bounds the wait. */
  pause(): void {
    if (this.#isPaused || this.#isClosed) return;
    this.#isPaused = true;
    this.#socket.pause();
    this.#monitor({ kind: "paused" });
  }

  resume(): void {
    if (!this.#isPaused || this.#isClosed) return;
    this.#isPaused = false;
    this.#socket.resume();
    this.#monitor({ kind: "resumed" });
  }

  /** Calls `handler.onDeadline` in `delayMs`, unless it is moved or cleared before. A connection has one deadline: that of its phase. */
  setDeadline(delayMs: number): void {
    if (!this.#isClosed) this.#wheel.set(this.#deadline, delayMs);
  }

  clearDeadline(): void {
    this.#wheel.clear(this.#deadline);
  }

  /** Sends what is waiting, then closes. */
  closeAfterFlush(): void {
    if (this.#isClosed) return;
    this.#afterFlush = "close";
    if (this.outputBytes === 0) this.close("local");
  }

  /**
   * Sends what is waiting, closes the sending side, and reads on, dropping up to `bytesMax` for up to `delayMs`: closing a socket with unread
   * input resets it, and the peer would lose the answer that explains why. RFC 9112 §9.6.
   */
  linger(delayMs: number, bytesMax: number): void {
    if (this.#isClosed) return;
    this.#lingerBytesLeft = bytesMax;
    this.#afterFlush = "shut-down-writing";
    this.resume();
    this.setDeadline(delayMs);
    if (this.outputBytes === 0) this.#shutDownWriting();
  }

  /** Closes now; what is waiting is lost. */
  close(cause: CloseCause = "local"): void {
    if (this.#isClosed) return;
    this.#closeCause ??= cause;
    if (cause === "local" || cause === "peer") this.#socket.end();
    else this.#socket.terminate();
    this.#closed(cause);
  }

  /** Closes because the framing is lost: whatever else is in flight on this connection fails. */
  poison(error: Error): void {
    if (this.#isClosed) return;
    this.#monitor({ kind: "poisoned", error });
    this.close("poisoned");
  }

  /** @internal Called by the socket handlers that listener and dialer share. */
  receive(chunk: Buffer): void {
    if (this.#lingerBytesLeft >= 0) {
      this.#lingerBytesLeft -= chunk.length;
      if (this.#lingerBytesLeft < 0) this.close("local");
      return;
    }
    try {
      this.handler.onBytes(chunk);
    } catch (error) {
      // The last resort: a handler answers its own protocol errors. A bug on one connection costs that connection.
      this.poison(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @internal */
  end(): void {
    if (this.#isClosed) return;
    if (this.#lingerBytesLeft >= 0) this.close("peer");
    else this.handler.onEnd();
  }

  /** @internal */
  drain(): void {
    this.#send();
  }

  /** @internal */
  onDeadline(deadline: Deadline): void {
    if (deadline === this.#stall) this.close("stalled");
    else if (this.#lingerBytesLeft >= 0) this.close("local");
    else this.handler.onDeadline();
  }

  /** @internal */
  socketClosed(hadError: boolean): void {
    this.#closed(this.#closeCause ?? (hadError ? "reset" : "peer"));
  }

  #send(): void {
    const arena = this.#arena;
    if (arena === null || this.#isClosed) return;
    const count = arena.byteLength;
    if (count > 0) {
      const sent = this.#socket.write(arena.bytes, arena.start, count);
      if (sent < 0) {
        this.close("reset");
        return;
      }
      arena.consume(sent);
      if (arena.byteLength > 0) {
        this.#watchStall(sent);
        this.#watchHighWater();
        return;
      }
      if (this.#stall !== null) this.#wheel.clear(this.#stall);
    }
    this.#arena = null;
    if (spareArenas.length < SPARE_ARENAS_MAX && arena.capacityBytes <= SPARE_ARENA_BYTES_MAX) spareArenas.push(arena);
    if (this.#afterFlush === "close") this.close("local");
    else if (this.#afterFlush === "shut-down-writing") this.#shutDownWriting();
    else if (this.#isAboveHighWater) this.#drained();
  }

  #watchStall(sentBytes: number): void {
    if (this.#stallMs === 0) return;
    this.#stall ??= new Deadline(this);
    if (sentBytes > 0 || !this.#stall.isSet) this.#wheel.set(this.#stall, this.#stallMs);
  }

  #watchHighWater(): void {
    const waiting = this.outputBytes;
    if (this.#isAboveHighWater) {
      if (waiting <= OUTPUT_LOW_WATER_BYTES) this.#drained();
    } else if (waiting > OUTPUT_HIGH_WATER_BYTES) {
      this.#isAboveHighWater = true;
    }
  }

  #drained(): void {
    this.#isAboveHighWater = false;
    this.handler.onDrain();
  }

  #shutDownWriting(): void {
    if (!this.#isClosed) this.#socket.shutdown();
  }

  #closed(cause: CloseCause): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.owners?.delete(this);
    const isWritten = this.outputBytes === 0;
    this.#arena = null;
    this.#wheel.remove(this.#deadline);
    if (this.#stall !== null) this.#wheel.remove(this.#stall);
    this.#monitor({ kind: "closed", cause });
    this.handler.onClose(cause, isWritten);
  }
}
