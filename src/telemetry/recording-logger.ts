import type { LogLevel } from "../base/log-level.ts";
import type { LogFields, Logger } from "./logger.ts";

/** An event that was logged. */
export interface RecordedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps events instead of writing them, so that a test can ask for what was said and that nothing else was. */
export class RecordingLogger implements Logger {
  /** In the order they were logged, those of children among them. */
  readonly events: RecordedEvent[];
  readonly #fields: LogFields;

  constructor(events: RecordedEvent[] = [], fields: LogFields = {}) {
    this.events = events;
    this.#fields = fields;
  }

  debug(event: string, fields?: LogFields): void {
    this.#record("debug", event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#record("info", event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#record("warn", event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#record("error", event, fields);
  }

  isEnabled(): boolean {
    return true;
  }

  child(fields: LogFields): Logger {
    return new RecordingLogger(this.events, { ...this.#fields, ...fields });
  }

  #record(level: LogLevel, event: string, fields?: LogFields): void {
    this.events.push({ level, event, fields: { ...this.#fields, ...fields } });
  }
}
