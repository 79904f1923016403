import type { HttpDeadlinesConfig } from "../config/server-config.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { BodySpoolOptions } from "./body/body-spool.ts";
import type { Dispatch } from "./exchange.ts";
import type { HttpCounters } from "./http-counters.ts";

/** A request that never was one: its head could not be read, or was refused by a limit. */
export interface UnreadableRequest {
  /** What was answered. */
  readonly status: number;
  /** `address:port` of the connection's peer. */
  readonly client: string;
  readonly httpMajor: 1 | 2 | 3;
}

/** What all connections of a listener share, whatever version of HTTP they speak. */
export interface HttpContext {
  readonly dispatch: Dispatch;
  readonly deadlines: HttpDeadlinesConfig;
  readonly bodyBytesMax: number;
  readonly spool: BodySpoolOptions;
  /** Requests one connection may carry; 0 = no bound. */
  readonly requestsPerConnectionMax: number;
  readonly scheme: "http" | "https";
  /** The Unix socket that is listened on; null for a port. */
  readonly socketPath: string | null;
  readonly log: Logger;
  readonly counters: HttpCounters;
  /** Told of requests that are refused before anybody is asked to answer them. */
  readonly onUnreadable?: ((request: UnreadableRequest) => void) | undefined;
  /** True while the listener drains: connections end with what they have been asked already, and say so. */
  isDraining: boolean;
  /** The value of `Alt-Svc`; null for none. */
  altSvc: string | null;
}
