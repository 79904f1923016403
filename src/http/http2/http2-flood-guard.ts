import type { Http2Config } from "../../config/server-config.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { Http2ConnectionError } from "../../protocols/http2/http2-error.ts";
import { Allowance } from "./allowance.ts";

/** In this time a connection that was busy with nothing gets all of its allowances again: pings of one that is merely open never add up. */
const REFILL_MS = 30_000;

/** Frames that a well-behaved client sends around one request: a priority, windows for its answer. */
const IDLE_FRAMES_PER_REQUEST = 4;
/** Frames with which a client makes room for one frame of content: a window for the stream and one for the connection. */
const IDLE_FRAMES_PER_CONTENT_FRAME = 2;
/** A frame of less content is no progress: windows opened byte by byte earn nothing. */
const CONTENT_FRAME_BYTES_MIN = 1_024;
/**
 * Content for which a client may open a window. Go's opens two for each 4 KiB that its program has read, and long after they were sent where its windows
 * are large: so they are counted against everything that was sent, and not against an allowance that is full at some time.
 */
const CONTENT_BYTES_PER_WINDOW = 512;

/**
 * Keeps one connection from asking for work that comes to nothing. Two allowances, because two kinds of clients are honest: one that cancels
 * much, and one that chatters much. What is past them throws, and the connection ends with `ENHANCE_YOUR_CALM`.
 */
export class Http2FloodGuard {
  readonly #resets: Allowance;
  readonly #idleFrames: Allowance;
  readonly #limits: Http2Config;
  /** Of content that was sent and that no window has been opened for. */
  #sentBytes = 0;

  constructor(limits: Http2Config, nowMs: () => number) {
    this.#limits = limits;
    this.#resets = new Allowance(limits.resetCountMax, REFILL_MS, nowMs);
    this.#idleFrames = new Allowance(limits.idleFrameCountMax, REFILL_MS, nowMs);
  }

  /** A stream ended without an answer because of its client, whoever has reset it. @throws {Http2ConnectionError} */
  spendReset(): void {
    if (!this.#resets.trySpend()) throw flood("streams were reset", "resetCountMax", this.#limits.resetCountMax);
  }

  /** A frame came that moves nothing. @throws {Http2ConnectionError} */
  spendIdleFrame(): void {
    if (this.#idleFrames.trySpend()) return;
    throw flood("frames came that move nothing", "idleFrameCountMax", this.#limits.idleFrameCountMax);
  }

  /** A window was opened, which takes content that was sent before. @throws {Http2ConnectionError} */
  spendWindow(): void {
    if (this.#sentBytes >= CONTENT_BYTES_PER_WINDOW) this.#sentBytes -= CONTENT_BYTES_PER_WINDOW;
    else this.spendIdleFrame();
  }

  /** A frame with `count` bytes of content left. @param isCut true where the client's windows had no room for more. */
  noteSent(count: number, isCut: boolean): void {
    // Some clients open both windows for every frame, and events are small: only who has frames cut small has to wait for more of them.
    this.#sentBytes += isCut ? count : Math.max(count, IDLE_FRAMES_PER_CONTENT_FRAME * CONTENT_BYTES_PER_WINDOW);
    this.earnByContent(count);
  }

  /** A request was answered. */
  earnByAnswer(): void {
    this.#resets.earn(1);
    this.#idleFrames.earn(IDLE_FRAMES_PER_REQUEST);
  }

  /** A frame with `count` bytes of content came. */
  earnByContent(count: number): void {
    if (count >= CONTENT_FRAME_BYTES_MIN) this.#idleFrames.earn(IDLE_FRAMES_PER_CONTENT_FRAME);
  }
}

function flood(what: string, limit: string, countMax: number): Http2ConnectionError {
  const message = `Cannot go on with the connection: more ${what} than work was done, ${limit} allows ${countMax}`;
  return new Http2ConnectionError(ERROR_CODE.enhanceYourCalm, message);
}
