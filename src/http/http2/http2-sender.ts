import type { Connection } from "../../kernel/connection.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import {
  FRAME_FLAG,
  FRAME_PAYLOAD_BYTES,
  FRAME_TYPE,
  INITIAL_WINDOW_BYTES,
  UINT31_MAX,
} from "../../protocols/http2/frame.ts";
import { encodeFrameHeader } from "../../protocols/http2/frame-encoder.ts";
import { encodeTrailers } from "../../protocols/http2/response-encoder.ts";
import { Http2ConnectionError, Http2StreamError } from "../../protocols/http2/http2-error.ts";
import { PeerSettings } from "../../protocols/http2/settings.ts";
import type { Http2FloodGuard } from "./http2-flood-guard.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { SpillFile } from "./spill-file.ts";
import { TimedStreams } from "./timed-streams.ts";
import { ContentInFile, ContentInMemory, type WaitingContent } from "./waiting-content.ts";

/** Bytes gathered before they are handed to the socket in the middle of a turn: arenas of this size are used again and again. */
const GATHERED_BYTES_MAX = 48 * 1024;

/** Who is told when a stream's content has left. */
export interface SenderOwner {
  onContentSent(stream: Http2Stream): void;
  /** What could not be sent at once could not be kept either. */
  onContentLost(stream: Http2Stream, error: Error): void;
}

export interface Http2SenderOptions {
  readonly connection: Connection;
  readonly guard: Http2FloodGuard;
  readonly owner: SenderOwner;
  /** How long a client may leave a stream's window shut while content waits for it. */
  readonly stallMs: number;
  readonly nowMs: () => number;
  /** Bytes of whole answers that may wait in memory; what goes past it waits in a file. */
  readonly memoryBytesMax: number;
  /** Where that file goes. */
  readonly directory: string;
}

/**
 * Sends the content of one connection's responses as its windows allow (RFC 9113 §5.2 and §6.9): at once where there is room, else when there
 * is, a frame of each stream in turn.
 *
 * Invariants: no window is ever overdrawn; what has to wait is copied once, into no more than `memoryBytesMax` of memory; and no more is handed to the
 * connection than it sends without piling up. A waiting stream is either ready, its own window being open, or blocked and timed.
 */
export class Http2Sender {
  readonly #connection: Connection;
  readonly #guard: Http2FloodGuard;
  readonly #owner: SenderOwner;
  readonly #nowMs: () => number;
  readonly #stallMs: number;
  readonly #peer = new PeerSettings();
  #window = INITIAL_WINDOW_BYTES;
  #waitingBytes = 0;
  /** Of those, bytes in memory. */
  #memoryBytes = 0;
  readonly #memoryBytesMax: number;
  readonly #spill: SpillFile;
  readonly #ready = new Set<Http2Stream>();
  readonly #blocked: TimedStreams<Http2Stream>;
  /** When content last left, or began to wait for the connection's window. */
  #progressMs = 0;

  constructor({ connection, guard, owner, stallMs, nowMs, memoryBytesMax, directory }: Http2SenderOptions) {
    this.#memoryBytesMax = memoryBytesMax;
    this.#spill = new SpillFile(directory);
    this.#connection = connection;
    this.#guard = guard;
    this.#owner = owner;
    this.#nowMs = nowMs;
    this.#stallMs = stallMs;
    this.#blocked = new TimedStreams(stallMs);
  }

  /** Bytes of content that wait for a window. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** What a new stream's window is. */
  get initialWindowBytes(): number {
    return this.#peer.initialWindowBytes;
  }

