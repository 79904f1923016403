import type { Logger } from "../../telemetry/logger.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import type { CapturedLine } from "../access-log/access-line.ts";
import type { AccessRecord } from "../access-log/access-record.ts";
import { ExchangeFacts, type RequestFacts, UnreadableFacts } from "../access-log/request-facts.ts";
import type { SecretsMask } from "../access-log/secrets-mask.ts";
import type { Dispatch, Exchange } from "../exchange.ts";
import { type CountedExchange, type ExchangeMetrics, METHODS } from "./exchange-metrics.ts";
import { type ExchangeOutcome, ExchangeTrace } from "./exchange-trace.ts";
import type { UnreadableRequest } from "../http-context.ts";
import type { RequestSpans, RequestTracer } from "./request-tracer.ts";
import type { SlowRequests } from "./slow-requests.ts";
import { WallTime } from "./wall-time.ts";

/** What is kept of the exchanges of one listener. */
export interface ExchangeWatchOptions {
  readonly metrics: ExchangeMetrics;
  readonly slowRequests: SlowRequests;
  /** Default: null, no request is traced. */
  readonly tracer?: RequestTracer | null;
  /** Those that the listener's requests may be in. */
  readonly accessLogs: readonly AccessLog[];
  readonly mask: SecretsMask;
  /** Gets a line for each request at the level `debug`. */
  readonly log: Logger;
}

/** Watches the exchanges of one listener: counts them, and writes their lines when they have ended. */
export class ExchangeWatch {
  readonly #options: ExchangeWatchOptions;

  constructor(options: ExchangeWatchOptions) {
    this.#options = options;
  }

  /** Has every exchange watched that comes by. Whoever changes whom a request is from comes before it. */
  over(dispatch: Dispatch): Dispatch {
    return (exchange) => {
      exchange.trace = new WatchedExchange(exchange, this.#options);
      return dispatch(exchange);
    };
  }

  /** Counts a request that nobody was asked to answer, and writes its line: who sends such things is worth knowing. */
  onUnreadable(request: UnreadableRequest): void {
    const { metrics, accessLogs } = this.#options;
    const record = { ...UNREADABLE, status: request.status, arrivedMs: Date.now() };
    metrics.count({ ...record, methodIndex: OTHER, httpMajor: request.httpMajor });
    if (accessLogs.length === 0) return;
    const facts = new UnreadableFacts(request);
    for (const log of accessLogs) {
      const captured = log.capture(facts);
      if (captured !== null) log.write(captured, record);
    }
  }
}

const wallTime = new WallTime();

const OTHER = METHODS.indexOf("OTHER");

const UNREADABLE = {
  app: null,
  user: null,
  outcome: "refused",
  bodyBytes: 0,
  durationMs: 0,
  firstByteMs: -1,
  queueMs: -1,
  workMs: -1,
} as const;

/** One exchange on its way. */
class WatchedExchange extends ExchangeTrace implements CountedExchange, AccessRecord {
  readonly methodIndex: number;
  readonly httpMajor: 1 | 2 | 3;
  durationMs = 0;
  firstByteMs = -1;
  outcome: ExchangeOutcome = "answered";
  readonly #options: ExchangeWatchOptions;
  readonly #startedMs = performance.now();
  readonly #path: string;
  /** Of each access log; `null` when there is none to write. */
  readonly #captured: readonly (CapturedLine | null)[] | null;
  /** `null` for a request that is not traced. */
  readonly #spans: RequestSpans | null;
  /** For the debug log. */
  readonly #facts: DebugFacts | null;

  constructor(exchange: Exchange, options: ExchangeWatchOptions) {
    super();
    this.#options = options;
    this.methodIndex = indexOfMethod(exchange);
    this.httpMajor = exchange.httpMajor;
    this.isHead = this.methodIndex === HEAD;
    this.#path = exchange.head.path;
    const { accessLogs, log, mask } = options;
    const isDebug = log.isEnabled("debug");
    const facts = accessLogs.length > 0 || isDebug ? new ExchangeFacts(exchange, mask) : null;
    this.#captured = facts === null || accessLogs.length === 0 ? null : captureAll(accessLogs, facts);
    this.#facts = facts !== null && isDebug ? debugFacts(facts) : null;
    // Last of all: the log has the request as it came.
    this.#spans = options.tracer?.begin(exchange) ?? null;
  }

  /** Milliseconds since the epoch, once it has ended. */
  get arrivedMs(): number {
    return wallTime.of(this.#startedMs, this.#startedMs + this.durationMs);
  }

  onBegin(): void {
    this.firstByteMs = performance.now() - this.#startedMs;
  }

  onEnd(outcome: ExchangeOutcome): void {
    const { metrics, accessLogs, log } = this.#options;
    this.outcome = outcome;
    this.durationMs = performance.now() - this.#startedMs;
    if (this.firstByteMs === -1 && this.status !== 0) this.firstByteMs = this.durationMs;
    // Pools time by turns of the event loop, which begin before what is read in them: no part is longer than the whole.
    this.queueMs = Math.min(this.queueMs, this.durationMs);
    this.workMs = Math.min(this.workMs, this.durationMs - Math.max(this.queueMs, 0));
    metrics.count(this);
    this.#offer();
    this.#endSpans();
    if (this.#captured !== null) {
      for (let index = 0; index < this.#captured.length; index++) {
        const captured = this.#captured[index]!;
        if (captured !== null) accessLogs[index]!.write(captured, this);
      }
    }
    if (this.#facts === null) return;
    const { app, status, bodyBytes, durationMs, queueMs, workMs } = this;
    log.debug("request ended", { ...this.#facts, app, outcome, status, bodyBytes, durationMs, queueMs, workMs });
  }

  #endSpans(): void {
    if (this.#spans === null) return;
    const { arrivedMs, httpMajor, app, status, outcome, durationMs, firstByteMs, queueMs, workMs } = this;
    const times = { arrivedMs, durationMs, firstByteMs, queueMs, workMs };
    this.#spans.end({
      ...times,
      method: METHODS[this.methodIndex]!,
      path: this.#path,
      httpMajor,
      app,
      status,
      outcome,
    });
  }

  #offer(): void {
    const { slowRequests } = this.#options;
    const { app, status, outcome, durationMs, queueMs, workMs, firstByteMs } = this;
    const latencyMs = firstByteMs === -1 ? durationMs : firstByteMs;
    if (!slowRequests.wants(latencyMs, this.#startedMs + durationMs)) return;
    const facts = {
      arrivedMs: this.arrivedMs,
      method: METHODS[this.methodIndex]!,
      path: this.#path,
      app,
      status,
      outcome,
    };
    slowRequests.add({ ...facts, latencyMs, durationMs, queueMs, workMs });
  }
}

function captureAll(accessLogs: readonly AccessLog[], facts: RequestFacts): (CapturedLine | null)[] {
  const captured: (CapturedLine | null)[] = [];
  for (const log of accessLogs) captured.push(log.capture(facts));
  return captured;
}

type DebugFacts = Pick<RequestFacts, "method" | "target" | "protocol" | "client" | "requestId">;

function debugFacts({ method, target, protocol, client, requestId }: RequestFacts): DebugFacts {
  return { method, target, protocol, client, requestId };
}

const HEAD = METHODS.indexOf("HEAD");

function indexOfMethod({ head }: Exchange): number {
  for (let index = 0; index < OTHER; index++) if (head.isMethod(METHODS[index]!)) return index;
  return OTHER;
}
