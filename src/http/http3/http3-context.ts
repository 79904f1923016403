import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { ConnectionFacts } from "../connection-facts.ts";
import type { HttpContext } from "../http-context.ts";
import type { Http3HeadReader } from "./http3-head-reader.ts";

/** What all requests over HTTP/3 of a listener share. */
export interface Http3Context extends HttpContext {
  readonly heads: Http3HeadReader;
  /** The same for all requests: the runtime shows no connection. */
  readonly facts: ConnectionFacts;
  readonly wheel: TimerWheel;
}
