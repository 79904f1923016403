import type { FrontReport, ListenerReport, RelayCounts } from "../../admin/front-report.ts";
import type { ListenerConfig } from "../../config/server-config.ts";
import type { LoopDelay } from "../../telemetry/loop-delay.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import type { FrontTelemetry } from "./front-telemetry.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";

/** What a front looks at to tell of itself. */
export interface FrontParts {
  readonly isReady: boolean;
  readonly listenerConfigs: readonly ListenerConfig[];
  /** In the same order; shorter while they are being opened. */
  readonly listeners: readonly ServingListener[];
  readonly pools: readonly WorkerPool[];
  readonly telemetry: FrontTelemetry;
  readonly relay: RelayCounts;
  readonly loopDelay: LoopDelay;
}

/** Everything there is to tell of this process as a front. Looks at every worker: for operators and scrapers, not for hot paths. */
export function reportFront(parts: FrontParts): FrontReport {
  const { isReady, listenerConfigs, listeners, pools, telemetry, relay, loopDelay } = parts;
  return {
    pid: process.pid,
    isReady,
    uptimeMs: performance.now(),
    residentBytes: process.memoryUsage.rss(),
    loopDelayMs: loopDelay.maxMs,
    listeners: listeners.map((listener, index) => reportListener(listenerConfigs[index]!, listener)),
    pools: pools.map((pool) => ({ app: pool.appName, status: pool.status, workers: pool.workers, ends: pool.ends })),
    exchanges: telemetry.exchanges.snapshot(),
    accessLogs: telemetry.accessLogs,
    spans: telemetry.spans,
    relay,
    userMetrics: telemetry.userMetrics.snapshot(),
    slowRequests: telemetry.slowRequests.list(performance.now()),
  };
}

function reportListener({ address }: ListenerConfig, listener: ServingListener): ListenerReport {
  const { connectionCount, refusedCount, bodyMemoryBytes, counters, traffic } = listener;
  const name = "path" in address ? address.path : String(address.port);
  return { name, connectionCount, refusedCount, bodyMemoryBytes, counters, traffic };
}
