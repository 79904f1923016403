import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { HttpContext } from "./http-context.ts";
import type { Http3HeadReader } from "./http3-head-reader.ts";

/** What all requests over HTTP/3 of a listener share. */
export interface Http3Context extends HttpContext {
  readonly heads: Http3HeadReader;
  readonly wheel: TimerWheel;
}
