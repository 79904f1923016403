import type { LogLevel } from "../../src/base/log-level.ts";
import type { LogFields, Logger } from "../../src/telemetry/logger.ts";

/** One event, with the fields of its logger before its own. */
export interface RecordedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** A logger that keeps what it is told, for tests to look at. Children write into the same list. */
export class RecordingLog implements Logger {
  readonly events: RecordedEvent[];
  readonly #fields: LogFields;

  constructor(events: RecordedEvent[] = [], fields: LogFields = {}) {
    this.events = events;
    this.#fields = fields;
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

  isEnabled(): boolean {
    return true;
  }

  child(fields: LogFields): Logger {
    return new RecordingLog(this.events, { ...this.#fields, ...fields });
  }

  /** The events of that name. */
  named(event: string): readonly RecordedEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  /** What workers printed, one line an entry. */
  outputLines(stream: "stdout" | "stderr"): readonly unknown[] {
    return this.named("worker output")
      .filter(({ fields }) => fields["stream"] === stream)
      .map(({ fields }) => fields["line"]);
  }

  #write(level: LogLevel, event: string, fields: LogFields | undefined): void {
    this.events.push({ level, event, fields: { ...this.#fields, ...fields } });
  }
}