  /** When the client will have been idle for too long about opening a window; `Infinity` while nothing waits for one. */
  get dueMs(): number {
    const isShut = this.#ready.size > 0 && this.#window === 0;
    return Math.min(this.#blocked.dueMs, isShut ? this.#progressMs + this.#stallMs : Infinity);
  }

  /** True when the connection's own window has been shut for too long. */
  isStalled(nowMs: number): boolean {
    return this.#ready.size > 0 && this.#window === 0 && this.#progressMs + this.#stallMs <= nowMs;
  }

  /** Takes out and returns a stream whose window has been shut for too long. */
  takeStalled(nowMs: number): Http2Stream | null {
    return this.#blocked.takeExpired(nowMs);
  }

  /**
   * Sends content of `stream`, in its order; what does not fit now is copied.
   *
   * @param isEnd true when it is the last of it; then it may be empty.
   */
  send(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    stream.isContentEnd = isEnd;
    // Those who wait already go first, and what a stream has written before does.
    const isAtOnce = stream.content === null && this.#ready.size === 0;
    const at = isAtOnce ? this.#transmit(stream, bytes, start, end, isEnd) : start;
    if (at > start) stream.onTaken?.(at - start);
    if (at < end) this.#keep(stream, bytes, at, end);
    else if (isEnd && stream.content === null) this.#endStream(stream, start === end);
  }

  /** Forgets `stream` and what it still had to send. */
  drop(stream: Http2Stream): void {
    const { content } = stream;
    if (content === null) return;
    this.#waitingBytes -= content.byteLength;
    this.#memoryBytes -= content.memoryBytes;
    content.dispose();
    stream.content = null;
    this.#ready.delete(stream);
    this.#blocked.clear(stream);
  }

  /** Sends what the windows and the socket have room for now. */
  flush(): void {
    while (this.#ready.size > 0 && this.#window > 0 && !this.#connection.isAboveHighWater) {
      for (const stream of this.#ready) this.#sendFrame(stream);
    }
  }

  /** @throws {Http2ConnectionError} */
  enlargeConnectionWindow(increment: number): void {
    if (this.#window === 0) this.#progressMs = this.#nowMs();
    this.#window += increment;
    if (this.#window > UINT31_MAX) {
      throw new Http2ConnectionError(ERROR_CODE.flowControlError, overflow("the connection's window"));
    }
  }

  /** @throws {Http2StreamError} */
  enlargeWindow(stream: Http2Stream, increment: number): void {
    stream.sendWindow += increment;
    if (stream.sendWindow > UINT31_MAX) {
      throw new Http2StreamError(stream.id, ERROR_CODE.flowControlError, overflow("the stream's window"));
    }
    this.#unblock(stream);
  }

  /** Applies the client's SETTINGS; a new initial window changes those of all `streams`. RFC 9113 §6.9.2. @throws {Http2ConnectionError} */
  applySettings(bytes: Buffer, start: number, end: number, streams: Iterable<Http2Stream>): void {
    const before = this.#peer.initialWindowBytes;
    this.#peer.apply(bytes, start, end);
    const change = this.#peer.initialWindowBytes - before;
    if (change === 0) return;
    for (const stream of streams) {
      stream.sendWindow += change;
      if (stream.sendWindow > UINT31_MAX) {
        throw new Http2ConnectionError(ERROR_CODE.flowControlError, overflow("a stream's window"));
      }
      this.#unblock(stream);
    }
  }

  /** Whether the header block that is written next has to begin with the size of our table; asked once for each block. */
  takeTableNotice(): boolean {
    const isDue = this.#peer.isTableSmaller;
    this.#peer.isTableSmaller = false;
    return isDue;
  }

  #keep(stream: Http2Stream, bytes: Buffer, start: number, end: number): void {
    const count = end - start;
    if (stream.content === null) {
      const content = this.#makeContent(stream, bytes, start, end);
      if (content === null) return;
      stream.content = content;
      this.#memoryBytes += content.memoryBytes;
      if (this.#ready.size === 0) this.#progressMs = this.#nowMs();
      if (stream.sendWindow > 0) this.#ready.add(stream);
      else this.#blocked.set(stream, this.#nowMs());
    } else {
      stream.content.append(bytes, start, end);
      this.#memoryBytes += count;
    }
    this.#waitingBytes += count;
  }

  /** A whole answer that memory has no room for goes to a file; parts of one stay, their source being bound to what was taken of them. */
  #makeContent(stream: Http2Stream, bytes: Buffer, start: number, end: number): WaitingContent | null {
    const hasRoom = this.#memoryBytes + end - start <= this.#memoryBytesMax;
    if (hasRoom || !stream.isContentEnd) return new ContentInMemory(bytes, start, end);
    try {
      return new ContentInFile(this.#spill, bytes, start, end);
    } catch (error) {
      this.#owner.onContentLost(stream, error as Error);
      return null;
    }
  }

  #sendFrame(stream: Http2Stream): void {
    const content = stream.content!;
    const countMax = Math.min(content.byteLength, FRAME_PAYLOAD_BYTES);
    content.load(countMax);
    const { start, memoryBytes } = content;
    const isEnd = stream.isContentEnd && countMax === content.byteLength;
    const count = this.#transmit(stream, content.bytes, start, start + countMax, isEnd) - start;
    content.consume(count);
    this.#waitingBytes -= count;
    this.#memoryBytes -= memoryBytes - content.memoryBytes;
    if (content.byteLength === 0) {
      stream.content = null;
      this.#ready.delete(stream);
      if (stream.isContentEnd) this.#endStream(stream, false);
    } else if (stream.sendWindow <= 0) {
      this.#ready.delete(stream);
      this.#blocked.set(stream, this.#nowMs());
    }
    if (count > 0) stream.onTaken?.(count);
  }

  /** All of the content is on its way. */
  #endStream(stream: Http2Stream, isEmpty: boolean): void {
    const { id: streamId, trailers: fields } = stream;
    const output = this.#connection.output();
    if (fields !== null) encodeTrailers(output, { streamId, isTableDenied: this.takeTableNotice(), fields });
    else if (isEmpty) encodeFrameHeader(output, 0, FRAME_TYPE.data, FRAME_FLAG.endStream, streamId);
    this.#owner.onContentSent(stream);
  }

  /** Sends `bytes[start, end)` in frames as far as windows and socket let it, ending the stream with the last; returns where it had to stop. */
  #transmit(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): number {
    const connection = this.#connection;
    let at = start;
    while (at < end && !connection.isAboveHighWater) {
      const count = Math.min(end - at, stream.sendWindow, this.#window, FRAME_PAYLOAD_BYTES);
      if (count <= 0) break;
      const isCut = count < Math.min(end - at, FRAME_PAYLOAD_BYTES);
      const output = connection.output();
      const isLast = isEnd && at + count === end && stream.trailers === null;
      const flags = isLast ? FRAME_FLAG.endStream : 0;
      encodeFrameHeader(output, count, FRAME_TYPE.data, flags, stream.id);
      output.writeBytes(bytes, at, at + count);
      if (connection.outputBytes > GATHERED_BYTES_MAX) connection.flush();
      at += count;
      stream.sendWindow -= count;
      this.#window -= count;
      this.#guard.noteSent(count, isCut);
    }
    if (this.#window === 0 && at > start) this.#progressMs = this.#nowMs();
    return at;
  }

  #unblock(stream: Http2Stream): void {
    if (stream.content === null || stream.sendWindow <= 0) return;
    this.#blocked.clear(stream);
    this.#ready.add(stream);
  }
}

function overflow(window: string): string {
  return `Cannot enlarge ${window}: it would exceed 2^31 - 1, RFC 9113 allows no more`;
}
