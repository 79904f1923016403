import type { LogFormat, LogLevel } from "../base/log-level.ts";
import type { AccessFormat } from "./types/access-format.ts";

/** The engine's own log, and the access logs. */
export interface LoggingConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly accessLogs: readonly AccessLogConfig[];
  /** In lower case. */
  readonly maskedQueryNames: readonly string[];
  /** In lower case. */
  readonly maskedHeaderNames: readonly string[];
}

/** One access log, and which requests it has: those that meet all conditions. Empty lists are no condition. */
export interface AccessLogConfig {
  /** Absolute; null is STDOUT. */
  readonly file: string | null;
  readonly format: AccessFormat;
  readonly apps: readonly string[];
  /** Ports in decimal, and absolute paths of Unix sockets. */
  readonly listeners: readonly string[];
  /** Inclusive ranges. */
  readonly statuses: readonly (readonly [min: number, max: number])[];
  /** Exact, or with `*` at the beginning, the end, or both. */
  readonly paths: readonly string[];
  readonly exceptPaths: readonly string[];
  readonly durationMsMin: number;
  /** Of those that meet the conditions, more than 0 and at most 1. */
  readonly sampleShare: number;
  /** What may wait to be written; past it lines are dropped and counted. */
  readonly bufferBytes: number;
}
