import type { LogFormat, LogLevel } from "../base/log-level.ts";
import { VilyaError } from "../base/errors.ts";
import { escapeUnprintable, quote } from "../base/printable.ts";
import type { LogFields, LogValue } from "./logger.ts";

/** One event at one moment. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** Longer texts are cut and end in `…`: what a worker printed or a client sent must not become a line of megabytes. */
const TEXT_LENGTH_MAX = 8192;
/** Values of one list; the rest is counted. */
const LIST_LENGTH_MAX = 64;
const LIST_DEPTH_MAX = 4;

/** The keys that every JSON line has. A field of such a name gets a `_` behind it. */
const RESERVED = new Set(["time", "level", "event"]);

/**
 * Writes a record as one line with its line end. Values cannot forge a line or an escape sequence: everything unprintable is escaped, in
 * both formats. The text format is `time level event key=value …`, values with spaces quoted; the JSON format has the same keys.
 */
export function renderLogLine(record: LogRecord, format: LogFormat): string {
  return format === "json" ? renderJson(record) : renderText(record);
}

function renderText({ timeMs, level, event, fields }: LogRecord): string {
  let line = `${renderTime(timeMs)} ${level.padEnd(5)} ${escapeUnprintable(event)}`;
  for (const [name, value] of flatten(fields)) line += ` ${textName(name)}=${textValue(value)}`;
  return `${line}\n`;
}

function renderJson({ timeMs, level, event, fields }: LogRecord): string {
  const line: Record<string, PlainValue> = { time: renderTime(timeMs), level, event };
  for (const [name, value] of flatten(fields)) line[RESERVED.has(name) ? `${name}_` : name] = value;
  // JSON leaves these bare; a terminal or a line reader may obey them.
  return `${JSON.stringify(line).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, unicodeEscape)}\n`;
}

type PlainValue = string | number | boolean | null | readonly PlainValue[];

/** Leaves out what is undefined, and gives an unexpected error's stack a field of its own. */
function* flatten(fields: LogFields): Generator<[name: string, value: PlainValue]> {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    yield [name, plain(value, 0)];
    // Operating errors say what happened and where; of anything else the stack is all there is.
    if (value instanceof Error && !(value instanceof VilyaError) && value.stack !== undefined) {
      yield [`${name}Stack`, cut(value.stack)];
    }
  }
}

function plain(value: LogValue, depth: number): PlainValue {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value;
  if (value instanceof Error) return cut(describeError(value));
  if (depth >= LIST_DEPTH_MAX) return "[…]";
  const kept = value.slice(0, LIST_LENGTH_MAX).map((item) => plain(item, depth + 1));
  return value.length > kept.length ? [...kept, `… ${value.length - kept.length} more`] : kept;
}

function describeError(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return `${error.name}: ${error.message}${code}`;
}

/** A text as the log has it at most: a longer one ends in `…`. */
export function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}

function renderTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function textName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quote(name);
}

function textValue(value: PlainValue): string {
  if (Array.isArray(value)) return `[${value.map(textValue).join(",")}]`;
  const text = String(value);
  return /^[!#-<>-Z^-~]+$/.test(text) ? text : quote(text, Infinity);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
