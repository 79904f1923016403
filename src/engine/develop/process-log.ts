import { escapeUnprintable } from "../../base/printable.ts";
import type { Config } from "../../config/config.ts";
import type { LogOptions } from "../../telemetry/log.ts";
import { cut, type LogRecord, renderLogLine } from "../../telemetry/log-line.ts";

/** What the log of a process is opened with; while somebody develops it is written for people, unless they have asked for JSON. */
export function processLog({ isDevelopment, logging }: Config, role: "master" | "front"): LogOptions {
  const isForPeople = isDevelopment && logging.format === "text";
  return { ...logging, fields: { role }, ...(isForPeople && { render: renderTerminalLine }) };
}

/**
 * A record as a developer reads it at a terminal: what a worker prints is that line behind the name of its app, and an event leaves out what
 * stands above it already. Workers that make room for new code are no event there: `reloaded` says it once.
 */
export function renderTerminalLine(record: LogRecord): string {
  const { event, fields } = record;
  if (event === "worker output") return `${printable(String(fields["app"]))} | ${printable(String(fields["line"]))}\n`;
  if (event === "worker recycled" && fields["reason"] === "requested") return "";
  const { role: _role, stderr: _lines, ...others } = fields;
  return renderLogLine({ ...record, fields: others }, "text");
}

/** Tabs are what stack traces are indented by; anything else that moves the cursor is escaped. */
function printable(line: string): string {
  return cut(line).split("\t").map(escapeUnprintable).join("\t");
}
