import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import type { ServerConfig } from "../../config/server-config.ts";

/** What a stop may take beyond the waits that are configured: announcing it, and the exits of the processes. */
const STOP_MARGIN_MS = 3_000;

/** What a front needs to start beside its workers. */
const START_MARGIN_MS = 10_000;

/** How long a front may take to stop in good order: it waits as configured, and gives each worker its own time to exit. */
export function stopTimeoutMs({ server, apps }: Pick<Config, "server" | "apps">): number {
  const workerStopMs = Math.max(0, ...apps.map((app) => app.pool.stopTimeoutMs));
  return longestDelayMs({ server, apps }) + longestGraceMs({ server, apps }) + workerStopMs + STOP_MARGIN_MS;
}

/** How long an app is served on in a stop. */
export function delayMsOf({ pool }: AppConfig, { shutdownDelayMs }: ServerConfig): number {
  return pool.shutdownDelayMs ?? shutdownDelayMs;
}

/** How long connections are taken in a stop: as long as any app is served. */
export function longestDelayMs({ server, apps }: Pick<Config, "server" | "apps">): number {
  return apps.length === 0 ? server.shutdownDelayMs : Math.max(...apps.map((app) => delayMsOf(app, server)));
}

/** What the requests of an app have to come to their end. */
export function graceMsOf({ pool }: AppConfig, { graceTimeoutMs }: ServerConfig): number {
  return pool.graceTimeoutMs ?? graceTimeoutMs;
}

/** What connections have: as long as any app of theirs. */
export function longestGraceMs({ server, apps }: Pick<Config, "server" | "apps">): number {
  return Math.max(server.graceTimeoutMs, ...apps.map((app) => graceMsOf(app, server)));
}

/**
 * How long a front may take until all its apps are ready: a first worker that hangs takes its start timeout, the one that is tried after it
 * another one.
 */
export function startTimeoutMs({ apps }: Config): number {
  return 2 * Math.max(...apps.map((app) => app.pool.startTimeoutMs)) + START_MARGIN_MS;
}
