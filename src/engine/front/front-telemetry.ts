import { statSync } from "node:fs";
import { VERSION } from "../../base/version.ts";
import type { AccessLogReport, SpanCounts } from "../../admin/front-report.ts";
import type { Config, TracingConfig } from "../../config/config.ts";
import type { AccessLogConfig } from "../../config/logging-config.ts";
import type { ListenerConfig } from "../../config/server-config.ts";
import { AccessLog } from "../../http/access-log/access-log.ts";
import { SecretsMask } from "../../http/access-log/secrets-mask.ts";
import { ExchangeMetrics } from "../../http/watch/exchange-metrics.ts";
import { ExchangeWatch } from "../../http/watch/exchange-watch.ts";
import { RequestTracer } from "../../http/watch/request-tracer.ts";
import { SlowRequests } from "../../http/watch/slow-requests.ts";
import { BatchWriter, PIPE_PIECE_BYTES } from "../../telemetry/batch-writer.ts";
import { type LogDestination, LogDescriptor, LogFile } from "../../telemetry/log-file.ts";
import { postJson } from "../../kernel/post-json.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { UserMetrics } from "../../telemetry/user-metrics.ts";
import { SpanExporter } from "../../telemetry/tracing/span-exporter.ts";

const STDOUT_FD = 1;

/** What it is made from. */
type TelemetryConfig = Pick<Config, "logging" | "tracing" | "name">;

/** What a front writes and counts of its traffic: the access logs, and the metrics of all exchanges. */
export class FrontTelemetry {
  readonly exchanges: ExchangeMetrics = new ExchangeMetrics();
  readonly slowRequests: SlowRequests = new SlowRequests();
  /** What apps count of their own. */
  readonly userMetrics: UserMetrics = new UserMetrics();
  readonly #writers = new Map<string, BatchWriter>();
  readonly #accessLogs: readonly AccessLog[];
  readonly #mask: SecretsMask;
  readonly #exporter: SpanExporter | null;
  readonly #tracer: RequestTracer | null;
  readonly #log: Logger;
  readonly #isAlone: boolean;

  /** @param isAlone false where other fronts write to the same logs. */
  constructor({ logging, tracing, name }: TelemetryConfig, isAlone: boolean, log: Logger) {
    const { accessLogs, maskedQueryNames, maskedHeaderNames } = logging;
    this.#exporter = tracing === null ? null : openExporter(tracing, name, log);
    this.#tracer = tracing === null || this.#exporter === null ? null : createTracer(tracing, this.#exporter);
    this.#log = log;
    this.#isAlone = isAlone;
    this.#mask = new SecretsMask({ queryNames: maskedQueryNames, headerNames: maskedHeaderNames });
    this.#accessLogs = accessLogs.map((config) => new AccessLog(config, this.#writerFor(config)));
  }

  get accessLogs(): readonly AccessLogReport[] {
    return [...this.#writers].map(([path, { lineCount, droppedCount }]) => ({ path, lineCount, droppedCount }));
  }

  /** What has become of spans. */
  get spans(): SpanCounts {
    return { sentCount: this.#exporter?.sentCount ?? 0, droppedCount: this.#exporter?.droppedCount ?? 0 };
  }

  /** What watches the exchanges of one listener. */
  watch({ address }: ListenerConfig): ExchangeWatch {
    const name = "path" in address ? address.path : String(address.port);
    const accessLogs = this.#accessLogs.filter((each) => each.hasListener(name));
    return new ExchangeWatch({
      metrics: this.exchanges,
      slowRequests: this.slowRequests,
      tracer: this.#tracer,
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
    const writers = [...this.#writers.values()];
    await Promise.all([...writers.map((writer) => writer.close(deadlineMs)), this.#exporter?.close(deadlineMs)]);
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
      // A file takes any piece as a whole: it is opened to append.
      ...(!this.#isAlone && isPipe(file) && { pieceBytes: PIPE_PIECE_BYTES }),
      onDropped: (lineCount, error) =>
        this.#log.error("access log lines dropped", { path, lineCount, error: error ?? undefined }),
    });
    this.#writers.set(path, writer);
    return writer;
  }
}

function isPipe(file: string | null): boolean {
  return file === null || (statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false);
}

function openExporter({ endpoint, headers }: TracingConfig, name: string, log: Logger): SpanExporter {
  const resource = {
    "service.name": name,
    "service.version": VERSION,
    "service.instance.id": `${name}-${process.pid}`,
  };
  return new SpanExporter({ endpoint, headers, resource, version: VERSION, post: postJson, log });
}

function createTracer({ sampleShare, isFollowed }: TracingConfig, exporter: SpanExporter): RequestTracer {
  return new RequestTracer({ exporter, sampleShare, isFollowed, random: Math.random });
}
