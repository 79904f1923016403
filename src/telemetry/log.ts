import { LOG_LEVELS, type LogFormat, type LogLevel } from "../base/log-level.ts";
import { LineWriter } from "./line-writer.ts";
import { type LogRecord, renderLogLine } from "./log-line.ts";
import type { LogLineListener } from "./log-tail.ts";
import type { LogFields, Logger } from "./logger.ts";

/** Makes a line of a record, its line end included; an empty one is not written. */
export type LineRenderer = (record: LogRecord) => string;

/** What is written and how. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** In every event of this log: `{ role: "front" }`. */
  readonly fields?: LogFields;
  /** Default: as the format says. */
  readonly render?: LineRenderer;
  /** Default: STDERR, which leaves STDOUT to what a command was asked to print. */
  readonly fileDescriptor?: number;
  /** Told of every line that is written, as JSON whatever the format. Must not log. */
  readonly onLine?: LogLineListener;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
}

/** A process's log: a {@link Logger} whose level can change and whose lines can be waited for. */
export interface Log extends Logger {
  /** Takes effect at once, for every child too. */
  level: LogLevel;
  /** Waits until all lines are written, at most so long; false when some were not. Call it before the process exits. */
  flush(deadlineMs: number): Promise<boolean>;
}

/** Opens the log of this process. Open one: two on one descriptor may mix within lines. */
export function openLog(options: LogOptions): Log {
  const { format, fields = {}, fileDescriptor = 2, onLine = null, now = Date.now } = options;
  const { render = format === "json" ? renderJson : renderText } = options;
  const renderDropped = (lineCount: number) =>
    render({ timeMs: now(), level: "warn", event: "log lines dropped", fields: { ...fields, lineCount } });
  const writer = new LineWriter({ fileDescriptor, renderDropped });
  return new OpenLog({ level: options.level, render, writer, onLine, now }, fields);
}

const renderText: LineRenderer = (record) => renderLogLine(record, "text");
const renderJson: LineRenderer = (record) => renderLogLine(record, "json");

/** Shared by a log and its children. */
interface LogState {
  level: LogLevel;
  readonly render: LineRenderer;
  readonly writer: LineWriter;
  readonly onLine: LogLineListener | null;
  readonly now: () => number;
}

class OpenLog implements Log {
  readonly #state: LogState;
  readonly #fields: LogFields;

  constructor(state: LogState, fields: LogFields) {
    this.#state = state;
    this.#fields = fields;
  }

  get level(): LogLevel {
    return this.#state.level;
  }

  set level(level: LogLevel) {
    this.#state.level = level;
  }

  debug(event: string, fields?: LogFields): void {
    this.#write("debug", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#write("info", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#write("warn", event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#write("error", event, fields);
  }

  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#state.level);
  }

  child(fields: LogFields): Logger {
    return new OpenLog(this.#state, { ...this.#fields, ...fields });
  }

  flush(deadlineMs: number): Promise<boolean> {
    return this.#state.writer.flush(deadlineMs);
  }

  #write(level: LogLevel, event: string, fields?: LogFields): void {
    if (!this.isEnabled(level)) return;
    const { writer, render, onLine, now } = this.#state;
    const record: LogRecord = { timeMs: now(), level, event, fields: { ...this.#fields, ...fields } };
    const line = renderSafely(record, render);
    if (line !== "") writer.write(line);
    if (onLine !== null) onLine(render === renderJson ? line : renderSafely(record, renderJson));
  }
}

/** A value may throw when it is read (a getter of an error that user code made): the event is still worth a line. */
function renderSafely(record: LogRecord, render: LineRenderer): string {
  try {
    return render(record);
  } catch {
    return render({ ...record, fields: { isFieldsUnreadable: true } });
  }
}
