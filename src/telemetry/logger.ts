import type { LogLevel } from "../base/log-level.ts";

/** What a field may hold. An `Error` is written as its message, with its `code` where it has one; `undefined` fields are left out. */
export type LogValue = string | number | bigint | boolean | null | undefined | Error | readonly LogValue[];

/** The facts of an event. Names are camelCase with the unit last (`waitedMs`, `bodyBytes`). Never a body, a credential or a token. */
export type LogFields = Readonly<Record<string, LogValue>>;

/**
 * Takes events: `log.warn("worker exited", { pool, workerId, exitCode })`. The event is a constant, lower-case phrase; everything that
 * varies is a field. A call never throws and never waits: it can be made from any callback.
 */
export interface Logger {
  /** Per-request detail. Ask {@link isEnabled} first where building the fields costs something. */
  debug(event: string, fields?: LogFields): void;
  /** Life-cycle: started, ready, drained, stopped. */
  info(event: string, fields?: LogFields): void;
  /** Degraded but handled. */
  warn(event: string, fields?: LogFields): void;
  /** Someone must act. */
  error(event: string, fields?: LogFields): void;
  /** Whether an event of this level would be written now; the level can change at run time. */
  isEnabled(level: LogLevel): boolean;
  /** A logger whose every event carries these fields before its own. It follows the level of its parent. */
  child(fields: LogFields): Logger;
}
