import type { Config } from "../config/config.ts";

/** What a stop may take beyond the waits that are configured: announcing it, and the exits of the processes. */
const STOP_MARGIN_MS = 3_000;

/** What a front needs to start beside its workers. */
const START_MARGIN_MS = 10_000;

/** How long a front may take to stop in good order: it waits as configured, and gives each worker its own time to exit. */
export function stopTimeoutMs({ server, apps }: Config): number {
  const workerStopMs = Math.max(0, ...apps.map((app) => app.pool.stopTimeoutMs));
  return server.shutdownDelayMs + server.graceTimeoutMs + workerStopMs + STOP_MARGIN_MS;
}

/**
 * How long a front may take until all its apps are ready: a first worker that hangs takes its start timeout, the one that is tried after it
 * another one.
 */
export function startTimeoutMs({ apps }: Config): number {
  return 2 * Math.max(...apps.map((app) => app.pool.startTimeoutMs)) + START_MARGIN_MS;
}
