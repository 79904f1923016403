import type { AccessLogReport } from "../admin/front-report.ts";
import type { AccessLogConfig, ListenerConfig, LoggingConfig } from "../config/config.ts";
import { AccessLog } from "../http/access-log/access-log.ts";
import { SecretsMask } from "../http/access-log/secrets-mask.ts";
import { ExchangeMetrics } from "../http/exchange-metrics.ts";
import { ExchangeWatch } from "../http/exchange-watch.ts";
import { SlowRequests } from "../http/slow-requests.ts";
import { BatchWriter } from "../telemetry/batch-writer.ts";
import { type LogDestination, LogDescriptor, LogFile } from "../telemetry/log-file.ts";
import type { Logger } from "../telemetry/logger.ts";

const STDOUT_FD = 1;

/** What a front writes and counts of its traffic: the access logs, and the metrics of all exchanges. */
export class FrontTelemetry {
  readonly exchanges: ExchangeMetrics = new ExchangeMetrics();
  readonly slowRequests: SlowRequests = new SlowRequests();
  readonly #writers = new Map<string, BatchWriter>();
  readonly #accessLogs: readonly AccessLog[];
  readonly #mask: SecretsMask;
  readonly #log: Logger;

  constructor({ accessLogs, maskedQueryNames, maskedHeaderNames }: LoggingConfig, log: Logger) {
    this.#log = log;
    this.#mask = new SecretsMask({ queryNames: maskedQueryNames, headerNames: maskedHeaderNames });
    this.#accessLogs = accessLogs.map((config) => new AccessLog(config, this.#writerFor(config)));
  }

  get accessLogs(): readonly AccessLogReport[] {
    return [...this.#writers].map(([path, { lineCount, droppedCount }]) => ({ path, lineCount, droppedCount }));
  }

  /** What watches the exchanges of one listener. */
  watch({ address }: ListenerConfig): ExchangeWatch {
    const name = "path" in address ? address.path : String(address.port);
    const accessLogs = this.#accessLogs.filter((each) => each.hasListener(name));
    return new ExchangeWatch({
      metrics: this.exchanges,
      slowRequests: this.slowRequests,
      accessLogs,
      mask: this.#mask,
      log: this.#log,
    });
  }

  /** Opens the files of the access logs anew, as after their rotation. */
  reopenLogs(): void {
    for (const writer of this.#writers.values()) writer.reopen();
  }

  /** Writes what is left, for at most so long. */
  async close(deadlineMs: number): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close(deadlineMs)));
  }

  /** Logs with one path share what writes to it, and its buffer is that of the first. */
  #writerFor({ file, bufferBytes }: AccessLogConfig): BatchWriter {
    const path = file ?? "stdout";
    const present = this.#writers.get(path);
    if (present !== undefined) return present;
    const destination: LogDestination = file === null ? new LogDescriptor(STDOUT_FD) : new LogFile(file);
    const writer = new BatchWriter({
      destination,
      bufferBytes,
      onDropped: (lineCount, error) =>
        this.#log.error("access log lines dropped", { path, lineCount, error: error ?? undefined }),
    });
    this.#writers.set(path, writer);
    return writer;
  }
}
