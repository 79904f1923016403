import type { Http2Config } from "../../config/server-config.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { RequestSection } from "../../protocols/http2/request-section.ts";
import type { TrailerSection } from "../../protocols/http2/trailer-section.ts";
import type { HttpContext } from "../http-context.ts";

/** What all HTTP/2 connections of a listener share. */
export interface Http2Context extends HttpContext {
  readonly http2: Http2Config;
  /** What heads and trailers are decoded into; nobody keeps them past the turn. */
  readonly section: RequestSection;
  readonly trailers: TrailerSection;
  /** The most that one header block may come to, all its frames together. */
  readonly headerBlockBytesMax: number;
  /** What a connection starts with: SETTINGS and the connection's window. */
  readonly greeting: Buffer;
  readonly wheel: TimerWheel;
  /** The wheel's clock. */
  readonly nowMs: () => number;
}
