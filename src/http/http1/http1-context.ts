import type { HttpLimitsConfig } from "../../config/server-config.ts";
import type { HeadDecoder } from "../../protocols/http1/head-decoder.ts";
import type { HttpContext } from "../http-context.ts";

/** What all HTTP/1 connections of a listener share. */
export interface Http1Context extends HttpContext {
  readonly decoder: HeadDecoder;
  readonly limits: HttpLimitsConfig;
}
