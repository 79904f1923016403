import type { HttpDeadlinesConfig, HttpLimitsConfig } from "../config/config.ts";
import type { HeadDecoder } from "../protocols/http1/head-decoder.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { BodySpoolOptions } from "./body-spool.ts";
import type { Dispatch } from "./exchange.ts";
import type { HttpCounters } from "./http-counters.ts";

/** What all HTTP/1 connections of a listener share. */
export interface Http1Context {
  readonly decoder: HeadDecoder;
  readonly dispatch: Dispatch;
  readonly limits: HttpLimitsConfig;
  readonly deadlines: HttpDeadlinesConfig;
  readonly bodyBytesMax: number;
  readonly spool: BodySpoolOptions;
  /** Requests one connection may carry; 0 = no bound. */
  readonly requestsPerConnectionMax: number;
  readonly scheme: "http" | "https";
  readonly log: Logger;
  readonly counters: HttpCounters;
  /** True while the listener drains: every response says `Connection: close`. */
  isDraining: boolean;
}
