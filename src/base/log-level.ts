/** The four severities, least first: `error` = someone must act, `warn` = degraded but handled, `info` = life-cycle, `debug` = per request. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How a log line is written: `text` for people, `json` (one object a line) for collectors. */
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];
