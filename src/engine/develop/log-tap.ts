import type { LogLevel } from "../../base/log-level.ts";
import type { LogFields, Logger } from "../../telemetry/logger.ts";

const ERROR_COUNT_MAX = 100;

/** Of each app. */
const OUTPUT_LINE_COUNT_MAX = 40;

/** What a log has said that an error page shows. */
export class LogMemory {
  /** Texts of errors by their ids; the oldest are forgotten. */
  readonly #errors = new Map<string, string>();
  /** By app. */
  readonly #outputs = new Map<string, string[]>();
  readonly #ends = new Map<string, string>();

  /** The text of an error that a worker has reported; empty when it is not known. */
  errorOf(errorId: string): string {
    return this.#errors.get(errorId) ?? "";
  }

  /** What the workers of an app have written to STDERR lately, oldest line first. */
  outputOf(app: string): readonly string[] {
    return this.#outputs.get(app) ?? [];
  }

  /** How the last worker of an app has ended that should not have; empty when none has. */
  endOf(app: string): string {
    return this.#ends.get(app) ?? "";
  }

  note(event: string, { app, errorId, error, stream, line, exitCode, signal, stderr }: LogFields): void {
    if (event === "worker reported an error" && typeof errorId === "string") this.#keepError(errorId, String(error));
    if (typeof app !== "string") return;
    if (event === "worker output" && stream === "stderr") this.#keepLine(app, String(line));
    if (event !== "worker crashed" && event !== "worker failed to start") return;
    const how = typeof signal === "string" ? `ended by ${signal}` : `exited with code ${String(exitCode)}`;
    this.#ends.set(app, `${event}: ${how}`);
    // The same again from each worker that is tried would bury what the last one has said.
    if (Array.isArray(stderr)) this.#outputs.set(app, stderr.slice(-OUTPUT_LINE_COUNT_MAX).map(String));
  }

  #keepError(errorId: string, text: string): void {
    this.#errors.set(errorId, text);
    if (this.#errors.size <= ERROR_COUNT_MAX) return;
    for (const oldest of this.#errors.keys()) {
      this.#errors.delete(oldest);
      return;
    }
  }

  #keepLine(app: string, line: string): void {
    const lines = this.#outputs.get(app) ?? [];
    this.#outputs.set(app, lines);
    lines.push(line);
    if (lines.length > OUTPUT_LINE_COUNT_MAX) lines.shift();
  }
}

/** A log whose events a memory hears of, too. */
export class TappedLog implements Logger {
  readonly #log: Logger;
  readonly #memory: LogMemory;
  readonly #fields: LogFields;

  constructor(log: Logger, memory: LogMemory, fields: LogFields = {}) {
    this.#log = log;
    this.#memory = memory;
    this.#fields = fields;
  }

  debug(event: string, fields?: LogFields): void {
    this.#log.debug(event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.#note(event, fields);
    this.#log.info(event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.#note(event, fields);
    this.#log.warn(event, fields);
  }

  error(event: string, fields?: LogFields): void {
    this.#note(event, fields);
    this.#log.error(event, fields);
  }

  isEnabled(level: LogLevel): boolean {
    return this.#log.isEnabled(level);
  }

  child(fields: LogFields): Logger {
    return new TappedLog(this.#log.child(fields), this.#memory, { ...this.#fields, ...fields });
  }

  #note(event: string, fields: LogFields = {}): void {
    this.#memory.note(event, { ...this.#fields, ...fields });
  }
}
