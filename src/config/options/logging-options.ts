import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../../base/log-level.ts";
import { accessFormat, accessLog, accessLogs, maskedHeaders, maskedQueries } from "./access-log-options.ts";
import type { Option, Section } from "./option.ts";
import { choice } from "../types/option-type.ts";

export const level: Option<LogLevel> = {
  kind: "value",
  key: "logging.level",
  type: choice(LOG_LEVELS),
  default: "info",
  summary:
    "Least severity that is written. `debug` adds a line for each request, what is refused, and how workers come and go.",
  replaces: "in place",
  flag: "log-level",
  shortNames: ["LOG_LEVEL"],
};

export const format: Option<LogFormat> = {
  kind: "value",
  key: "logging.format",
  type: choice(LOG_FORMATS),
  default: "text",
  summary: "`text` for people, `json` (one object a line) for log collectors.",
  replaces: "front",
  flag: "log-format",
  shortNames: ["LOG_FORMAT"],
};

/** The `logging` section. */
export const loggingSection: Section = {
  key: "logging",
  summary:
    "The engine's own log, on STDERR, in which what workers print appears as lines of their own; and the access logs.",
  options: [level, format, accessLog, accessFormat, accessLogs, maskedQueries, maskedHeaders],
};
