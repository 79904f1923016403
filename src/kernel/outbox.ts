import type { Arena } from "./arena.ts";
import { libc } from "./libc.ts";
import { returnArena, takeArena } from "./spare-arenas.ts";
import type { Transport } from "./transport.ts";

/** Bytes waiting in one connection's arena above which its source should stop, and below which it may go on. */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;

/** A block this large is handed to the socket as it is instead of being copied into the arena first. */
const DIRECT_WRITE_BYTES_MIN = 32 * 1024;

/** <netinet/tcp.h> */
const IPPROTO_TCP = 6;
const TCP_CORK = 3;
const [OFF, ON] = [0, 1].map((value) => new Uint8Array(Int32Array.of(value).buffer)) as [Uint8Array, Uint8Array];

/**
 * The send side of one connection: what waits to be sent, how far sending has come, and whether the peer keeps up.
 *
 * Invariants: bytes leave in the order in which they were appended, each once, however few the socket takes at a time; and after the
 * socket has refused one, none follows it.
 */
export class Outbox {
  readonly #socket: Transport;
  #arena: Arena | null = null;
  #sentBytes = 0;
  #isFailed = false;
  #isAboveHighWater = false;
  #lowWaterBytes = LOW_WATER_BYTES;

  constructor(socket: Transport) {
    this.#socket = socket;
  }

  /** Bytes appended and not yet taken by the socket. */
  get waitingBytes(): number {
    return this.#arena === null ? 0 : this.#arena.byteLength;
  }

  /** Bytes the socket has taken since the beginning. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** True once the socket has said that it takes nothing any more. */
  get isFailed(): boolean {
    return this.#isFailed;
  }

  /** From the moment when more than 256 KiB wait until less than 64 KiB do. */
  get isAboveHighWater(): boolean {
    return this.#isAboveHighWater || this.waitingBytes > HIGH_WATER_BYTES;
  }

  /** The arena to append to, good until `settle`. */
  arena(): Arena {
    return (this.#arena ??= takeArena());
  }

  /** Appends a block. A large one bypasses the arena as far as the socket takes it at once, so that it is not copied twice. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (end - start >= DIRECT_WRITE_BYTES_MIN) this.appendDirect(bytes, start, end);
    else this.arena().writeBytes(bytes, start, end);
  }

  /** Appends a block of any size so: for one that many connections get, of which most then need no arena at all. */
  appendDirect(bytes: Uint8Array, start: number, end: number): void {
    if (this.transmit()) {
      start += this.#send(bytes, start, end - start);
      if (start === end || this.#isFailed) return;
    }
    this.arena().writeBytes(bytes, start, end);
  }

  /**
   * Sends bytes of a file straight from the system's memory, as far as the socket takes them now. Only while nothing waits.
   *
   * @returns how many bytes that were; 0 also where the socket has no descriptor for them.
   */
  sendFile(fd: number, position: number, byteCount: number): number {
    const { fd: socketFd = -1 } = this.#socket;
    if (socketFd < 0 || this.#isFailed) return 0;
    const sent = libc().sendfile(socketFd, fd, BigInt64Array.of(BigInt(position)), byteCount);
    if (sent <= 0) return 0;
    this.#sentBytes += sent;
    return sent;
  }

  /** Holds back what fills no segment, or lets it go. Nothing happens where the socket is not of TCP. */
  cork(isOn: boolean): void {
    const { fd = -1 } = this.#socket;
    if (fd < 0 || this.#isFailed) return;
    const value = isOn ? ON : OFF;
    libc().setsockopt(fd, IPPROTO_TCP, TCP_CORK, value, value.length);
  }

  /** Counts what waits as too much, unless it is no more than `lowWaterBytes`: `settle` tells when it has fallen to that. */
  expectDrain(lowWaterBytes: number = LOW_WATER_BYTES): void {
    if (this.waitingBytes <= lowWaterBytes) return;
    this.#isAboveHighWater = true;
    this.#lowWaterBytes = lowWaterBytes;
  }

  /** Hands what waits to the socket; returns whether nothing waits any more. */
  transmit(): boolean {
    const arena = this.#arena;
    if (this.#isFailed) return false;
    if (arena === null) return true;
    const count = arena.byteLength;
    if (count === 0) return true;
    if (count > HIGH_WATER_BYTES) this.#isAboveHighWater = true;
    arena.consume(this.#send(arena.bytes, arena.start, count));
    return arena.byteLength === 0;
  }

  /**
   * Lets go of an arena that is empty. Returns true when the output has fallen from above the high-water mark to below the low one: once for
   * each time, and so late that nobody is appending while the source is told.
   */
  settle(): boolean {
    const arena = this.#arena;
    if (arena !== null && arena.byteLength === 0) {
      this.#arena = null;
      returnArena(arena);
    }
    if (!this.#isAboveHighWater || this.waitingBytes > this.#lowWaterBytes) return false;
    this.#isAboveHighWater = false;
    this.#lowWaterBytes = LOW_WATER_BYTES;
    return true;
  }

  /** Drops what waits. */
  clear(): void {
    this.#arena = null; // Not given back: whoever has just appended to it may still hold it.
  }

  #send(bytes: Uint8Array, start: number, count: number): number {
    const sent = this.#socket.write(bytes, start, count);
    if (sent < 0) {
      this.#isFailed = true;
      return 0;
    }
    this.#sentBytes += sent;
    return sent;
  }
}
